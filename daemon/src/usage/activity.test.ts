import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { ACTIVE, ActivityMeter, type Reading } from './activity.ts';
import { MINUTE } from './minute-set.ts';

const mac = '02:00:00:00:00:01';
const QUARTER = 15_000;

/** Whether each of the first `minutes` minutes is active, for bytes by the second. */
function activeMinutes(bytesAt: (second: number) => number, minutes: number): number {
  const meter = new ActivityMeter();
  const active = new Set<number>();
  for (let from = 0; from < minutes * MINUTE; from += QUARTER) {
    let bytes = 0;
    for (let second = from / 1000; second < (from + QUARTER) / 1000; second++) bytes += bytesAt(second);
    const traffic = [{ mac, service: null, bytes, packets: 1 }];
    for (const { minute } of meter.take({ from, to: from + QUARTER, traffic })) active.add(minute);
  }
  return active.size;
}

describe('what counts as use', () => {
  it.each([
    [
      'telemetry of an idle Android, 1 MB in 12 hours, every 4.5 minutes',
      (at: number) => (at % 270 === 0 ? 6250 : 0),
    ],
    ['telemetry of an idle iPhone', (at: number) => (at % 270 === 0 ? 330 : 0)],
    ['messengers that wait, each with its keep-alive', (at: number) => (at % 30 === 7 ? 3 * 600 : 0)],
    [
      'all of that with mail every 5 minutes',
      (at: number) =>
        (at % 270 === 0 ? 6250 : 0) + (at % 30 === 7 ? 1800 : 0) + (at % 300 === 100 ? 40_000 : 0),
    ],
    ['queries for names', () => 200],
  ])('not: %s', (_, bytesAt) => {
    expect(activeMinutes(bytesAt, 60)).toBe(0);
  });

  it.each([
    ['a voice call at 24 kbit/s each way', () => 2 * 3000],
    [
      'a video of the lowest quality, 100 kbit/s in bursts of ten seconds',
      (at: number) => (at % 10 === 0 ? 125_000 : 0),
    ],
    ['a game at 20 packets of 80 bytes a second each way', () => 2 * 20 * 80],
    ['a page of the web in every minute', (at: number) => (at % 60 === 30 ? 2_000_000 : 0)],
  ])('yes: %s', (_, bytesAt) => {
    expect(activeMinutes(bytesAt, 60)).toBe(60);
  });
});

it('counts devices and services apart', () => {
  const meter = new ActivityMeter();
  const traffic = [
    { mac, service: null, bytes: ACTIVE.network - 1, packets: 1 },
    { mac, service: 'tiktok', bytes: ACTIVE.service, packets: 1 },
    { mac: '02:00:00:00:00:02', service: null, bytes: ACTIVE.network - 1, packets: 1 },
  ];
  expect(meter.take({ from: 0, to: 15_000, traffic })).toEqual([{ mac, service: 'tiktok', minute: 0 }]);
});

it('takes what came over a longer time as spread evenly', () => {
  const over = (minutes: number, bytes: number) => {
    const traffic = [{ mac, service: null, bytes, packets: 1 }];
    return new ActivityMeter().take({ from: 0, to: minutes * MINUTE, traffic }).map(({ minute }) => minute);
  };
  expect(over(4, 4 * ACTIVE.network)).toEqual([0, 1, 2, 3]);
  expect(over(4, 4 * ACTIVE.network - 8)).toEqual([]);
});

it('leaves what a late timer carries over the end of a minute to that minute', () => {
  const traffic = [{ mac, service: null, bytes: 100_000_000, packets: 1 }];
  const take = (from: number, to: number) =>
    new ActivityMeter().take({ from, to, traffic }).map(({ minute }) => minute);
  expect(take(45_010, 60_012)).toEqual([0]);
  expect(take(59_990, 75_000)).toEqual([1]);
  expect(take(50_000, 70_000)).toEqual([0, 1]);
});

it('does not care for the order of readings', () => {
  const readings = fc.array(
    fc.record({ quarter: fc.integer({ min: 0, max: 19 }), bytes: fc.integer({ min: 0, max: 50_000 }) }),
    { maxLength: 20 },
  );
  const result = (all: readonly Reading[]) => {
    const meter = new ActivityMeter();
    return [...new Set(all.flatMap((reading) => meter.take(reading).map(({ minute }) => minute)))].sort();
  };
  fc.assert(
    fc.property(
      readings.chain((all) =>
        fc.tuple(fc.constant(all), fc.shuffledSubarray(all, { minLength: all.length })),
      ),
      ([all, shuffled]) => {
        const asReadings = (each: typeof all) =>
          each.map(({ quarter, bytes }) => ({
            from: quarter * QUARTER,
            to: (quarter + 1) * QUARTER,
            traffic: [{ mac, service: null, bytes, packets: 1 }],
          }));
        expect(result(asReadings(shuffled))).toEqual(result(asReadings(all)));
      },
    ),
  );
});
