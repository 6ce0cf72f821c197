import { newId } from '@khien/shared/id';
import type { BlockTarget } from '@khien/shared/policy';
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import type { BlockedHit } from '../dns/query-handler.ts';
import { type Burst, Bursts } from './bursts.ts';

const SECOND = 1000;
const START = Date.UTC(2026, 10, 21, 12);
const profile = newId();
const device = newId();

const service = (id: string): BlockTarget => ({ kind: 'service', id, name: `${id}.com` });

function hit(name = 'www.tiktok.com', target = service('tiktok'), by = device): BlockedHit {
  return { profile, device: by, target, name };
}

describe('Bursts', () => {
  test('tells of the first hit at once', () => {
    expect(new Bursts().hit(hit(), START)).toMatchObject([
      { profile, device, target: service('tiktok'), count: 1, firstAt: START, lastAt: START },
    ]);
  });

  test('takes the queries of one page load for one try', () => {
    const bursts = new Bursts();
    bursts.hit(hit(), START);
    for (const delay of [1, 2, 50, 1500, 1999]) expect(bursts.hit(hit(), START + delay)).toEqual([]);
    expect(bursts.due(START + 30 * SECOND)).toEqual([]);
    expect(bursts.due(START + 62 * SECOND)).toEqual([]);
    expect(bursts.nextAt()).toBe(null);
  });

  test('counts another name, and the same name later, as another try', () => {
    const bursts = new Bursts();
    bursts.hit(hit(), START);
    bursts.hit(hit('v16.tiktokcdn.com'), START + 100);
    bursts.hit(hit(), START + 2 * SECOND);
    bursts.hit(hit(), START + 3 * SECOND);
    bursts.hit(hit(), START + 4 * SECOND);
    const [told] = bursts.due(START + 30 * SECOND);
    expect(told).toMatchObject({ count: 4, firstAt: START, lastAt: START + 4 * SECOND });
  });

  test('tells of one that grows every half minute, and once more when it ends, always under the same id', () => {
    const bursts = new Bursts();
    const told: [number, Burst][] = [];
    for (let second = 0; second <= 200; second += 1) {
      const now = START + second * SECOND;
      const due = second <= 100 && second % 5 === 0 ? bursts.hit(hit(), now) : bursts.due(now);
      told.push(...due.map((burst): [number, Burst] => [second, burst]));
    }
    expect(told.map(([second, { count }]) => [second, count])).toEqual([
      [0, 1],
      [31, 7],
      [61, 13],
      [91, 19],
      [121, 21],
    ]);
    expect(new Set(told.map(([, { burst }]) => burst)).size).toBe(1);
    expect(bursts.nextAt()).toBe(null);
  });

  test('opens another after a minute of silence, or when the clock is set back', () => {
    const bursts = new Bursts();
    const [first] = bursts.hit(hit(), START);
    expect(bursts.hit(hit(), START + 59 * SECOND)).toEqual([]);
    const [grown, second] = bursts.hit(hit(), START + 119 * SECOND);
    expect(grown).toMatchObject({ burst: first?.burst, count: 2 });
    expect(second).toMatchObject({ count: 1, firstAt: START + 119 * SECOND });
    const [third] = bursts.hit(hit(), START);
    expect(third).toMatchObject({ count: 1, firstAt: START });
    expect(new Set([first?.burst, second?.burst, third?.burst]).size).toBe(3);
  });

  test('keeps devices and targets apart', () => {
    const bursts = new Bursts();
    const other = newId();
    expect(bursts.hit(hit(), START)).toHaveLength(1);
    expect(bursts.hit(hit('www.tiktok.com', service('tiktok'), other), START)).toHaveLength(1);
    expect(bursts.hit(hit('youtube.com', service('youtube')), START)).toHaveLength(1);
    expect(bursts.hit(hit('x.com', { kind: 'name', id: 'tiktok', name: 'x.com' }), START)).toHaveLength(1);
  });

  test('ends the one hit longest ago where too many are open', () => {
    const bursts = new Bursts(2);
    bursts.hit(hit('a.com', service('a')), START);
    bursts.hit(hit('b.com', service('b')), START + 1);
    bursts.hit(hit('a2.com', service('a')), START + 2);
    expect(bursts.hit(hit('c.com', service('c')), START + 3)).toMatchObject([{ target: { id: 'c' } }]);
    expect(bursts.hit(hit('d.com', service('d')), START + 4)).toMatchObject([
      { target: { id: 'a' }, count: 2 },
      { target: { id: 'd' }, count: 1 },
    ]);
  });

  test('at the end tells only of what has grown', () => {
    const bursts = new Bursts();
    bursts.hit(hit('a.com', service('a')), START);
    bursts.hit(hit('b.com', service('b')), START);
    bursts.hit(hit('b2.com', service('b')), START + SECOND);
    expect(bursts.end()).toMatchObject([{ target: { id: 'b' }, count: 2 }]);
    expect(bursts.end()).toEqual([]);
  });

  test('the last that is told of a burst is all of it, whenever it is asked', () => {
    const step = fc.record({ wait: fc.nat(40 * SECOND), name: fc.nat(3), target: fc.nat(2) });
    fc.assert(
      fc.property(fc.array(step, { minLength: 1, maxLength: 60 }), (steps) => {
        const bursts = new Bursts();
        const last = new Map<string, Burst>();
        let now = START;
        const tell = (told: Burst[]) => {
          for (const burst of told) {
            expect(burst.count).toBeGreaterThanOrEqual(last.get(burst.burst)?.count ?? 0);
            expect(burst.lastAt).toBeGreaterThanOrEqual(burst.firstAt);
            last.set(burst.burst, burst);
          }
        };
        let tries = 0;
        const counted = new Map<string, number>();
        for (const { wait, name, target } of steps) {
          now += wait;
          const id = `s${target}`;
          const asked = `n${name}.${id}.com`;
          if (now - (counted.get(asked) ?? Number.NEGATIVE_INFINITY) >= 2 * SECOND) {
            counted.set(asked, now);
            tries += 1;
          }
          tell(bursts.hit(hit(asked, service(id)), now));
        }
        tell(bursts.due(now + 61 * SECOND));
        expect([...last.values()].reduce((sum, burst) => sum + burst.count, 0)).toBe(tries);
      }),
    );
  });
});
