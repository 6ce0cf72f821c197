import type { EventOf } from '@khien/shared/event';
import { type Id, type Mac, newId } from '@khien/shared/id';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { type Parent, TestCloud } from '../cloud.fixture.ts';
import { MAX_MACS } from '../households/merge-address.ts';
import { deviceViewSchema, type Home } from '../households/schema.ts';
import { notificationPageSchema } from '../notifications/schema.ts';
import { MAX_OPEN } from './proposals.ts';
import { proposalListSchema } from './schema.ts';

const TABLET: Mac = '3c:22:fb:00:00:01';
const OTHER: Mac = '02:00:00:00:00:02';

let cloud: TestCloud;
let parent: Parent;
let router: Id;
let child: Id;
let tablet: Id;
let found: Id;
beforeEach(async () => {
  cloud = await TestCloud.start();
  parent = await cloud.signUp();
  router = await cloud.claimRouter(parent);
  child = await parent.addChild();
  tablet = await cloud.findDevice(parent, router, TABLET, 'tablet');
  await parent.patch(`/devices/${tablet}`, { profile: child });
  found = await cloud.findDevice(parent, router, OTHER, 'tablet');
  cloud.announced.length = 0;
});
afterEach(() => cloud.stop());

type Resembles = EventOf<'device-resembles'>;
const resembles = (change: Partial<Resembles> = {}) =>
  cloud.ingest.ingest(router, [
    {
      id: newId(),
      at: cloud.now,
      timeSource: 'ntp',
      kind: 'device-resembles',
      mac: OTHER,
      device: tablet,
      evidence: ['hostname'],
      ...change,
    },
  ]);
const open = async () => proposalListSchema.parse((await parent.get('/proposals')).json()).items;
const first = async () => (await open())[0]?.id ?? '';
const decide = (what: 'confirm' | 'deny', id: Id, by = parent) => by.post(`/proposals/${id}/${what}`, {});
const reopen = (id: Id, by = parent) => by.post(`/proposals/${id}/reopen`, {});
const device = (home: Home, id: Id) => home.devices.find((one) => one.id === id);
const policy = async (): Promise<string> => {
  const documents = await cloud.documents.stored(cloud.store.db, router);
  return documents.find(({ kind }) => kind === 'policy')?.signed ?? '';
};

describe('an address that the router has seen to be another device', () => {
  const ended = (detail: string) =>
    cloud.ingest.ingest(router, [
      { id: newId(), at: cloud.now, timeSource: 'ntp', kind: 'router', code: 'RESEMBLANCE_ENDED', detail },
    ]);
  const lines = async () =>
    notificationPageSchema
      .parse((await parent.get('/notifications')).json())
      .items.flatMap(({ about, settled }) => (about.kind === 'new-device' ? [{ about, settled }] : []));

  test('is no longer proposed, and is a new device like any other', async () => {
    await resembles();
    expect((await lines())[0]?.about.proposal).toBe(await first());
    cloud.announced.length = 0;
    await ended(`${OTHER} ${tablet}`);
    expect(await open()).toEqual([]);
    expect(cloud.announced).toContainEqual({ household: parent.household, changed: 'home' });
    expect((await lines())[0]).toEqual({
      about: { kind: 'new-device', devices: [found], proposal: null },
      settled: false,
    });
    expect(device(await parent.home(), found)).toMatchObject({ profile: null, known: false });
  });

  test('stays what a parent has said; nonsense changes nothing', async () => {
    await resembles();
    for (const detail of ['', OTHER, `${OTHER} ${found}`, `${tablet} ${OTHER}`, `${OTHER} ${tablet} x`]) {
      await ended(detail);
    }
    expect(await open()).toHaveLength(1);
    await decide('confirm', await first());
    await ended(`${OTHER} ${tablet}`);
    expect(device(await parent.home(), tablet)?.macs).toContain(OTHER);
  });
});

