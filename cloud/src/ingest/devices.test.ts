import { type Id, newId } from '@khien/shared/id';
import type { LanDevice, State } from '@khien/shared/topic';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { type Parent, TestCloud } from '../cloud.fixture.ts';
import { MAX_DEVICES } from './devices.ts';

const MINUTE = 60_000;

let cloud: TestCloud;
let parent: Parent;
let router: Id;
beforeEach(async () => {
  cloud = await TestCloud.start();
  parent = await cloud.signUp();
  router = await cloud.claimRouter(parent);
});
afterEach(() => cloud.stop());

const lan = (number: number, change: Partial<LanDevice> = {}): LanDevice => ({
  mac: `02:00:00:00:${(number >> 8).toString(16).padStart(2, '0')}:${(number & 255).toString(16).padStart(2, '0')}`,
  hostname: null,
  addresses: [`192.168.1.${number & 255}`],
  present: true,
  lastSeenAt: cloud.now,
  fingerprint: null,
  ...change,
});
const state = (devices: LanDevice[], change: Partial<State> = {}): State => ({
  at: cloud.now,
  timeSource: 'ntp',
  daemon: '0.1.0',
  inForce: { policy: 1, contacts: 1, lists: 1 },
  enforcement: 'enforcing',
  devices,
  usage: [],
  lists: null,
  ...change,
});
const devices = async () => (await parent.home()).devices;
const announcedBy = async (work: () => Promise<void>) => {
  cloud.announced.length = 0;
  await work();
  return cloud.announced;
};

test('a state makes the devices that are new and follows those that are known', async () => {
  await cloud.applyState(router, state([lan(1), lan(2, { hostname: 'laptop' })]));
  expect(await devices()).toMatchObject([
    { macs: ['02:00:00:00:00:01'], present: true, addresses: ['192.168.1.1'], lastSeenAt: cloud.now },
    { macs: ['02:00:00:00:00:02'], name: 'laptop' },
  ]);
  const [{ id } = { id: '' }] = await devices();
  cloud.now += MINUTE;
  await cloud.applyState(
    router,
    state([lan(1, { hostname: 'tablet', addresses: ['192.168.1.9', 'fe80::1'] })]),
  );
  expect(await devices()).toMatchObject([
    { id, name: 'tablet', addresses: ['192.168.1.9', 'fe80::1'], present: true, lastSeenAt: cloud.now },
    { name: 'laptop', present: false, lastSeenAt: cloud.now - MINUTE },
  ]);
});

test('pages are told only of what they show', async () => {
  const first = state([lan(1)]);
  expect(await announcedBy(() => cloud.applyState(router, first))).toHaveLength(1);
  expect(await announcedBy(() => cloud.applyState(router, first))).toEqual([]);
  cloud.now += 10 * MINUTE;
  expect(await announcedBy(() => cloud.applyState(router, state([lan(1)])))).toEqual([]);
  expect((await devices())[0]?.lastSeenAt).toBe(cloud.now);
  const gone = state([lan(1, { present: false })]);
  expect(await announcedBy(() => cloud.applyState(router, gone))).toHaveLength(1);
  const failing = state([lan(1, { present: false })], { enforcement: 'KERNEL_REFUSED' });
  expect(await announcedBy(() => cloud.applyState(router, failing))).toHaveLength(1);
});

test('a device keeps its name when it no longer tells it', async () => {
  await cloud.applyState(router, state([lan(1, { hostname: 'tablet' })]));
  await cloud.applyState(router, state([lan(1)]));
  expect((await devices())[0]?.hostname).toBe('tablet');
});

test('the same address on two lines is one device', async () => {
  await cloud.applyState(router, state([lan(1), lan(1, { hostname: 'twice' })]));
  expect(await devices()).toHaveLength(1);
});

test('a clock that nobody set does not date devices', async () => {
  const unsynced = { timeSource: 'unsynced', at: 5 * MINUTE } as const;
  const absent = lan(1, { present: false, lastSeenAt: 3 * MINUTE });
  await cloud.applyState(router, state([absent, lan(2, { lastSeenAt: 5 * MINUTE })], unsynced));
  expect((await devices()).map(({ lastSeenAt }) => lastSeenAt)).toEqual([cloud.now, cloud.now - 2 * MINUTE]);
});

