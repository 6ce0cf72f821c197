import type { EventOf, KhienEvent } from '@khien/shared/event';
import { type Id, newId } from '@khien/shared/id';
import { DAY, MINUTE } from '@khien/shared/policy';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { type Parent, TestCloud } from '../cloud.fixture.ts';
import { MAX_LINES, notify } from './notify.ts';
import { type NotificationPage, notificationPageSchema } from './schema.ts';

const HOUR = 60 * MINUTE;

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
  await parent.patch(`/devices/${device}`, { profile });
  await cloud.store.db.deleteFrom('notification').execute();
  cloud.announced.length = 0;
});
afterEach(() => cloud.stop());

const header = () => ({ id: newId(cloud.now), at: cloud.now, timeSource: 'ntp' }) as const;
const tell = (...events: KhienEvent[]) => cloud.ingest.ingest(router, events);
const bypass = (change: Partial<EventOf<'bypass'>> = {}): KhienEvent => ({
  ...header(),
  kind: 'bypass',
  profile,
  device,
  burst: newId(cloud.now),
  method: 'vpn',
  service: null,
  count: 1,
  firstAt: cloud.now,
  lastAt: cloud.now,
  ...change,
});
const asked = (ask: 'time' | 'help', request = newId(cloud.now)): KhienEvent => ({
  ...header(),
  kind: 'request',
  request,
  profile,
  device,
  ask,
  minutes: ask === 'time' ? 15 : 0,
  text: '',
});
const feed = async (query = '', of = parent): Promise<NotificationPage> =>
  notificationPageSchema.parse((await of.get(`/notifications${query}`)).json());
const abouts = async () => (await feed()).items.map(({ about }) => about);
const pushAt = async () =>
  (await cloud.store.db.selectFrom('notification').select('push_at').orderBy('sequence').execute()).map(
    (row) => row.push_at,
  );