describe('an address that looks like a child’s device', () => {
  test('is proposed once, with all that speaks for it', async () => {
    await resembles();
    await resembles({ evidence: ['timing', 'hostname'] });
    expect(await open()).toMatchObject([
      { mac: OTHER, found, device: tablet, evidence: ['hostname', 'timing'], at: cloud.now },
    ]);
    expect((await parent.home()).proposals).toEqual(await open());
    cloud.announced.length = 0;
    await resembles();
    expect(cloud.announced).toEqual([]);
  });

  test('is not proposed where there is nothing to ask', async () => {
    await resembles({ device: found, mac: TABLET });
    await resembles({ mac: '02:00:00:00:00:99' });
    await resembles({ mac: TABLET });
    await resembles({ device: newId() });
    await parent.patch(`/devices/${found}`, { known: true });
    await resembles();
    expect(await open()).toEqual([]);
  });

  test('is not one of another household, nor of a device of one', async () => {
    const theirs = await cloud.signUp();
    const theirRouter = await cloud.claimRouter(theirs);
    const theirTablet = await cloud.findDevice(theirs, theirRouter, TABLET);
    await theirs.patch(`/devices/${theirTablet}`, { profile: await theirs.addChild() });
    await resembles({ device: theirTablet });
    expect([await open(), (await theirs.home()).proposals]).toEqual([[], []]);

    await resembles();
    for (const what of ['confirm', 'deny'] as const) {
      expect((await decide(what, await first(), theirs)).statusCode).toBe(404);
    }
    expect(await open()).toHaveLength(1);
  });

  test('is asked of as long as there are not too many', async () => {
    const macs = Array.from({ length: MAX_OPEN + 5 }, (_, i) => `02:00:00:00:01:${(i + 16).toString(16)}`);
    for (const mac of macs) {
      cloud.now += 1;
      await cloud.findDevice(parent, router, mac);
      await resembles({ mac });
    }
    expect((await open()).map(({ mac }) => mac)).toEqual(macs.slice(5));
  }, 30_000);
});

describe('a parent who confirms', () => {
  test('gives the address to the device, with what was recorded of it, and the routers are told', async () => {
    await resembles();
    const header = { at: cloud.now, timeSource: 'ntp', profile: child, device: found } as const;
    const burst = {
      burst: newId(),
      target: { kind: 'service', id: 'tiktok', name: 'tiktok.com' },
      count: 2,
      firstAt: cloud.now,
      lastAt: cloud.now,
    } as const;
    await cloud.ingest.ingest(router, [{ ...header, id: newId(), kind: 'blocked', ...burst }]);
    cloud.announced.length = 0;
    const response = await decide('confirm', await first());
    expect(deviceViewSchema.parse(response.json())).toMatchObject({
      id: tablet,
      profile: child,
      macs: [OTHER, TABLET],
    });
    expect(cloud.announced).toContainEqual({ router, document: 'policy' });
    const home = await parent.home();
    expect([home.devices.length, home.proposals]).toEqual([1, []]);
    expect((await parent.get('/activity')).json().items).toMatchObject([{ device: tablet, count: 2 }]);
    expect(await policy()).toContain(OTHER);
  });

  test('decides for both parents, whoever is first', async () => {
    await resembles();
    const id = await first();
    const answers = await Promise.all([decide('confirm', id), decide('deny', id), decide('confirm', id)]);
    expect(answers.map(({ statusCode }) => statusCode).sort()).toEqual([200, 409, 409]);
    expect(answers.find(({ statusCode }) => statusCode === 409)?.json()).toMatchObject({
      code: 'ALREADY_DECIDED',
    });
    await resembles();
    expect(await open()).toEqual([]);
  });

  test('can take it back: the address is a device of its own, left alone', async () => {
    await resembles();
    await decide('confirm', await first());
    const response = await parent.delete(`/devices/${tablet}/macs/${OTHER}`);
    const made = deviceViewSchema.parse(response.json());
    expect(made).toMatchObject({ macs: [OTHER], profile: null, known: true });
    expect(device(await parent.home(), tablet)?.macs).toEqual([TABLET]);
    await resembles();
    expect(await open()).toEqual([]);
    const last = await parent.delete(`/devices/${tablet}/macs/${TABLET}`);
    expect(last.json()).toMatchObject({ code: 'LAST_ADDRESS', status: 409 });
    expect((await parent.delete(`/devices/${tablet}/macs/${OTHER}`)).statusCode).toBe(404);
    expect((await parent.delete(`/devices/${tablet}/macs/nonsense`)).statusCode).toBe(404);
  });

  test('of more addresses than a device can have lets the made-up one go that was away for longest', async () => {
    const macs = Array.from({ length: MAX_MACS + 2 }, (_, i) => `02:00:00:00:02:${(i + 16).toString(16)}`);
    for (const mac of macs) {
      cloud.now += 1000;
      await cloud.findDevice(parent, router, mac);
      await resembles({ mac });
      expect((await decide('confirm', await first())).statusCode).toBe(200);
    }
    const kept = device(await parent.home(), tablet)?.macs;
    expect(kept).toEqual([...macs.slice(3), TABLET].sort());
  });

  test('of a device whose addresses are all real ones is told that there are too many', async () => {
    const macs = Array.from({ length: MAX_MACS }, (_, i) => `3c:22:fb:00:02:${(i + 16).toString(16)}`);
    for (const [i, mac] of macs.entries()) {
      await cloud.findDevice(parent, router, mac);
      await resembles({ mac });
      const { statusCode } = await decide('confirm', await first());
      expect(statusCode).toBe(i < MAX_MACS - 1 ? 200 : 409);
    }
    expect(await open()).toHaveLength(1);
  });
});

