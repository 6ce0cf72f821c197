import { type EventOf, eventSchema, type KhienEvent, MAX_TRIES } from '@khien/shared/event';
import { type Id, newId } from '@khien/shared/id';
import fc from 'fast-check';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { type Parent, TestCloud } from '../cloud.fixture.ts';
import { StoreIngest } from './ingest.ts';

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
  profile = await parent.addChild();
  cloud.announced.length = 0;
});
afterEach(() => cloud.stop());

const header = () => ({ id: newId(), at: cloud.now, timeSource: 'ntp' }) as const;
const blocked = (change: Partial<EventOf<'blocked'>> = {}): EventOf<'blocked'> => ({
  ...header(),
  kind: 'blocked',
  profile,
  device,
  burst: newId(),
  target: { kind: 'service', id: 'tiktok', name: 'tiktok.com' },
  count: 1,
  firstAt: cloud.now,
  lastAt: cloud.now,
  ...change,
});
const asked = (change: Partial<EventOf<'request'>> = {}): EventOf<'request'> => ({
  ...header(),
  kind: 'request',
  profile,
  device,
  request: newId(),
  ask: 'time',
  minutes: 15,
  text: '',
  ...change,
});
const ingest = (events: readonly KhienEvent[], from = router) => cloud.ingest.ingest(from, events);
const count = async (table: 'event' | 'burst' | 'request' | 'device') =>
  (await cloud.store.db.selectFrom(table).selectAll().execute()).length;
/** Those that the household is charged for. */
const events = async () => {
  const rows = await cloud.store.db
    .selectFrom('intake')
    .select('events')
    .where('household', '=', parent.household)
    .execute();
  return rows.reduce((sum, row) => sum + row.events, 0);
};
const bursts = () => cloud.store.db.selectFrom('burst').selectAll().execute();

describe('events', () => {
  test('that are sent again are there once, and nobody is told again', async () => {
    const batch = [blocked(), asked(), blocked()];
    const before = await count('event');
    await ingest(batch);
    cloud.announced.length = 0;
    await ingest(batch);
    await ingest([...batch].reverse());
    await Promise.all([ingest(batch), ingest(batch.slice(1))]);
    expect(await count('event')).toBe(before + 3);
    expect([await count('burst'), await count('request')]).toEqual([2, 1]);
    expect(cloud.announced).toEqual([]);
  });

  test('that are twice in one batch are there once', async () => {
    const event = asked();
    const before = await count('event');
    await ingest([event, { ...event, minutes: 60 }, event]);
    expect(await count('event')).toBe(before + 1);
    expect((await parent.home()).openRequests).toMatchObject([{ minutes: 15 }]);
  });

  test('are told of after they are committed, once for each thing that changed', async () => {
    await ingest([blocked(), blocked(), asked()]);
    expect(cloud.announced).toEqual([
      { household: parent.household, changed: 'activity' },
      { household: parent.household, changed: 'home' },
      { household: parent.household, changed: 'requests' },
      { household: parent.household, changed: 'notifications' },
    ]);
  });

  test('of the router itself are kept and shown to nobody', async () => {
    await ingest([{ ...header(), kind: 'router', code: 'STARTED', detail: '' }]);
    expect(cloud.announced).toEqual([]);
  });

  test('of an unknown router are refused', async () => {
    const before = await count('event');
    await expect(ingest([asked()], newId())).rejects.toMatchObject({ code: 'ROUTER_UNKNOWN' });
    expect(await count('event')).toBe(before);
  });
});

describe('a burst', () => {
  test('grows, whatever order its events come in and however often', async () => {
    await fc.assert(
      fc.asyncProperty(
        fc.array(fc.integer({ min: 1, max: 12 }), { minLength: 1, maxLength: 12 }),
        async (order) => {
          const burst = newId();
          const events = Array.from({ length: 12 }, (_value, index) =>
            blocked({
              burst,
              count: index + 1,
              firstAt: cloud.now - 60_000,
              lastAt: cloud.now - 60_000 + index,
            }),
          );
          for (const index of order) await ingest([events[index - 1] ?? blocked()]);
          const most = Math.max(...order);
          const row = (await bursts()).find(({ id }) => id === burst);
          expect(row).toMatchObject({
            tries: most,
            first_at: cloud.now - 60_000,
            last_at: cloud.now - 60_000 + most - 1,
          });
        },
      ),
      { numRuns: 25 },
    );
  });

  test('that an older event comes to changes nothing that a page shows', async () => {
    const burst = newId();
    await ingest([blocked({ burst, count: 5 })]);
    cloud.announced.length = 0;
    await ingest([blocked({ burst, count: 3 })]);
    expect(cloud.announced).toEqual([]);
  });
});

