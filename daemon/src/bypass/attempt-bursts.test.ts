import { bypassMethods } from '@khien/shared/event';
import { newId } from '@khien/shared/id';
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { type AttemptBurst, AttemptBursts, type DeviceAttempt } from './attempt-bursts.ts';

const SECOND = 1000;
const MINUTE = 60 * SECOND;
const DAY = 24 * 60 * MINUTE;
const START = Date.UTC(2026, 10, 21, 12);
const profile = newId();
const device = newId();

function attempt(at: number, more: Partial<DeviceAttempt> = {}): DeviceAttempt {
  return { profile, device, method: 'vpn', service: null, at, ...more };
}

describe('AttemptBursts', () => {
  test('tells of the first at once, and of what follows every five minutes and at the end, under one id', () => {
    const bursts = new AttemptBursts();
    const told: [number, AttemptBurst][] = [];
    for (let second = 0; second <= 2700; second += 5) {
      const at = START + second * SECOND;
      const now = [...(second <= 600 ? bursts.add(attempt(at)) : []), ...bursts.due(at)];
      told.push(...now.map((burst): [number, AttemptBurst] => [second, burst]));
    }
    expect(told.map(([second, { count }]) => [second, count])).toEqual([
      [0, 1],
      [300, 61],
      [600, 121],
    ]);
    expect(new Set(told.map(([, { burst }]) => burst)).size).toBe(1);
  });

  test('takes the packets of one refused connection for one try', () => {
    const bursts = new AttemptBursts();
    bursts.add(attempt(START));
    for (const delay of [1, 500, 3999]) expect(bursts.add(attempt(START + delay))).toEqual([]);
    expect(bursts.end()).toEqual([]);
  });

  test('opens another after half an hour of silence, and when the clock was set back as far', () => {
    const bursts = new AttemptBursts();
    const first = bursts.add(attempt(START));
    const second = bursts.add(attempt(START + 30 * MINUTE));
    const third = bursts.add(attempt(START - MINUTE));
    expect([first, second, third].map((told) => told.length)).toEqual([1, 1, 1]);
    expect(new Set([first, second, third].flat().map(({ burst }) => burst)).size).toBe(3);
  });

  test('keeps devices, methods and services apart', () => {
    const bursts = new AttemptBursts();
    for (const more of [
      {},
      { device: newId() },
      { method: 'tor' },
      { method: 'direct-address', service: 'tiktok' },
      { method: 'direct-address', service: 'youtube' },
    ] as const) {
      expect(bursts.add(attempt(START, more))).toHaveLength(1);
    }
  });

  test('tells once a day of a phone that asks another resolver for every name', () => {
    const bursts = new AttemptBursts();
    const told: number[] = [];
    for (let minute = 0; minute <= 3 * 24 * 60; minute++) {
      const at = START + minute * MINUTE;
      for (const { count } of [...bursts.add(attempt(at, { method: 'foreign-dns' })), ...bursts.due(at)]) {
        told.push(count);
      }
    }
    // The first of a day, and at its end how many there were.
    expect(told).toEqual([1, 1440, 1, 1440, 1, 1440, 1]);
  });

  test('ends what goes on for more than a day', () => {
    const bursts = new AttemptBursts();
    for (let at = START; at < START + DAY; at += 10 * MINUTE) bursts.add(attempt(at));
    const [last, next] = bursts.add(attempt(START + DAY));
    expect(last).toMatchObject({ firstAt: START, count: 144 });
    expect(next).toMatchObject({ firstAt: START + DAY, count: 1 });
  });

  test('ends the one that grew longest ago where too many are open', () => {
    const bursts = new AttemptBursts(2);
    const of = (service: string, at: number) =>
      bursts.add(attempt(at, { method: 'direct-address', service }));
    of('a', START);
    of('b', START + SECOND);
    of('a', START + 10 * SECOND);
    expect(of('c', START + 20 * SECOND)).toMatchObject([{ service: 'c' }]);
    expect(of('d', START + 30 * SECOND)).toMatchObject([{ service: 'a', count: 2 }, { service: 'd' }]);
  });

  test('the last that is told of a burst is all of it, however many come', () => {
    const step = fc.record({ wait: fc.nat(40 * MINUTE), method: fc.constantFrom(...bypassMethods) });
    fc.assert(
      fc.property(fc.array(step, { minLength: 1, maxLength: 80 }), (steps) => {
        const bursts = new AttemptBursts();
        const last = new Map<string, AttemptBurst>();
        const lastOf = new Map<string, number>();
        let now = START;
        let tries = 0;
        const tell = (told: AttemptBurst[]) => {
          for (const burst of told) {
            expect(burst.count).toBeGreaterThanOrEqual(last.get(burst.burst)?.count ?? 1);
            expect(burst.lastAt).toBeGreaterThanOrEqual(burst.firstAt);
            last.set(burst.burst, burst);
          }
        };
        for (const { wait, method } of steps) {
          now += wait;
          if (now - (lastOf.get(method) ?? 0) >= 4 * SECOND) {
            tries += 1;
            lastOf.set(method, now);
          }
          tell(bursts.add(attempt(now, { method })));
          tell(bursts.due(now));
        }
        tell(bursts.end());
        expect([...last.values()].reduce((sum, { count }) => sum + count, 0)).toBe(tries);
      }),
    );
  });
});
