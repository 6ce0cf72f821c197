import { type Id, newId } from '@khien/shared/id';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { type Parent, TestCloud } from '../cloud.fixture.ts';

const MINUTE = 60_000;

let cloud: TestCloud;
let parent: Parent;
let router: Id;
let child: Id;
let tablet: Id;
let tv: Id;
beforeEach(async () => {
  cloud = await TestCloud.start();
  parent = await cloud.signUp();
  router = await cloud.claimRouter(parent);
  child = await parent.addChild();
  tablet = await cloud.findDevice(parent, router, '3c:22:fb:00:00:01');
  await parent.patch(`/devices/${tablet}`, { profile: child });
  tv = await cloud.findDevice(parent, router, '3c:22:fb:00:00:02');
});
afterEach(() => cloud.stop());

const device = async (id: Id) => (await parent.home()).devices.find((one) => one.id === id);
const policy = async () => {
  const documents = await cloud.documents.stored(cloud.store.db, router);
  return JSON.parse(documents.find(({ kind }) => kind === 'policy')?.signed ?? '{}').document.body;
};

describe('a pause of one device', () => {
  const pause = (minutes: number | null, by = parent) => by.put(`/devices/${tablet}/pause`, { minutes });

  test('is of that device alone, for as long as it was meant to', async () => {
    const until = cloud.now + 30 * MINUTE;
    expect((await pause(30)).json()).toMatchObject({ id: tablet, pause: { since: cloud.now, until } });
    expect((await policy()).devices).toMatchObject([{ id: tablet, pause: { until } }]);
    expect((await parent.home()).profiles[0]).toMatchObject({ pause: null, access: { online: true } });
    cloud.now = until;
    expect((await device(tablet))?.pause).toBeNull();
    await parent.patch(`/devices/${tablet}`, { name: 'Tablet' });
    expect((await policy()).devices).toMatchObject([{ pause: null }]);
  });

  test('without an end is taken back', async () => {
    await pause(null);
    cloud.now += 20 * 24 * 60 * MINUTE;
    expect((await device(tablet))?.pause).toMatchObject({ until: null });
    expect((await parent.delete(`/devices/${tablet}/pause`)).json()).toMatchObject({ pause: null });
  });

  test('is for parents of the household, and for minutes that make sense', async () => {
    const theirs = await cloud.signUp();
    expect((await pause(30, theirs)).statusCode).toBe(404);
    expect((await theirs.delete(`/devices/${tablet}/pause`)).statusCode).toBe(404);
    expect((await pause(0)).statusCode).toBe(400);
    expect((await parent.put(`/devices/${newId()}/pause`, { minutes: 1 })).statusCode).toBe(404);
    expect((await device(tablet))?.pause).toBeNull();
  });
});

describe('a known device', () => {
  test('is told to the router, as long as it is known and nobody’s', async () => {
    const known = async () => (await policy()).known;
    expect(await known()).toEqual([]);
    expect((await parent.patch(`/devices/${tv}`, { known: true })).json()).toMatchObject({ known: true });
    expect(await known()).toEqual(['3c:22:fb:00:00:02']);
    await parent.patch(`/devices/${tv}`, { profile: child });
    expect(await known()).toEqual([]);
    await parent.patch(`/devices/${tv}`, { profile: null });
    expect([await known(), (await device(tv))?.known]).toEqual([['3c:22:fb:00:00:02'], true]);
    await parent.patch(`/devices/${tv}`, { known: false });
    expect(await known()).toEqual([]);
  });

  test('a parent who takes a device back from a child may leave it unknown', async () => {
    await parent.patch(`/devices/${tablet}`, { profile: null, known: false });
    expect(await device(tablet)).toMatchObject({ profile: null, known: false });
  });
});

describe('new devices', () => {
  test('are let in, asked of or kept out as the household says', async () => {
    expect([(await parent.home()).newDevices, (await policy()).newDevices]).toEqual(['ask', 'ask']);
    await parent.patch('', { newDevices: 'allow' });
    expect([(await parent.home()).newDevices, (await policy()).newDevices]).toEqual(['allow', 'allow']);
    expect((await parent.patch('', { newDevices: 'shoot' })).statusCode).toBe(400);
    expect((await device(tv))?.known).toBe(false);
  });

  test('are those that come after the quarantine began', async () => {
    const lookalike = await cloud.findDevice(parent, router, '02:00:00:00:00:03');
    await cloud.ingest.ingest(router, [
      {
        id: newId(),
        at: cloud.now,
        timeSource: 'ntp',
        kind: 'device-resembles',
        mac: '02:00:00:00:00:03',
        device: tablet,
        evidence: ['hostname'],
      },
    ]);
    const theirs = await cloud.signUp();
    const theirRouter = await cloud.claimRouter(theirs);
    await cloud.findDevice(theirs, theirRouter, '3c:22:fb:00:00:09');
    await parent.patch('', { newDevices: 'quarantine' });
    const later = await cloud.findDevice(parent, router, '02:00:00:00:00:04');
    await parent.patch('', { newDevices: 'quarantine' });
    const known = (await parent.home()).devices.filter((one) => one.known).map(({ id }) => id);
    expect(known).toEqual([tv]);
    expect([(await device(lookalike))?.known, (await device(later))?.known]).toEqual([false, false]);
    expect((await theirs.home()).devices[0]?.known).toBe(false);
  });
});