describe('what a router says of others', () => {
  let theirs: Parent;
  let theirRouter: Id;
  let theirDevice: Id;
  let theirProfile: Id;
  beforeEach(async () => {
    theirs = await cloud.signUp();
    theirRouter = await cloud.claimRouter(theirs);
    theirDevice = await cloud.findDevice(theirs, theirRouter, '3c:22:fb:00:00:01');
    theirProfile = await theirs.addChild();
    cloud.announced.length = 0;
  });

  test('is kept and has no effect', async () => {
    const before = await count('event');
    await ingest([
      blocked({ profile: theirProfile, device: theirDevice }),
      blocked({ device: theirDevice }),
      blocked({ profile: theirProfile }),
      asked({ profile: theirProfile, device: theirDevice }),
      asked({ profile: newId() }),
    ]);
    expect(await count('event')).toBe(before + 5);
    expect([await count('burst'), await count('request')]).toEqual([0, 0]);
    expect(cloud.announced).toEqual([]);
  });

  test('cannot take or change an event, burst or request by its id', async () => {
    const event = blocked({ profile: theirProfile, device: theirDevice, count: 2 });
    const request = asked({ profile: theirProfile, device: theirDevice, text: 'theirs' });
    await ingest([blocked({ id: event.id, burst: event.burst, count: 99 })]);
    await ingest([asked({ id: request.id, request: request.request, text: 'mine' })]);
    await ingest([event, request], theirRouter);
    await ingest([blocked({ burst: event.burst, count: 1000 })]);

    expect((await theirs.home()).openRequests).toMatchObject([{ text: 'theirs' }]);
    expect((await theirs.get('/activity')).json().items).toMatchObject([{ count: 2, profile: theirProfile }]);
    expect((await parent.get('/activity')).json().items).toMatchObject([{ count: 1000, profile }]);
  });
});