describe('a line', () => {
  test('of tries to get round the rules counts a day’s tries of a child, however they are told', async () => {
    const burst = newId(cloud.now);
    const first = bypass({ burst, count: 3 });
    await tell(first, bypass({ method: 'doh', count: 4 }));
    cloud.now += HOUR;
    await tell(bypass({ burst, count: 10 }), bypass({ burst, count: 8 }));
    await tell(first);
    cloud.now += HOUR;
    await tell(bypass({ burst: newId(), method: 'tor', count: 6 }));
    expect((await feed()).items).toMatchObject([
      {
        about: { kind: 'bypass', methods: ['vpn', 'doh', 'tor'] },
        profile,
        count: 20,
        firstAt: cloud.now - 2 * HOUR,
        at: cloud.now,
      },
    ]);
    cloud.now += DAY;
    await tell(bypass());
    expect((await feed()).items.map(({ count }) => count)).toEqual([1, 20]);
  });

  test('is there once however often its event is sent, and not without what caused it', async () => {
    const event = asked('time');
    await Promise.all([tell(event), tell(event), tell(event)]);
    expect(await abouts()).toHaveLength(1);
    expect(cloud.announced).toContainEqual({ household: parent.household, changed: 'notifications' });
    await tell({ ...asked('time'), profile: newId(), kind: 'request' } as EventOf<'request'>);
    expect(await abouts()).toHaveLength(1);
  });

  test('of what apps do by themselves wakes nobody up, until somebody does something too', async () => {
    await tell(bypass({ method: 'doh' }));
    expect(await pushAt()).toEqual([null]);
    await tell(bypass({ method: 'vpn' }));
    expect(await pushAt()).toEqual([cloud.now]);
  });

  test('is begun for each request, and is settled when it is answered', async () => {
    const request = newId(cloud.now);
    await tell(asked('help'), asked('time', request));
    await parent.post(`/requests/${request}/answer`, { granted: false, minutes: 0, reply: '' });
    const { items } = await feed();
    expect(items.map(({ about, settled }) => [about.kind, settled])).toEqual([
      ['request', true],
      ['help', false],
    ]);
  });

  test('tells of all devices that a new router finds, and needs nobody when they are decided', async () => {
    const found = await cloud.findDevice(parent, router, '02:00:00:00:00:10');
    cloud.now += MINUTE;
    const other = await cloud.findDevice(parent, router, '02:00:00:00:00:11');
    expect((await feed()).items).toMatchObject([
      { about: { kind: 'new-device', devices: [found, other], proposal: null }, count: 2, settled: false },
    ]);
    await parent.patch(`/devices/${found}`, { known: true });
    expect((await feed()).items[0]?.settled).toBe(false);
    await parent.patch(`/devices/${other}`, { profile });
    expect((await feed()).items[0]?.settled).toBe(true);
    cloud.now += HOUR;
    await cloud.findDevice(parent, router, '02:00:00:00:00:12');
    expect(await abouts()).toHaveLength(2);
  });

  test('of a moment that a router with a wrong clock told says that it is a guess, until one is known', async () => {
    const unsynced = { at: 100_000, timeSource: 'unsynced' } as const;
    await tell({ ...bypass(), ...unsynced }, { ...asked('time'), ...unsynced });
    const guesses = async () =>
      (await feed()).items.map(({ about, at, guessed }) => [about.kind, at, guessed]);
    expect(new Set(await guesses())).toEqual(
      new Set([
        ['bypass', cloud.now, true],
        ['request', cloud.now, true],
      ]),
    );
    cloud.now += HOUR;
    await tell(bypass());
    expect(await guesses()).toEqual([
      ['bypass', cloud.now, false],
      ['request', cloud.now - HOUR, true],
    ]);
    await tell({ ...bypass(), at: cloud.now - 3 * HOUR });
    expect((await guesses())[0]).toEqual(['bypass', cloud.now, false]);
  });

  test('of a new device says whose it looks like, once that is known', async () => {
    const mac = '02:00:00:00:00:10';
    const found = await cloud.findDevice(parent, router, mac);
    await tell({ ...header(), kind: 'device-resembles', mac, device, evidence: ['hostname'] });
    const [proposal] = (await parent.home()).proposals;
    expect((await feed()).items).toMatchObject([
      { about: { kind: 'new-device', devices: [found], proposal: proposal?.id }, profile, settled: false },
    ]);
    await parent.post(`/proposals/${proposal?.id}/deny`, {});
    expect((await feed()).items[0]?.settled).toBe(true);
  });

  test('of an address that was copied is settled when a parent has seen to it', async () => {
    const mac = '3c:22:fb:00:00:01';
    await tell({ ...header(), kind: 'device-changed', mac, evidence: ['two-places'] });
    expect((await feed()).items).toMatchObject([{ about: { kind: 'device-changed', mac }, settled: false }]);
    const [alert] = (await parent.home()).alerts;
    await parent.delete(`/alerts/${alert?.id}`);
    expect((await feed()).items[0]?.settled).toBe(true);
  });

  test('of a quota is one, also after more time was given', async () => {
    const spent = () =>
      ({
        ...header(),
        kind: 'quota-spent',
        profile,
        of: { kind: 'service', id: 'tiktok' },
        minutes: 60,
      }) as const;
    await tell(spent());
    cloud.now += HOUR;
    await tell(spent());
    expect((await feed()).items).toMatchObject([
      { about: { kind: 'quota', of: { kind: 'service', id: 'tiktok' } }, profile, count: 2 },
    ]);
  });

  test('of rules that a router refused waits, and is gone when it takes others soon', async () => {
    await tell({ ...header(), kind: 'document-refused', code: 'DOCUMENT_INVALID', reason: '' });
    expect(await abouts()).toEqual([{ kind: 'rules-failing', code: 'DOCUMENT_INVALID' }]);
    expect(await pushAt()).toEqual([cloud.now + 3 * MINUTE]);
    cloud.now += MINUTE;
    await tell({ ...header(), kind: 'document-applied', document: 'policy', version: 1 });
    expect(await abouts()).toEqual([]);
  });

  test('of a router’s key that is used in two places is one a day', async () => {
    const contested = () => tell({ ...header(), kind: 'router', code: 'CONNECTION_CONTESTED', detail: '' });
    await contested();
    cloud.now += HOUR;
    await contested();
    expect((await feed()).items).toMatchObject([
      { about: { kind: 'connection-contested' }, router, count: 2 },
    ]);
    expect(cloud.announced).toContainEqual({ household: parent.household, changed: 'notifications' });
    await tell({ ...header(), kind: 'router', code: 'STARTED', detail: '' });
    expect(await abouts()).toHaveLength(1);
  });

  test('of a router that does not enforce is told, and that it does again', async () => {
    const state = async (enforcement: string) =>
      cloud.applyState(router, {
        daemon: '0.1.0',
        at: cloud.now,
        timeSource: 'ntp',
        inForce: { policy: 1, contacts: 1, lists: 1 },
        enforcement,
        devices: [],
        usage: [],
        lists: null,
      });
    await state('enforcing');
    await state('ENFORCE_NO_PERMISSION');
    await state('ENFORCE_NO_PERMISSION');
    expect((await feed()).items).toMatchObject([
      { about: { kind: 'rules-failing', code: 'ENFORCE_NO_PERMISSION' }, router, count: 1, settled: false },
    ]);
    await cloud.store.db.updateTable('notification').set({ pushed_at: cloud.now, push_at: null }).execute();
    await state('enforcing');
    expect((await feed()).items).toMatchObject([{ settled: true, settledAt: cloud.now }]);
  });
});

