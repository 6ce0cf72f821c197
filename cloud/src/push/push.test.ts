import { type Id, newId } from '@khien/shared/id';
import { DAY, MINUTE } from '@khien/shared/policy';
import { afterEach, beforeEach, describe, expect, test, vi } from 'vitest';
import { cookieOf, Parent, TestCloud } from '../cloud.fixture.ts';
import { ZoneClock } from '../zone/clock.ts';
import { fanOut } from './fan-out.ts';
import { deliverDue } from './outbox.ts';
import { PushService } from './push-service.fixture.ts';
import { pushSender, type Send } from './sender.ts';
import { openVapid } from './vapid.ts';

const HOUR = 60 * MINUTE;

let cloud: TestCloud;
let service: PushService;
let send: Send;
let parent: Parent;
let router: Id;
let device: Id;
let profile: Id;
beforeEach(async () => {
  cloud = await TestCloud.start();
  const vapid = await openVapid(cloud.store.db, new URL('https://khien.test'), cloud.now);
  service = await PushService.start(cloud.store, vapid.publicKey);
  send = pushSender(vapid, service.resolve, service.ca);
  parent = await cloud.signUp();
  router = await cloud.claimRouter(parent);
  device = await cloud.findDevice(parent, router, '3c:22:fb:00:00:01');
  profile = await parent.addChild();
  await parent.patch(`/devices/${device}`, { profile });
  await cloud.store.db.deleteFrom('notification').execute();
});
afterEach(async () => {
  await service.stop();
  await cloud.stop();
});

const subscribe = async (person: Parent, name: string) => {
  const { subscription } = service.browser(name);
  expect((await person.call('PUT', '/api/v1/account/push', subscription)).statusCode).toBe(204);
};
async function childAsks(ask: 'time' | 'help', minutes = 15): Promise<Id> {
  const request = newId(cloud.now);
  await cloud.ingest.ingest(router, [
    {
      id: newId(cloud.now),
      at: cloud.now,
      timeSource: 'ntp',
      kind: 'request',
      request,
      profile,
      device,
      ask,
      minutes,
      text: 'con xin',
    },
  ]);
  return request;
}
const log = { error: vi.fn(), warn: vi.fn() };
const deps = () => ({
  store: cloud.store,
  changes: cloud.changes,
  zones: new ZoneClock(),
  send,
  log,
  now: () => cloud.now,
});
/** What the job does each time. */
async function round(): Promise<void> {
  while ((await fanOut(deps())) + (await deliverDue(deps())) > 0);
}
const waiting = () => cloud.store.db.selectFrom('delivery').selectAll().orderBy('id').execute();
const told = () => service.received.map(({ browser, message }) => [browser, message]);

test('a request reaches every browser of the parents, signed and encrypted, with no name on the lock screen', async () => {
  await subscribe(parent, 'phone');
  const request = await childAsks('time');
  await round();
  expect(service.wrong).toEqual([]);
  const [line] = await cloud.store.db.selectFrom('notification').selectAll().execute();
  expect(service.received).toEqual([
    {
      browser: 'phone',
      message: { title: 'Khiên', body: 'Có yêu cầu mới từ con.', url: '/requests', tag: line?.id },
      ttl: String(12 * 3600),
      urgency: 'high',
      topic: line?.id,
      claims: {
        aud: 'https://push.example.vn',
        exp: expect.any(Number),
        sub: 'https://khien.test',
      },
    },
  ]);
  const exp = service.received[0]?.claims.exp ?? 0;
  expect(exp * 1000 - Date.now()).toBeGreaterThan(0);
  expect(exp * 1000 - Date.now()).toBeLessThanOrEqual(DAY);
  expect(line?.subject).toBe(request);
  expect(await waiting()).toEqual([]);
  await round();
  expect(service.received).toHaveLength(1);
});