describe('batches of many routers', () => {
  test('are committed together, and one that is bad leaves the others whole', async () => {
    const second = await cloud.claimRouter(parent);
    const removed = newId();
    const results = await cloud.ingest.ingestMany([
      { router, events: [blocked()] },
      { router: removed, events: [asked()] },
      { router: second, events: [asked(), blocked()] },
    ]);
    expect(results.map(({ status }) => status)).toEqual(['fulfilled', 'rejected', 'fulfilled']);
    expect(results[1]).toMatchObject({ reason: { code: 'ROUTER_UNKNOWN' } });
    expect([await count('burst'), await count('request')]).toEqual([2, 1]);
  });

  test('one that fails half-way takes back its own rows only', async () => {
    const before = await count('event');
    // SQLite has no NaN: it becomes NULL, which the column refuses.
    const poison = blocked({ count: Number.NaN });
    const results = await cloud.ingest.ingestMany([
      { router, events: [asked()] },
      { router, events: [asked(), poison] },
      { router, events: [asked()] },
    ]);
    expect(results.map(({ status }) => status)).toEqual(['fulfilled', 'rejected', 'fulfilled']);
    expect(await count('event')).toBe(before + 2);
    expect(await count('request')).toBe(2);
  });

  test('the same event in several of them is there once, and costs once', async () => {
    const second = await cloud.claimRouter(parent);
    const [once, again] = [blocked(), asked()];
    const before = await count('event');
    const told = await events();
    const results = await cloud.ingest.ingestMany([
      { router, events: [once, again] },
      { router: second, events: [once] },
      { router, events: [again, once, blocked()] },
    ]);
    expect(results.map(({ status }) => status)).toEqual(['fulfilled', 'fulfilled', 'fulfilled']);
    // Ids are a router's own.
    expect(await count('event')).toBe(before + 4);
    expect([await count('burst'), await count('request')]).toEqual([2, 1]);
    expect(await events()).toBe(told + 3);
  });

  test('a burst in several of them is as if they had come one by one', async () => {
    const burst = newId();
    const other = { kind: 'service', id: 'roblox', name: 'roblox.com' } as const;
    const grown = (count: number, lastAt: number) =>
      blocked({ burst, count, firstAt: cloud.now - 9_000 + count, lastAt });
    const { now } = cloud;
    await ingest([grown(2, now - 5_000)]);
    await cloud.ingest.ingestMany([
      { router, events: [grown(5, now - 4_000), grown(3, now - 1_000)] },
      { router, events: [{ ...grown(4, now - 3_000), target: other }] },
    ]);
    expect(await bursts()).toMatchObject([
      { id: burst, tries: 5, first_at: now - 8_998, last_at: now - 1_000, target_id: 'tiktok' },
    ]);
    const fresh = newId();
    await cloud.ingest.ingestMany([
      { router, events: [blocked({ burst: fresh, target: other, count: 1 })] },
      { router, events: [blocked({ burst: fresh, count: 9 })] },
    ]);
    const row = (await bursts()).find(({ id }) => id === fresh);
    expect(row).toMatchObject({ tries: 9, target_id: 'roblox' });
  });

  test('of a way round the rules only what is new of the tries is told', async () => {
    const burst = newId();
    const { count: _count, kind: _kind, target: _target, ...rest } = blocked({ burst });
    const tried = (count: number): EventOf<'bypass'> => ({
      ...rest,
      id: newId(),
      kind: 'bypass',
      method: 'vpn',
      service: null,
      count,
    });
    await ingest([tried(2)]);
    await cloud.ingest.ingestMany([
      { router, events: [tried(5), tried(3)] },
      { router, events: [tried(4), tried(7)] },
    ]);
    const lines = await cloud.store.db
      .selectFrom('notification')
      .select(['count'])
      .where('kind', '=', 'bypass')
      .execute();
    expect(lines).toEqual([{ count: 7 }]);
  });

  test('of as many tries as an event can tell, again and again, are taken and shown', async () => {
    const { kind: _kind, target: _target, ...rest } = blocked();
    const told = [Number.MAX_SAFE_INTEGER, MAX_TRIES].flatMap((count) =>
      Array.from({ length: 64 }, () => {
        const header = { ...rest, id: newId(), burst: newId() };
        return { ...header, kind: 'bypass', method: 'vpn', service: null, count };
      }),
    );
    const readable = told
      .map((event) => eventSchema.safeParse(event).data)
      .filter((event) => event !== undefined);
    await ingest(readable);
    const shown = await parent.get('/notifications');
    expect(shown.json().items[0]).toMatchObject({ about: { kind: 'bypass' }, count: 64 * MAX_TRIES });
  });

  test('two nodes that write the same events at once write each once', async () => {
    const other = new StoreIngest(cloud.store, cloud.changes, () => cloud.now);
    const second = await cloud.claimRouter(await cloud.signUp());
    const before = await count('event');
    const told = await events();
    const batches = Array.from({ length: 8 }, () => ({ router, events: [blocked(), asked()] }));
    const mixed = [...batches, { router: second, events: [asked()] }];
    const results = await Promise.all([
      cloud.ingest.ingestMany(mixed),
      other.ingestMany([...mixed].reverse()),
      cloud.ingest.ingestMany(batches.slice(3)),
    ]);
    expect(results.flat().every(({ status }) => status === 'fulfilled')).toBe(true);
    expect(await count('event')).toBe(before + 17);
    expect([await count('burst'), await count('request')]).toEqual([8, 8]);
    expect(await events()).toBe(told + 8);
  });

  test('texts that no database holds are kept as far as they can be', async () => {
    const name = 'a\0b\ud800c';
    await ingest([blocked({ target: { kind: 'name', id: name, name } }), asked({ text: name })]);
    expect(await bursts()).toMatchObject([{ target_id: 'a\ufffdb\ufffdc' }]);
    expect(await count('request')).toBe(1);
  });

  test('more than a transaction takes are committed all the same, each with its result', async () => {
    const before = await count('event');
    const batches = Array.from({ length: 40 }, (_value, index) => ({
      router: index === 20 ? newId() : router,
      events: Array.from({ length: 64 }, () => blocked()),
    }));
    const results = await cloud.ingest.ingestMany(batches);
    expect(results.map(({ status }) => status)).toEqual(
      batches.map((batch) => (batch.router === router ? 'fulfilled' : 'rejected')),
    );
    expect(await count('event')).toBe(before + 39 * 64);
  });

  test('nothing of a commit that fails is told', async () => {
    await cloud.store.close();
    await expect(cloud.ingest.ingestMany([{ router, events: [asked()] }])).rejects.toThrow();
    expect(cloud.announced).toEqual([]);
  });

  test('none, and empty ones, are nothing', async () => {
    expect(await cloud.ingest.ingestMany([])).toEqual([]);
    expect(await cloud.ingest.ingestMany([{ router, events: [] }])).toEqual([
      { status: 'fulfilled', value: undefined },
    ]);
  });
});