describe('a parent who denies', () => {
  test('leaves it alone, and is not asked again', async () => {
    await resembles();
    expect((await decide('deny', await first())).statusCode).toBe(204);
    const home = await parent.home();
    expect(home.proposals).toEqual([]);
    expect(device(home, found)).toMatchObject({ known: true, profile: null });
    await resembles();
    expect(await open()).toEqual([]);
    expect(await policy()).toContain(`"known":["${OTHER}"]`);
  });

  test('can take it back, as long as it has not become somebody’s', async () => {
    await resembles();
    const id = await first();
    await decide('deny', id);
    expect((await reopen(id)).statusCode).toBe(204);
    expect(await open()).toMatchObject([{ id, mac: OTHER, device: tablet }]);
    expect(device(await parent.home(), found)).toMatchObject({ known: false, profile: null });
    expect(await policy()).toContain('"known":[]');
    expect((await reopen(id)).statusCode).toBe(204);

    const theirs = await cloud.signUp();
    expect((await reopen(id, theirs)).statusCode).toBe(404);
    await decide('deny', id);
    await parent.patch(`/devices/${found}`, { profile: child });
    expect((await reopen(id)).json()).toMatchObject({ code: 'ALREADY_DECIDED' });
    expect(await open()).toEqual([]);
  });

  test('is asked the same again of a device that is to be asked about again', async () => {
    await resembles();
    const id = await first();
    await decide('deny', id);
    await parent.patch(`/devices/${found}`, { known: false });
    expect(await open()).toMatchObject([{ id }]);
  });

  test('cannot take back what was confirmed', async () => {
    await resembles();
    const id = await first();
    await decide('confirm', id);
    expect((await reopen(id)).json()).toMatchObject({ code: 'ALREADY_DECIDED' });
  });

  test('or gives it to a child, or says that it is known, has answered too', async () => {
    await resembles();
    await parent.patch(`/devices/${found}`, { name: 'Phone' });
    expect(await open()).toHaveLength(1);
    await parent.patch(`/devices/${found}`, { profile: child });
    expect(await open()).toEqual([]);
  });
});