test('with two routers in a home, what one does not see may be with the other for a while', async () => {
  const second = await cloud.claimRouter(parent);
  await cloud.applyState(router, state([lan(1)]));
  await cloud.applyState(second, state([lan(2)]));
  expect((await devices()).map(({ present }) => present)).toEqual([true, true]);
  cloud.now += 15 * MINUTE;
  await cloud.applyState(second, state([lan(2)]));
  expect((await devices()).map(({ present }) => present)).toEqual([true, false]);
});

test('a device that is found is there once, before or after the state that has it', async () => {
  const found = {
    id: newId(),
    at: cloud.now,
    timeSource: 'ntp',
    kind: 'device-found',
    hostname: 'tv',
    fingerprint: null,
  } as const;
  await cloud.ingest.ingest(router, [{ ...found, mac: lan(1).mac }]);
  await cloud.applyState(router, state([lan(1), lan(2)]));
  await cloud.ingest.ingest(router, [{ ...found, id: newId(), mac: lan(2).mac }]);
  expect((await devices()).map(({ hostname }) => hostname)).toEqual(['tv', null]);
});

test('addresses that change for ever make room for themselves, never at the cost of what a parent set', async () => {
  const child = await parent.addChild();
  await cloud.applyState(router, state([lan(1), lan(2)]));
  const [given, named] = await devices();
  await parent.patch(`/devices/${given?.id}`, { profile: child });
  await parent.patch(`/devices/${named?.id}`, { name: 'TV' });
  cloud.now += MINUTE;
  const crowd = (from: number) => Array.from({ length: MAX_DEVICES }, (_value, index) => lan(from + index));
  await cloud.applyState(router, state(crowd(10)));
  expect(await devices()).toHaveLength(MAX_DEVICES);
  const tried = {
    household: parent.household,
    profile: child,
    tries: 1,
    first_at: cloud.now,
    last_at: cloud.now,
  };
  const target = { target_kind: 'service', target_id: 'tiktok', target_name: 'tiktok.com' } as const;
  const bursts = (await devices()).map(({ id }) => ({ ...tried, ...target, id: newId(), device: id }));
  await cloud.store.db.insertInto('burst').values(bursts).execute();

  cloud.now += MINUTE;
  await cloud.applyState(router, state([]));
  await cloud.applyState(router, state([lan(5000)]));
  const now = await devices();
  expect(now).toHaveLength(MAX_DEVICES);
  expect(now[0]?.macs).toEqual([lan(5000).mac]);
  expect(now.map(({ id }) => id)).toEqual(expect.arrayContaining([given?.id, named?.id]));
  // What was tried with the one that made room went with it.
  const left = await cloud.store.db.selectFrom('burst').select('device').execute();
  expect(left.map(({ device }) => device).sort()).toEqual(
    now
      .slice(1)
      .map(({ id }) => id)
      .sort(),
  );
}, 30_000);

test('states of many routers are written together, and one that is not known rejects none of the others', async () => {
  const other = await cloud.signUp();
  const neighbour = await cloud.claimRouter(other);
  const results = await cloud.ingest.applyStates([
    { router, state: state([lan(1), lan(2)]) },
    { router: newId(), state: state([lan(3)]) },
    { router: neighbour, state: state([lan(1)]) },
  ]);
  expect(results.map(({ status }) => status)).toEqual(['fulfilled', 'rejected', 'fulfilled']);
  expect(await devices()).toHaveLength(2);
  expect((await other.home()).devices).toHaveLength(1);
});

test('states of one home that are written together are as if one had come after the other', async () => {
  const second = await cloud.claimRouter(parent);
  await cloud.ingest.applyStates([
    { router, state: state([lan(1, { hostname: 'tablet' })]) },
    { router: second, state: state([lan(1), lan(2)]) },
    { router, state: state([lan(1, { hostname: 'tv' })], { enforcement: 'KERNEL' }) },
  ]);
  const seen = await devices();
  expect(seen.map(({ hostname, present }) => [hostname, present])).toEqual([
    ['tv', true],
    [null, true],
  ]);
  expect((await parent.home()).routers.map(({ enforcement }) => enforcement).sort()).toEqual([
    'KERNEL',
    'enforcing',
  ]);
});