test('who wants them there has names on the lock screen, in their own language', async () => {
  await subscribe(parent, 'phone');
  await parent.patch('/notification-settings', { details: true });
  await childAsks('time', 20);
  await round();
  await cloud.store.db.updateTable('account').set({ language: 'en' }).execute();
  await childAsks('help');
  await round();
  expect(told().map(([, message]) => message)).toMatchObject([
    { body: 'Mai xin thêm 20 phút.' },
    { body: 'Mai needs your help. Open Khiên now.' },
  ]);
});

test('what was answered before it could be sent is not sent', async () => {
  await subscribe(parent, 'phone');
  const request = await childAsks('time');
  await fanOut(deps());
  expect(await waiting()).toHaveLength(1);
  await parent.post(`/requests/${request}/answer`, { granted: false, minutes: 0, reply: '' });
  await round();
  expect([service.requests, await waiting()]).toEqual([0, []]);
});

test('who signs out is told nothing more, in this browser', async () => {
  await subscribe(parent, 'phone');
  const response = await cloud.app.inject({
    method: 'POST',
    url: '/api/v1/session',
    headers: { 'sec-fetch-site': 'same-origin' },
    payload: { email: parent.email, password: 'a long enough password' },
  });
  const second = new Parent(cloud.app, cookieOf(response), parent.account, parent.email, parent.household);
  await subscribe(second, 'laptop');
  await childAsks('time');
  await fanOut(deps());
  expect(await waiting()).toHaveLength(2);
  await parent.call('DELETE', '/api/v1/session');
  await round();
  expect(told().map(([browser]) => browser)).toEqual(['laptop']);
  expect((await second.call('GET', '/api/v1/account/push')).json()).toMatchObject({ subscribed: true });
  cloud.now += 31 * DAY;
  await childAsks('time');
  await round();
  expect(service.received).toHaveLength(1);
});

test('a browser that another person signs in to is theirs alone', async () => {
  const { subscription } = service.browser('shared');
  const other = await cloud.signUp();
  await parent.call('PUT', '/api/v1/account/push', subscription);
  await other.call('PUT', '/api/v1/account/push', subscription);
  await other.call('PUT', '/api/v1/account/push', subscription);
  await childAsks('time');
  await round();
  expect(service.received).toEqual([]);
  expect(await cloud.store.db.selectFrom('push_subscription').select('account').execute()).toEqual([
    { account: other.account },
  ]);
});

describe('a push service', () => {
  test.each([404, 410])('that answers %i has its subscription removed', async (status) => {
    await subscribe(parent, 'phone');
    service.answers.push({ status });
    await childAsks('time');
    await round();
    expect(await waiting()).toEqual([]);
    expect(await cloud.store.db.selectFrom('push_subscription').selectAll().execute()).toEqual([]);
  });

  test('that is busy is asked again later and later, not before it said, and once it takes it that is all', async () => {
    await subscribe(parent, 'phone');
    service.answers.push(
      { status: 500 },
      { status: 503 },
      { status: 429, headers: { 'retry-after': '7200' } },
    );
    await childAsks('help');
    await round();
    const waits: number[] = [];
    for (let i = 0; i < 3; i += 1) {
      const [row] = await waiting();
      waits.push((row?.due_at ?? 0) - cloud.now);
      cloud.now = (row?.due_at ?? 0) - 1;
      await round();
      expect(service.requests).toBe(i + 1);
      cloud.now += 1;
      await round();
    }
    expect(waits[0]).toBeGreaterThanOrEqual(20_000);
    expect(waits[1]).toBeGreaterThan(40_000);
    expect(waits[2]).toBe(2 * HOUR);
    expect([service.requests, told().length, await waiting()]).toEqual([4, 1, []]);
  });

  test('that never comes back is given up after a day', async () => {
    await subscribe(parent, 'phone');
    await service.stop();
    await childAsks('help');
    for (let i = 0; i < 60 && (await waiting()).length + i > 0; i += 1) {
      await round();
      const [row] = await waiting();
      if (row === undefined) break;
      cloud.now = row.due_at;
    }
    expect(await waiting()).toEqual([]);
    service = await PushService.start(cloud.store, 'unused');
  });

  test('that refuses, or redirects, is not asked again', async () => {
    await subscribe(parent, 'phone');
    for (const answer of [
      { status: 413 },
      { status: 307, headers: { location: 'https://push.example.vn/phone' } },
    ]) {
      service.answers.push(answer);
      await childAsks('time');
      await round();
    }
    expect([service.requests, told(), await waiting()]).toEqual([2, [], []]);
  });
});

