import { newId } from '@khien/shared/id';
import { DAY, MINUTE } from '@khien/shared/policy';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { z } from 'zod';
import type { Parent } from '../cloud.fixture.ts';
import { type About, type NotificationKind, notificationKinds } from '../notifications/about.ts';
import { notify } from '../notifications/notify.ts';
import { notificationPageSchema, type SettingsChange } from '../notifications/schema.ts';
import { join } from '../rights/people.fixture.ts';
import { vi } from './language/vi.ts';
import { PushedHome } from './pushed-home.fixture.ts';

const HOUR = 60 * MINUTE;
const messageSchema = z.object({ tag: z.string(), url: z.string(), body: z.string() });

let home: PushedHome;
beforeEach(async () => {
  home = await PushedHome.start();
});
afterEach(() => home.stop());

describe('in quiet hours', () => {
  // Noon in Viet Nam when a test begins.
  const quiet = [{ days: [1, 2, 3, 4, 5, 6, 7], start: '11:00', end: '13:00' }];

  test('what comes is one digest at their end, and help comes at once', async () => {
    await home.subscribe(home.parent, 'phone');
    await home.parent.patch('/notification-settings', { quiet });
    await home.childAsks('time');
    await home.childAsks('time');
    await home.round();
    expect(home.told()).toEqual([]);
    await home.childAsks('help');
    await home.round();
    expect(home.told()).toMatchObject([
      ['phone', { url: '/requests', body: 'Con cần bố mẹ giúp. Hãy mở Khiên ngay.' }],
    ]);
    home.cloud.now += HOUR - 1;
    await home.round();
    expect(home.service.received).toHaveLength(1);
    home.cloud.now += 1;
    await home.round();
    expect(home.told().slice(1)).toMatchObject([
      ['phone', { body: 'Trong giờ yên lặng có 2 thông báo.', url: '/notifications', tag: 'digest' }],
    ]);
  });

  test('the digest is only of what still matters, and of one thing it is that thing', async () => {
    await home.subscribe(home.parent, 'phone');
    await home.parent.patch('/notification-settings', { quiet });
    const first = await home.childAsks('time');
    await home.childAsks('time');
    await home.round();
    await home.parent.post(`/requests/${first}/answer`, { granted: false, minutes: 0, reply: '' });
    home.cloud.now += HOUR;
    await home.round();
    expect(home.told()).toMatchObject([['phone', { body: 'Có yêu cầu mới từ con.', url: '/requests' }]]);
  });

  test('what was read meanwhile is no news, and who ends the quiet hours is told at once', async () => {
    await home.subscribe(home.parent, 'phone');
    await home.parent.patch('/notification-settings', { quiet });
    await home.childAsks('time');
    await home.round();
    await home.parent.post('/notifications/read', { sequence: Number.MAX_SAFE_INTEGER });
    await home.childAsks('time');
    await home.round();
    await home.parent.patch('/notification-settings', { quiet: [] });
    await home.round();
    expect(home.told()).toMatchObject([['phone', { body: 'Có yêu cầu mới từ con.' }]]);
  });

  test('that are longer in the zone that the family moves to end by its clock', async () => {
    await home.subscribe(home.parent, 'phone');
    await home.parent.patch('/notification-settings', { quiet });
    await home.childAsks('time');
    await home.round();
    // Half past eleven there.
    await home.parent.patch('', { zone: 'Asia/Yangon' });
    home.cloud.now += HOUR;
    await home.round();
    expect(home.told()).toEqual([]);
    home.cloud.now += HOUR / 2;
    await home.round();
    expect(home.told()).toHaveLength(1);
  });

  test('that are over in the zone that the family moves to hold nothing back', async () => {
    await home.subscribe(home.parent, 'phone');
    await home.parent.patch('/notification-settings', { quiet });
    await home.childAsks('time');
    await home.round();
    await home.parent.patch('', { zone: 'Asia/Tokyo' });
    await home.round();
    expect(home.told()).toHaveLength(1);
  });

  test('of the night in which clocks go back are an hour longer', async () => {
    await home.subscribe(home.parent, 'phone');
    await home.parent.patch('', { zone: 'America/St_Johns' });
    const night = [{ days: [6], start: '22:00', end: '06:30' }];
    await home.parent.patch('/notification-settings', { quiet: night });
    home.cloud.now = Date.parse('2026-10-31T22:00:00-02:30');
    await home.cloud.store.db
      .updateTable('session')
      .set({ expires_at: home.cloud.now + DAY })
      .execute();
    await home.childAsks('time');
    await home.round();
    home.cloud.now = Date.parse('2026-11-01T06:29:59-03:30');
    await home.round();
    expect(home.told()).toEqual([]);
    home.cloud.now += 1_000;
    await home.round();
    expect(home.told()).toHaveLength(1);
  });
});

describe('a choice', () => {
  test('of the app alone, or of nothing, is kept; that a child calls for help cannot be switched off', async () => {
    await home.subscribe(home.parent, 'phone');
    const channels = { request: 'in-app', help: 'off' };
    const settings = (await home.parent.patch('/notification-settings', { channels })).json();
    expect(settings).toMatchObject({ channels: { request: 'in-app', help: 'push', bypass: 'push' } });
    await home.childAsks('time');
    await home.childAsks('help');
    await home.round();
    expect(home.told()).toMatchObject([['phone', { body: 'Con cần bố mẹ giúp. Hãy mở Khiên ngay.' }]]);
  });

  test('a viewer is told less', async () => {
    await home.subscribe(home.parent, 'phone');
    await home.cloud.store.db.updateTable('member').set({ role: 'viewer' }).execute();
    await home.childAsks('time');
    await home.round();
    expect(home.told()).toEqual([]);
    expect((await home.parent.get('/notification-settings')).json()).toMatchObject({
      channels: { help: 'push', request: 'in-app', bypass: 'off' },
      fixed: [],
    });
  });
});

