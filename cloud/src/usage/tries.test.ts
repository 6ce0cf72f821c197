import { type Id, newId } from '@khien/shared/id';
import { DAY, MINUTE, quotaDayAt } from '@khien/shared/policy';
import fc from 'fast-check';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { type Parent, TestCloud } from '../cloud.fixture.ts';
import { loadTries } from './tries.ts';

let cloud: TestCloud;
let parent: Parent;
let profile: Id;
let device: Id;
beforeEach(async () => {
  cloud = await TestCloud.start();
  parent = await cloud.signUp();
  device = await cloud.findDevice(parent, await cloud.claimRouter(parent), '3c:22:fb:00:00:01');
  profile = await parent.addChild('9-11');
});
afterEach(() => cloud.stop());

const kinds = ['service', 'name', 'quota', 'bypass'] as const;
// A clock change within, and zones that are off by three quarters.
const zones = ['Asia/Ho_Chi_Minh', 'Asia/Kathmandu', 'Australia/Lord_Howe', 'America/New_York'];
const burst = fc.record({
  since: fc.integer({ min: -2 * DAY, max: 40 * DAY }),
  lasts: fc.integer({ min: 0, max: DAY }),
  kind: fc.constantFrom(...kinds),
  target: fc.constantFrom('doh', 'vpn'),
  tries: fc.integer({ min: 1, max: 1000 }),
});

test('sums are those of the bursts one by one, by the day on which each began', async () => {
  const from = Date.UTC(2026, 9, 1);
  const to = from + 38 * DAY;
  await fc.assert(
    fc.asyncProperty(
      fc.array(burst, { minLength: 1, maxLength: 60 }),
      fc.constantFrom(...zones),
      fc.integer({ min: 0, max: 24 * 60 - 1 }),
      async (bursts, zone, minute) => {
        const offsets = cloud.app.cloud.zones.around(zone, from + 20 * DAY);
        const quotaReset = new Date(minute * MINUTE).toISOString().slice(11, 16);
        await cloud.store.db.deleteFrom('burst').execute();
        const rows = bursts.map(({ since, lasts, kind, target, tries }) => ({
          ...{ id: newId(), household: parent.household, profile, device, tries },
          ...{ target_kind: kind, target_id: target, target_name: '' },
          ...{ first_at: from + since, last_at: from + since + lasts },
        }));
        await cloud.store.db.insertInto('burst').values(rows).execute();
        const sums = (
          all: readonly { day: string; kind: string; method: string | null; tries: number }[],
        ) => {
          const by = new Map<string, number>();
          for (const { day, kind, method, tries } of all) {
            const key = `${day} ${kind} ${method}`;
            by.set(key, (by.get(key) ?? 0) + tries);
          }
          return by;
        };
        const expected = rows
          .filter(({ first_at }) => first_at >= from && first_at < to)
          .map(({ first_at, target_kind, target_id, tries }) => ({
            day: quotaDayAt(quotaReset, offsets, first_at).date,
            kind: target_kind,
            method: target_kind === 'bypass' ? target_id : null,
            tries,
          }));
        const found = await loadTries(cloud.store.db, { id: profile, quotaReset }, offsets, { from, to });
        expect(sums(found)).toEqual(sums(expected));
      },
    ),
    { numRuns: 60 },
  );
});

test('a child that tried ten thousand times is read in as many sums as there are quarters of an hour', async () => {
  const rows = Array.from({ length: 1000 }, (_, index) => ({
    ...{ id: newId(), household: parent.household, profile, device, tries: 10 },
    ...{ target_kind: 'name' as const, target_id: 'x.example', target_name: 'x.example' },
    ...{ first_at: cloud.now - DAY + index * 1000, last_at: cloud.now },
  }));
  await cloud.store.db.insertInto('burst').values(rows).execute();
  const within = { from: cloud.now - 2 * DAY, to: cloud.now };
  const found = await loadTries(cloud.store.db, { id: profile, quotaReset: '00:00' }, [], within);
  expect(found.length).toBeLessThanOrEqual(3);
  expect(found.reduce((sum, { tries }) => sum + tries, 0)).toBe(10_000);
});