describe('what waits', () => {
  test('is sent by whoever comes after one that was killed, when its lease is over', async () => {
    await subscribe(parent, 'phone');
    await childAsks('time');
    await fanOut(deps());
    let release = () => {};
    const held = new Promise<void>((resolve) => {
      release = resolve;
    });
    const killed = deliverDue({
      ...deps(),
      send: async () => {
        await held;
        return { kind: 'taken' };
      },
    });
    await vi.waitFor(async () => expect((await waiting())[0]?.lease).not.toBeNull());
    await round();
    expect(service.requests).toBe(0);
    cloud.now += 2 * MINUTE;
    await round();
    expect(service.received).toHaveLength(1);
    release();
    await killed;
    expect(await waiting()).toEqual([]);
  });

  test('is taken by one of many who look at once', async () => {
    for (const name of ['a', 'b', 'c']) {
      const response = await cloud.app.inject({
        method: 'POST',
        url: '/api/v1/session',
        headers: { 'sec-fetch-site': 'same-origin' },
        payload: { email: parent.email, password: 'a long enough password' },
      });
      await subscribe(
        new Parent(cloud.app, cookieOf(response), parent.account, parent.email, parent.household),
        name,
      );
    }
    await childAsks('time');
    await Promise.all([fanOut(deps()), fanOut(deps()), fanOut(deps())]);
    await Promise.all([deliverDue(deps()), deliverDue(deps()), deliverDue(deps())]);
    await round();
    expect(
      told()
        .map(([browser]) => browser)
        .sort(),
    ).toEqual(['a', 'b', 'c']);
  });
});

describe('in quiet hours', () => {
  // Noon in Viet Nam when a test begins.
  const quiet = [{ days: [1, 2, 3, 4, 5, 6, 7], start: '11:00', end: '13:00' }];

  test('what comes is one digest at their end, and help comes at once', async () => {
    await subscribe(parent, 'phone');
    await parent.patch('/notification-settings', { quiet });
    await childAsks('time');
    await childAsks('time');
    await round();
    expect(told()).toEqual([]);
    await childAsks('help');
    await round();
    expect(told()).toMatchObject([
      ['phone', { url: '/requests', body: 'Con cần bố mẹ giúp. Hãy mở Khiên ngay.' }],
    ]);
    cloud.now += HOUR - 1;
    await round();
    expect(service.received).toHaveLength(1);
    cloud.now += 1;
    await round();
    expect(told().slice(1)).toMatchObject([
      ['phone', { body: 'Trong giờ yên lặng có 2 thông báo.', url: '/notifications', tag: 'digest' }],
    ]);
  });

  test('the digest is only of what still matters, and of one thing it is that thing', async () => {
    await subscribe(parent, 'phone');
    await parent.patch('/notification-settings', { quiet });
    const first = await childAsks('time');
    await childAsks('time');
    await round();
    await parent.post(`/requests/${first}/answer`, { granted: false, minutes: 0, reply: '' });
    cloud.now += HOUR;
    await round();
    expect(told()).toMatchObject([['phone', { body: 'Có yêu cầu mới từ con.', url: '/requests' }]]);
  });

  test('what was read meanwhile is no news, and who ends the quiet hours is told at once', async () => {
    await subscribe(parent, 'phone');
    await parent.patch('/notification-settings', { quiet });
    await childAsks('time');
    await round();
    await parent.post('/notifications/read', { sequence: Number.MAX_SAFE_INTEGER });
    await childAsks('time');
    await round();
    await parent.patch('/notification-settings', { quiet: [] });
    await round();
    expect(told()).toMatchObject([['phone', { body: 'Có yêu cầu mới từ con.' }]]);
  });

  test('that are longer in the zone that the family moves to end by its clock', async () => {
    await subscribe(parent, 'phone');
    await parent.patch('/notification-settings', { quiet });
    await childAsks('time');
    await round();
    // Half past eleven there.
    await parent.patch('', { zone: 'Asia/Yangon' });
    cloud.now += HOUR;
    await round();
    expect(told()).toEqual([]);
    cloud.now += HOUR / 2;
    await round();
    expect(told()).toHaveLength(1);
  });

  test('that are over in the zone that the family moves to hold nothing back', async () => {
    await subscribe(parent, 'phone');
    await parent.patch('/notification-settings', { quiet });
    await childAsks('time');
    await round();
    await parent.patch('', { zone: 'Asia/Tokyo' });
    await round();
    expect(told()).toHaveLength(1);
  });

  test('of the night in which clocks go back are an hour longer', async () => {
    await subscribe(parent, 'phone');
    await parent.patch('', { zone: 'America/St_Johns' });
    const night = [{ days: [6], start: '22:00', end: '06:30' }];
    await parent.patch('/notification-settings', { quiet: night });
    cloud.now = Date.parse('2026-10-31T22:00:00-02:30');
    await cloud.store.db.updateTable('session').set({ expires_at: cloud.now + DAY }).execute();
    await childAsks('time');
    await round();
    cloud.now = Date.parse('2026-11-01T06:29:59-03:30');
    await round();
    expect(told()).toEqual([]);
    cloud.now += 1_000;
    await round();
    expect(told()).toHaveLength(1);
  });
});