describe('whatever there is to tell', () => {
  const week = '2026-06-01';
  const named = {
    help: ['/requests', 'Mai needs your help. Open Khiên now.'],
    request: ['/requests', 'Mai asks for 1 more minute.'],
    bypass: ['/activity', 'Mai’s device tried to get round the rules.'],
    quota: ['/', 'Mai has used up a time limit.'],
    'new-device': ['/devices', 'New device: guest. Whose is it?'],
    'device-changed': ['/devices', 'tablet: something else seems to use its address.'],
    'router-offline': ['/notifications', 'Test router is not connected. The rules on it still hold.'],
    'rules-failing': ['/notifications', 'Test router could not take the new rules.'],
    'list-old': ['/notifications', 'The block lists on the router are old.'],
    'connection-contested': ['/notifications', 'Something else connects in your router’s name.'],
    'webhook-off': ['/developers', 'A webhook was switched off, because nothing was taken there for a day.'],
    weekly: ['/weekly', 'The summary of last week is ready.'],
  } satisfies Record<NotificationKind, readonly [url: string, body: string]>;
  const everyKind = Object.fromEntries(notificationKinds.map((kind) => [kind, 'push']));

  /** Each kind once: what routers tell, from them. */
  async function everythingHappens(): Promise<void> {
    const { cloud, parent, router, device, profile } = home;
    const event = () => ({ id: newId(cloud.now), at: cloud.now, timeSource: 'ntp' }) as const;
    const span = { burst: newId(), count: 1, firstAt: cloud.now, lastAt: cloud.now };
    await home.childAsks('help');
    await home.childAsks('time', 1);
    await parent.patch(`/devices/${device}`, { name: 'tablet' });
    await cloud.findDevice(parent, router, '02:00:00:00:00:10', 'guest');
    await cloud.ingest.ingest(router, [
      { ...event(), ...span, kind: 'bypass', profile, device, method: 'vpn', service: null },
      { ...event(), kind: 'quota-spent', profile, of: { kind: 'network' }, minutes: 60 },
      { ...event(), kind: 'device-changed', mac: '3c:22:fb:00:00:01', evidence: ['two-places'] },
      { ...event(), kind: 'document-refused', code: 'DOCUMENT_INVALID', reason: '' },
      { ...event(), kind: 'router', code: 'CONNECTION_CONTESTED', detail: '' },
    ]);
    const others: About[] = [
      { kind: 'router-offline' },
      { kind: 'list-old' },
      { kind: 'webhook-off', webhook: newId() },
      { kind: 'weekly', week },
    ];
    await cloud.store.ofHouseholds([parent.household], async (trx) => {
      for (const about of others) {
        const line = { about, subject: about.kind, router, at: cloud.now, pushAt: cloud.now };
        await notify(trx, parent.household, line, cloud.now);
      }
    });
    // Until new devices and refused rules are worth a push, too.
    cloud.now += 5 * MINUTE;
  }

  const pushedTo = (browser: string) =>
    home.service.received
      .filter((received) => received.browser === browser)
      .map(({ message }) => messageSchema.parse(message));

  async function joins(name: string, language: 'vi' | 'en', settings: SettingsChange): Promise<Parent> {
    const { cloud, parent } = home;
    const person = await cloud.signUp();
    await join(cloud, person, parent.household, 'carer');
    await cloud.store.db.updateTable('account').set({ language }).where('id', '=', person.account).execute();
    await home.subscribe(person, name);
    const path = `/api/v1/households/${parent.household}/notification-settings`;
    expect((await person.call('PATCH', path, settings)).statusCode).toBe(200);
    return person;
  }

  test('reaches each person as they chose of its kind, in their language', async () => {
    await joins('names', 'en', { channels: everyKind, details: true });
    await joins('no-names', 'vi', { channels: everyKind });
    const none = Object.fromEntries(notificationKinds.map((kind) => [kind, 'off']));
    const nothing = await joins('nothing', 'vi', { channels: none });
    const inApp = Object.fromEntries(notificationKinds.map((kind) => [kind, 'in-app']));
    const app = await joins('app', 'vi', { channels: inApp });
    await everythingHappens();
    await home.round();

    const lines = await home.cloud.store.db.selectFrom('notification').select(['id', 'kind']).execute();
    const kindOf = new Map(lines.map(({ id, kind }) => [id, kind]));
    const told = pushedTo('names').map(({ tag, url, body }) => [kindOf.get(tag), [url, body]]);
    expect(Object.fromEntries(told)).toEqual(named);
    expect(told).toHaveLength(notificationKinds.length);

    const plain = pushedTo('no-names');
    expect(plain.map(({ tag }) => kindOf.get(tag)).sort()).toEqual([...notificationKinds].sort());
    for (const { body } of plain) expect(body).not.toMatch(/Mai|tablet|guest|Test router/);
    for (const { body } of plain) expect(Object.values(vi.plain)).toContain(body);

    // A call for help is nothing to be switched off.
    for (const browser of ['nothing', 'app']) {
      expect(pushedTo(browser).map(({ tag }) => kindOf.get(tag))).toEqual(['help']);
    }
    const feed = async (person: Parent) => {
      const response = await person.call('GET', `/api/v1/households/${home.parent.household}/notifications`);
      return notificationPageSchema.parse(response.json()).items.map(({ about }) => about.kind);
    };
    expect(await feed(nothing)).toEqual(['help']);
    expect((await feed(app)).sort()).toEqual([...notificationKinds].sort());
  });
});
