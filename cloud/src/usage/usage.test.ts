import type { EventOf } from '@khien/shared/event';
import { type Id, newId } from '@khien/shared/id';
import type { State } from '@khien/shared/topic';
import fc from 'fast-check';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { type Parent, TestCloud } from '../cloud.fixture.ts';
import { usageReportSchema } from './schema.ts';

const DAY = 86_400_000;
const network = { kind: 'network' } as const;
const games = { kind: 'category', id: 'games' } as const;

let cloud: TestCloud;
let parent: Parent;
let router: Id;
let device: Id;
let profile: Id;
beforeEach(async () => {
  cloud = await TestCloud.start();
  parent = await cloud.signUp();
  router = await cloud.claimRouter(parent);
  device = await cloud.findDevice(parent, router, '3c:22:fb:00:00:01');
  profile = await parent.addChild('9-11');
  cloud.announced.length = 0;
});
afterEach(() => cloud.stop());

type UsageEvent = EventOf<'usage'>;
const usage = (change: Partial<UsageEvent> = {}): UsageEvent => ({
  id: newId(),
  at: cloud.now,
  timeSource: 'ntp',
  kind: 'usage',
  profile,
  day: '2026-06-01',
  of: network,
  minutes: 10,
  ...change,
});
const tell = (...events: UsageEvent[]) => cloud.ingest.ingest(router, events);
const report = async (days = 7, child = profile) =>
  usageReportSchema.parse((await parent.get(`/profiles/${child}/usage?days=${days}`)).json()).days;
const rows = () => cloud.store.db.selectFrom('usage').selectAll().execute();
const state = (change: Partial<State>): State => ({
  at: cloud.now,
  timeSource: 'ntp',
  daemon: '0.1.0',
  inForce: { policy: 1, contacts: 1, lists: 1 },
  enforcement: 'enforcing',
  devices: [],
  usage: [],
  lists: null,
  ...change,
});

describe('what is told of a child’s minutes', () => {
  test('is the most that was told, whatever order it comes in and by which way', async () => {
    await fc.assert(
      fc.asyncProperty(
        fc.array(fc.tuple(fc.integer({ min: 0, max: 300 }), fc.boolean()), { minLength: 1, maxLength: 8 }),
        async (told) => {
          await cloud.store.db.deleteFrom('usage').execute();
          for (const [minutes, byState] of told) {
            if (byState) {
              const now = { profile, day: '2026-06-01', of: games, minutes };
              await cloud.applyState(router, state({ usage: [now] }));
            } else {
              await tell(usage({ of: games, minutes }));
            }
          }
          const most = Math.max(...told.map(([minutes]) => minutes));
          expect(await rows()).toMatchObject([{ profile, target_id: 'games', minutes: most }]);
        },
      ),
      { numRuns: 20 },
    );
  });

  test('tells pages once of what is new', async () => {
    const told = usage();
    await tell(told);
    expect(cloud.announced).toEqual([{ household: parent.household, changed: 'home' }]);
    cloud.announced.length = 0;
    await tell(told, usage(), usage({ minutes: 3 }));
    expect(cloud.announced).toEqual([]);
    await cloud.applyState(router, state({}));
    cloud.announced.length = 0;
    await cloud.applyState(
      router,
      state({ usage: [{ profile, day: '2026-06-01', of: network, minutes: 10 }] }),
    );
    expect(cloud.announced).toEqual([]);
  });

  test.each<[string, () => Partial<UsageEvent>]>([
    ['a child of others', () => ({ profile: newId() })],
    ['what the child has no quota of', () => ({ of: { kind: 'service', id: 'tiktok' } })],
    ['a category that is none', () => ({ of: { kind: 'category', id: 'nonsense' } })],
    ['a day that has not come', () => ({ day: '2026-06-03' })],
    ['a day that is long past', () => ({ day: '2026-04-30' })],
    ['a clock that nobody set', () => ({ timeSource: 'unsynced' })],
  ])('is not kept of %s', async (_what, change) => {
    await tell(usage(change()));
    expect(await rows()).toEqual([]);
    expect(cloud.announced).toEqual([]);
  });

  test('fills no more rows than there are quotas and days', async () => {
    const days = Array.from({ length: 400 }, (_, i) =>
      new Date(cloud.now - (i - 30) * DAY).toISOString().slice(0, 10),
    );
    const targets = [
      network,
      games,
      ...Array.from({ length: 5 }, (_, i) => ({ kind: 'service' as const, id: `x${i}` })),
    ];
    const all = days.flatMap((day) => targets.map((of) => ({ profile, day, of, minutes: 5 })));
    for (let from = 0; from < all.length; from += 2048) {
      await cloud.applyState(router, state({ usage: all.slice(from, from + 2048) }));
    }
    expect((await rows()).length).toBeLessThanOrEqual(2 * 33);
  });

  test('of a spent quota lets pages look again', async () => {
    const spent = {
      id: newId(),
      at: cloud.now,
      timeSource: 'ntp',
      kind: 'quota-spent',
      of: network,
      minutes: 120,
    } as const;
    await cloud.ingest.ingest(router, [{ ...spent, profile }]);
    expect(cloud.announced).toEqual([
      { household: parent.household, changed: 'home' },
      { household: parent.household, changed: 'notifications' },
    ]);
    cloud.announced.length = 0;
    await cloud.ingest.ingest(router, [{ ...spent, id: newId(), profile: newId() }]);
    expect(cloud.announced).toEqual([]);
  });
});