describe('the feed', () => {
  test('has pages without a gap or a double, while new lines come', async () => {
    for (let i = 0; i < 9; i += 1) {
      // Two of each instant.
      if (i % 2 === 0) cloud.now += 1000;
      await tell(asked('time'));
    }
    const all = (await feed()).items.map(({ id }) => id);
    expect(all).toHaveLength(9);
    const seen: Id[] = [];
    let next: string | null = null;
    do {
      const page: NotificationPage = await feed(`?limit=2${next === null ? '' : `&before=${next}`}`);
      seen.push(...page.items.map(({ id }) => id));
      next = page.next;
      cloud.now += 1000;
      await tell(asked('help'));
    } while (next !== null);
    expect(seen).toEqual(all);
    expect((await parent.get('/notifications?before=x')).statusCode).toBe(400);
  });

  test('says what each person has not seen; what grows is news again', async () => {
    await tell(bypass());
    await tell(asked('time'));
    const first = await feed();
    expect(first).toMatchObject({ unread: 2, items: [{ unread: true }, { unread: true }] });
    const newest = Math.max(...first.items.map(({ sequence }) => sequence));
    await parent.post('/notifications/read', { sequence: newest });
    await parent.post('/notifications/read', { sequence: newest - 1 });
    expect(await feed()).toMatchObject({ unread: 0, items: [{ unread: false }, { unread: false }] });
    await tell(bypass());
    expect((await feed()).unread).toBe(1);
    expect((await feed()).items.find(({ about }) => about.kind === 'bypass')?.unread).toBe(true);
    await parent.post('/notifications/read', { sequence: 10 ** 12 });
    await tell(asked('time'));
    expect((await feed()).unread).toBe(1);
  });

  test('leaves out what a person does not want to hear of', async () => {
    await tell(bypass(), asked('time'));
    await parent.patch('/notification-settings', { channels: { bypass: 'off' } });
    expect(await abouts()).toMatchObject([{ kind: 'request' }]);
    expect((await feed()).unread).toBe(1);
  });

  test('of another household is not there', async () => {
    await tell(asked('time'));
    const other = await cloud.signUp();
    expect((await feed('', other)).items).toEqual([]);
    for (const path of ['/notifications', '/notification-settings', '/weekly']) {
      const url = `/api/v1/households/${parent.household}${path}`;
      expect((await other.call('GET', url)).statusCode).toBe(404);
    }
  });

  test('holds so many lines, and a call for help that nobody was told yet stays', async () => {
    await tell(asked('help'));
    await cloud.store.transaction(async (trx) => {
      for (let i = 0; i < MAX_LINES + 5; i += 1) {
        const about = { kind: 'quota', of: { kind: 'network' } } as const;
        const line = { about, subject: String(i), at: cloud.now, pushAt: null };
        await notify(trx, parent.household, line, cloud.now);
      }
    });
    const lines = await cloud.store.db
      .selectFrom('notification')
      .select(['kind', 'subject'])
      .orderBy('sequence')
      .execute();
    expect(lines).toHaveLength(MAX_LINES + 1);
    expect(lines[0]?.kind).toBe('help');
    expect(lines[1]?.subject).toBe('5');
  });

  test('goes with the household, the child and the member', async () => {
    await tell(asked('time'));
    await parent.patch('/notification-settings', { details: true });
    await parent.post('/notifications/read', { sequence: 1 });
    const left = async () => {
      const counts: number[] = [];
      for (const table of ['notification', 'notification_mark', 'notification_setting'] as const) {
        counts.push((await cloud.store.db.selectFrom(table).selectAll().execute()).length);
      }
      return counts;
    };
    expect(await left()).toEqual([1, 1, 1]);
    await parent.delete(`/profiles/${profile}`);
    expect(await left()).toEqual([0, 1, 1]);
    await cloud.store.db.deleteFrom('member').execute();
    expect(await left()).toEqual([0, 0, 0]);
  });
});

test('settings are kept as they were chosen, and wrong ones refused', async () => {
  const quiet = [{ days: [6, 7], start: '22:30', end: '06:00' }];
  await parent.patch('/notification-settings', { quiet });
  await parent.patch('/notification-settings', { channels: { quota: 'push' }, details: true });
  expect((await parent.get('/notification-settings')).json()).toMatchObject({
    quiet,
    details: true,
    channels: { quota: 'push', help: 'push', 'list-old': 'in-app' },
    fixed: ['help'],
  });
  await parent.patch('/notification-settings', { channels: { quota: 'in-app' }, quiet: [] });
  expect((await parent.get('/notification-settings')).json()).toMatchObject({
    quiet: [],
    channels: { quota: 'in-app' },
  });
  for (const wrong of [
    { channels: { request: 'loud' } },
    { channels: { nothing: 'push' } },
    { quiet: [{ days: [], start: '22:00', end: '06:00' }] },
    { quiet: [{ days: [8], start: '22:00', end: '06:00' }] },
    { quiet: [{ days: [1], start: '22:00', end: '22:00' }] },
    { quiet: [{ days: [1], start: '25:00', end: '22:00' }] },
  ]) {
    expect((await parent.patch('/notification-settings', wrong)).statusCode).toBe(400);
  }
});