describe('clocks of routers', () => {
  test('that nobody set are believed in how long ago, not in when', async () => {
    await ingest([
      blocked({ at: 100_000, timeSource: 'unsynced', firstAt: 40_000, lastAt: 70_000 }),
      asked({ at: 100_000, timeSource: 'unsynced' }),
    ]);
    expect(await bursts()).toMatchObject([
      { first_at: cloud.now - 60_000, last_at: cloud.now - 30_000, at_guessed: 1 },
    ]);
    expect((await parent.home()).openRequests).toMatchObject([{ at: cloud.now, guessed: true }]);
  });

  test('that were set in the middle of a burst are believed from then on', async () => {
    const burst = newId();
    await ingest([blocked({ burst, at: 100_000, timeSource: 'unsynced', firstAt: 40_000, lastAt: 70_000 })]);
    await ingest([blocked({ burst, count: 5 })]);
    await ingest([blocked({ burst, at: 100_000, timeSource: 'unsynced', firstAt: 40_000, lastAt: 70_000 })]);
    expect(await bursts()).toMatchObject([{ tries: 5, last_at: cloud.now, at_guessed: 0 }]);
  });

  test('that are ahead say now', async () => {
    await ingest([asked({ at: cloud.now + 3_600_000 })]);
    expect((await parent.home()).openRequests).toMatchObject([{ at: cloud.now, guessed: true }]);
  });

  test('that are a little ahead are right', async () => {
    await ingest([asked({ at: cloud.now + 500 })]);
    expect((await parent.home()).openRequests).toMatchObject([{ at: cloud.now, guessed: false }]);
  });
});

describe('documents', () => {
  const applied = (version: number, at = cloud.now): EventOf<'document-applied'> => ({
    ...header(),
    at,
    kind: 'document-applied',
    document: 'policy',
    version,
  });
  const refused = (at = cloud.now): EventOf<'document-refused'> => ({
    ...header(),
    at,
    kind: 'document-refused',
    code: 'VERSION_OLD',
    reason: '',
  });
  const shown = async () => {
    const { policy_in_force, refusal_code } = await cloud.store.db
      .selectFrom('router')
      .selectAll()
      .where('id', '=', router)
      .executeTakeFirstOrThrow();
    return { policy_in_force, refusal_code };
  };

  test('in force only grow by events, and are what hello says', async () => {
    await ingest([applied(5)]);
    await ingest([applied(3)]);
    expect(await shown()).toMatchObject({ policy_in_force: 5 });
    const hello = {
      daemon: '1',
      have: { policy: 0, contacts: 0, lists: 0 },
      at: cloud.now,
      timeSource: 'ntp',
    } as const;
    await cloud.applyHello(router, hello);
    expect(await shown()).toMatchObject({ policy_in_force: 0 });
    cloud.announced.length = 0;
    await cloud.applyHello(router, hello);
    expect(cloud.announced).toEqual([]);
  });

  test('a refusal ends with the next that is applied, in whatever order the two come', async () => {
    const refusal = refused(cloud.now - 2000);
    const success = applied(2, cloud.now - 1000);
    await ingest([success]);
    await ingest([refusal]);
    expect(await shown()).toEqual({ policy_in_force: 2, refusal_code: null });
    const later = refused(cloud.now);
    await ingest([later]);
    expect(await shown()).toEqual({ policy_in_force: 2, refusal_code: 'VERSION_OLD' });
    await ingest([applied(3)]);
    expect(await shown()).toEqual({ policy_in_force: 3, refusal_code: null });
  });
});