describe('the report of a child', () => {
  const burst = (kind: 'blocked' | 'bypass', count: number, at: number) => {
    const header = { id: newId(), at, timeSource: 'ntp', profile, device, burst: newId(at) } as const;
    const span = { count, firstAt: at, lastAt: at };
    const target = { kind: 'service', id: 'tiktok', name: 'tiktok.com' } as const;
    return kind === 'blocked'
      ? ({ ...header, ...span, kind, target } as const)
      : ({ ...header, ...span, kind, method: 'vpn', service: null } as const);
  };

  test('has every day, newest first, with minutes, blocked tries and ways round', async () => {
    // A quota day of a preset begins at four in the morning.
    const night = Date.parse('2026-06-01T02:00:00+07:00');
    await tell(
      usage({ of: games, minutes: 40 }),
      usage({ minutes: 90 }),
      usage({ day: '2026-05-30', minutes: 5 }),
    );
    await cloud.ingest.ingest(router, [
      burst('blocked', 3, cloud.now),
      burst('blocked', 4, cloud.now),
      burst('bypass', 2, cloud.now),
      burst('blocked', 5, night),
    ]);
    expect(await report(3)).toEqual([
      {
        day: '2026-06-01',
        minutes: [
          { of: network, minutes: 90 },
          { of: games, minutes: 40 },
        ],
        blocked: 7,
        bypass: 2,
      },
      { day: '2026-05-31', minutes: [], blocked: 5, bypass: 0 },
      { day: '2026-05-30', minutes: [{ of: network, minutes: 5 }], blocked: 0, bypass: 0 },
    ]);
    expect(await report(30)).toHaveLength(30);
  });

  test('is for its own parents, of as many days as are kept', async () => {
    const theirs = await cloud.signUp();
    expect((await theirs.get(`/profiles/${profile}/usage`)).statusCode).toBe(404);
    for (const days of ['0', '32', 'x', '1.5']) {
      expect((await parent.get(`/profiles/${profile}/usage?days=${days}`)).statusCode).toBe(400);
    }
  });

  test('goes with the child', async () => {
    await tell(usage());
    await parent.delete(`/profiles/${profile}`);
    expect(await rows()).toEqual([]);
    expect((await parent.get(`/profiles/${profile}/usage`)).statusCode).toBe(404);
  });
});
