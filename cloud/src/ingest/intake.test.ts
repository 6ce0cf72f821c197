import type { KhienEvent } from '@khien/shared/event';
import { type Id, newId } from '@khien/shared/id';
import { DAY } from '@khien/shared/policy';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { type Parent, TestCloud } from '../cloud.fixture.ts';
import { MAX_EVENTS, MAX_HELP, MAX_REQUESTS } from './intake.ts';

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
});
afterEach(() => cloud.stop());

const header = () => ({ id: newId(), at: cloud.now, timeSource: 'ntp' }) as const;
const told = (): KhienEvent => ({ ...header(), kind: 'router', code: 'STARTED', detail: '' });
const asked = (ask: 'help' | 'time' = 'time'): KhienEvent => ({
  ...header(),
  kind: 'request',
  profile,
  device,
  request: newId(),
  ask,
  minutes: ask === 'time' ? 15 : 0,
  text: '',
});
const kept = async () =>
  Number(
    (
      await cloud.store.db
        .selectFrom('event')
        .select((eb) => eb.fn.countAll().as('n'))
        .executeTakeFirstOrThrow()
    ).n,
  );
const most = { events: MAX_EVENTS, requests: MAX_REQUESTS, helps: MAX_HELP };
const nearly = (column: keyof typeof most, left: number) =>
  cloud.store.db
    .updateTable('intake')
    .set({ [column]: most[column] - left })
    .where('household', '=', parent.household)
    .execute();
const dropped = async () =>
  (await cloud.store.db.selectFrom('intake').select('dropped').execute()).map((row) => row.dropped);

test('a household’s routers fill no more than a day’s share, and what is over is acknowledged', async () => {
  await nearly('events', 3);
  const before = await kept();
  await cloud.ingest.ingest(router, [told(), told(), told(), told(), told()]);
  await cloud.ingest.ingest(router, [told()]);
  expect(await kept()).toBe(before + 3);
  expect(await dropped()).toEqual([3]);
  expect((await parent.home()).eventsDropped).toBe(3);
  cloud.now += 2 * DAY;
  expect((await parent.home()).eventsDropped).toBe(0);
});

test('a second router of the household has no share of its own; another household has', async () => {
  const second = await cloud.claimRouter(parent);
  const theirs = await cloud.signUp();
  const theirRouter = await cloud.claimRouter(theirs);
  await nearly('events', 0);
  const before = await kept();
  await cloud.ingest.ingest(second, [told()]);
  expect(await kept()).toBe(before);
  await cloud.ingest.ingest(theirRouter, [told()]);
  expect(await kept()).toBe(before + 1);
});

test('a child’s wish is heard however much else was told, and wishes are bounded too', async () => {
  await nearly('events', 0);
  await cloud.ingest.ingest(router, [told(), asked()]);
  expect((await parent.home()).openRequests).toHaveLength(1);
  await nearly('requests', 1);
  await cloud.ingest.ingest(router, [asked(), asked()]);
  expect((await parent.home()).openRequests).toHaveLength(2);
});

test('a child’s call for help is heard however many wishes there were', async () => {
  await nearly('events', 0);
  await nearly('requests', 0);
  await cloud.ingest.ingest(router, [told(), asked(), asked('help')]);
  expect((await parent.home()).openRequests).toMatchObject([{ ask: 'help' }]);
  await nearly('helps', 1);
  await cloud.ingest.ingest(router, [asked('help'), asked('help')]);
  expect((await parent.home()).openRequests).toHaveLength(2);
});

test('repeats cost nothing', async () => {
  await nearly('events', 2);
  const before = await kept();
  const event = told();
  for (let i = 0; i < 5; i += 1) await cloud.ingest.ingest(router, [event]);
  await cloud.ingest.ingest(router, [told()]);
  expect(await kept()).toBe(before + 2);
});

test('batches that come together get what is left as if one came after the other', async () => {
  const theirs = await cloud.signUp();
  const theirRouter = await cloud.claimRouter(theirs);
  await nearly('events', 3);
  const before = await kept();
  const [first, second, third] = [told(), told(), told()];
  const results = await cloud.ingest.ingestMany([
    { router, events: [first, second] },
    { router: theirRouter, events: [told(), told()] },
    { router, events: [second, third] },
    { router, events: [told(), told()] },
  ]);
  expect(results.map(({ status }) => status)).toEqual(Array.from({ length: 4 }, () => 'fulfilled'));
  // In the third batch, which has room for one, the repeat takes it.
  expect(await kept()).toBe(before + 2 + 2 + 1);
  expect(await dropped()).toEqual(expect.arrayContaining([2]));
});

test('the next day begins anew', async () => {
  await nearly('events', 0);
  cloud.now += DAY;
  const before = await kept();
  await cloud.ingest.ingest(router, [told()]);
  expect(await kept()).toBe(before + 1);
});
