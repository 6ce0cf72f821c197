import { type Id, newId } from '@khien/shared/id';
import { DAY, MINUTE } from '@khien/shared/policy';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { type Parent, TestCloud } from '../cloud.fixture.ts';
import { LISTS_OLD_AFTER, OFFLINE_AFTER, RouterWatch } from './router-watch.ts';
import { notificationPageSchema } from './schema.ts';

let cloud: TestCloud;
let parent: Parent;
let router: Id;
let watch: RouterWatch;
beforeEach(async () => {
  cloud = await TestCloud.start();
  parent = await cloud.signUp();
  router = await cloud.claimRouter(parent);
  watch = watching();
});
afterEach(() => cloud.stop());

const watching = () => new RouterWatch({ store: cloud.store, changes: cloud.changes, now: () => cloud.now });
const connected = (connection: string | null) =>
  cloud.store.db.updateTable('router').set({ connection, last_seen_at: cloud.now }).execute();
const feed = async () => notificationPageSchema.parse((await parent.get('/notifications')).json()).items;
const lines = async () => (await feed()).map(({ about, count, settled }) => [about.kind, count, settled]);
const pushes = async () =>
  (await cloud.store.db.selectFrom('notification').select('push_at').orderBy('id').execute()).map(
    ({ push_at }) => push_at,
  );
/** As the fan-out does. */
const pushed = () =>
  cloud.store.db.updateTable('notification').set({ push_at: null, pushed_at: cloud.now }).execute();

test('a router that is gone is told of once, by however many look, and so is that it is back', async () => {
  await connected('one');
  cloud.now += DAY;
  await watch.round();
  expect(await lines()).toEqual([]);
  await connected(null);
  const since = cloud.now;
  cloud.now += OFFLINE_AFTER - 1;
  await watch.round();
  expect(await lines()).toEqual([]);
  cloud.now += 1;
  const other = watching();
  await Promise.all([watch.round(), watch.round(), other.round()]);
  await watch.round();
  expect(await feed()).toMatchObject([
    { about: { kind: 'router-offline' }, router, count: 1, at: since, settled: false },
  ]);
  expect(await pushes()).toEqual([cloud.now]);
  await pushed();
  await connected('two');
  cloud.now += MINUTE;
  await Promise.all([watch.round(), watch.round()]);
  expect(await feed()).toMatchObject([{ settled: true, settledAt: cloud.now }]);
  expect(await pushes()).toEqual([cloud.now]);
});

test('outages that follow each other closely are one line, which is not pushed again', async () => {
  for (const count of [1, 2, 3]) {
    await connected(null);
    cloud.now += OFFLINE_AFTER;
    await watch.round();
    expect(await lines()).toEqual([['router-offline', count, false]]);
    if (count === 1) await pushed();
    else expect(await pushes()).toEqual([null]);
    await connected('again');
    cloud.now += MINUTE;
    await watch.round();
    await pushed();
  }
  cloud.now += DAY;
  await connected(null);
  cloud.now += OFFLINE_AFTER;
  await watch.round();
  expect(await lines()).toEqual([
    ['router-offline', 1, false],
    ['router-offline', 3, true],
  ]);
});

test('a cloud that was away says nothing of routers that had no time to come back', async () => {
  await connected('one');
  await connected(null);
  cloud.now += 5 * DAY;
  watch = watching();
  await watch.round();
  cloud.now += OFFLINE_AFTER - 1;
  await watch.round();
  expect(await lines()).toEqual([]);
  cloud.now += 1;
  await watch.round();
  expect(await lines()).toEqual([['router-offline', 1, false]]);
});

test('a router that never came says nothing, one that a parent removed neither', async () => {
  cloud.now += DAY;
  await watch.round();
  expect(await lines()).toEqual([]);
  await connected(null);
  cloud.now += DAY;
  await watch.round();
  await cloud.store.db.deleteFrom('router').where('id', '=', router).execute();
  await watch.round();
  expect(await lines()).toEqual([]);
});

test('lists that a connected router does not take for a week are told of, until it takes them', async () => {
  await connected('one');
  const lists = (version: number) =>
    cloud.store.db
      .insertInto('document')
      .values({ router, kind: 'lists', version, issued_at: cloud.now, body_hash: newId(), signed: '{}' })
      .onConflict((conflict) => conflict.columns(['router', 'kind']).doUpdateSet({ version }))
      .execute();
  await cloud.store.db.updateTable('router').set({ lists_in_force: 3 }).execute();
  await lists(3);
  await watch.round();
  cloud.now += LISTS_OLD_AFTER;
  await watch.round();
  await lists(4);
  await watch.round();
  cloud.now += LISTS_OLD_AFTER - 1;
  // A newer one does not make it young again.
  await lists(5);
  await watch.round();
  expect(await lines()).toEqual([]);
  cloud.now += 1;
  await watch.round();
  cloud.now += MINUTE;
  await watch.round();
  expect(await lines()).toEqual([['list-old', 1, false]]);
  await pushed();
  await cloud.store.db.updateTable('router').set({ lists_in_force: 5 }).execute();
  await watch.round();
  expect(await lines()).toEqual([['list-old', 1, true]]);
});