describe('a choice', () => {
  test('of the app alone, or of nothing, is kept; that a child calls for help cannot be switched off', async () => {
    await subscribe(parent, 'phone');
    const channels = { request: 'in-app', help: 'off' };
    const settings = (await parent.patch('/notification-settings', { channels })).json();
    expect(settings).toMatchObject({ channels: { request: 'in-app', help: 'push', bypass: 'push' } });
    await childAsks('time');
    await childAsks('help');
    await round();
    expect(told()).toMatchObject([['phone', { body: 'Con cần bố mẹ giúp. Hãy mở Khiên ngay.' }]]);
  });

  test('a viewer is told less', async () => {
    await subscribe(parent, 'phone');
    await cloud.store.db.updateTable('member').set({ role: 'viewer' }).execute();
    await childAsks('time');
    await round();
    expect(told()).toEqual([]);
    expect((await parent.get('/notification-settings')).json()).toMatchObject({
      channels: { help: 'push', request: 'in-app', bypass: 'off' },
      fixed: [],
    });
  });
});

test('a browser can be tried out, once it is subscribed', async () => {
  expect((await parent.post('/notifications/test', {})).json()).toMatchObject({
    code: 'PUSH_NOT_SUBSCRIBED',
  });
  await subscribe(parent, 'phone');
  expect((await parent.post('/notifications/test', {})).statusCode).toBe(202);
  await round();
  expect(told()).toMatchObject([['phone', { body: 'Thông báo đến được máy này.', tag: 'test' }]]);
  await parent.call('DELETE', '/api/v1/account/push');
  expect((await parent.call('GET', '/api/v1/account/push')).json()).toMatchObject({ subscribed: false });
});

test('an endpoint that is no push service’s is refused', async () => {
  const { keys } = service.browser('x').subscription;
  for (const endpoint of [
    'http://push.example.vn/x',
    'https://127.0.0.1/x',
    'https://[::1]/x',
    'https://2130706433/x',
    'https://localhost/x',
    'https://push.example.vn:8443/x',
    'https://user@push.example.vn/x',
    `https://push.example.vn/${'x'.repeat(2000)}`,
    'nothing',
  ]) {
    const response = await parent.call('PUT', '/api/v1/account/push', { endpoint, keys });
    expect([endpoint, response.statusCode]).toEqual([endpoint, 400]);
  }
  const short = { p256dh: keys.auth, auth: keys.auth };
  const response = await parent.call('PUT', '/api/v1/account/push', {
    endpoint: 'https://push.example.vn/x',
    keys: short,
  });
  expect(response.statusCode).toBe(400);
});
