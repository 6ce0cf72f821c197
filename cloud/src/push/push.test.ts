import { DAY, MINUTE } from '@khien/shared/policy';
import { afterEach, beforeEach, describe, expect, test, vi } from 'vitest';
import { cookieOf, Parent } from '../cloud.fixture.ts';
import { fanOut } from './fan-out.ts';
import { deliverDue } from './outbox.ts';
import { PushService } from './push-service.fixture.ts';
import { PushedHome } from './pushed-home.fixture.ts';

const HOUR = 60 * MINUTE;

let home: PushedHome;
beforeEach(async () => {
  home = await PushedHome.start();
});
afterEach(() => home.stop());

test('a request reaches every browser of the parents, signed and encrypted, with no name on the lock screen', async () => {
  await home.subscribe(home.parent, 'phone');
  const request = await home.childAsks('time');
  await home.round();
  expect(home.service.wrong).toEqual([]);
  const [line] = await home.cloud.store.db.selectFrom('notification').selectAll().execute();
  expect(home.service.received).toEqual([
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
  const exp = home.service.received[0]?.claims.exp ?? 0;
  expect(exp * 1000 - Date.now()).toBeGreaterThan(0);
  expect(exp * 1000 - Date.now()).toBeLessThanOrEqual(DAY);
  expect(line?.subject).toBe(request);
  expect(await home.waiting()).toEqual([]);
  await home.round();
  expect(home.service.received).toHaveLength(1);
});

test('who wants them there has names on the lock screen, in their own language', async () => {
  await home.subscribe(home.parent, 'phone');
  await home.parent.patch('/notification-settings', { details: true });
  await home.childAsks('time', 20);
  await home.round();
  await home.cloud.store.db.updateTable('account').set({ language: 'en' }).execute();
  await home.childAsks('help');
  await home.round();
  expect(home.told().map(([, message]) => message)).toMatchObject([
    { body: 'Mai xin thêm 20 phút.' },
    { body: 'Mai needs your help. Open Khiên now.' },
  ]);
});

test('what was answered before it could be sent is not sent', async () => {
  await home.subscribe(home.parent, 'phone');
  const request = await home.childAsks('time');
  await fanOut(home.deps());
  expect(await home.waiting()).toHaveLength(1);
  await home.parent.post(`/requests/${request}/answer`, { granted: false, minutes: 0, reply: '' });
  await home.round();
  expect([home.service.requests, await home.waiting()]).toEqual([0, []]);
});

test('who signs out is told nothing more, in this browser', async () => {
  await home.subscribe(home.parent, 'phone');
  const response = await home.cloud.app.inject({
    method: 'POST',
    url: '/api/v1/session',
    headers: { 'sec-fetch-site': 'same-origin' },
    payload: { email: home.parent.email, password: 'a long enough password' },
  });
  const second = new Parent(
    home.cloud.app,
    cookieOf(response),
    home.parent.account,
    home.parent.email,
    home.parent.household,
  );
  await home.subscribe(second, 'laptop');
  await home.childAsks('time');
  await fanOut(home.deps());
  expect(await home.waiting()).toHaveLength(2);
  await home.parent.call('DELETE', '/api/v1/session');
  await home.round();
  expect(home.told().map(([browser]) => browser)).toEqual(['laptop']);
  expect((await second.call('GET', '/api/v1/account/push')).json()).toMatchObject({ subscribed: true });
  home.cloud.now += 31 * DAY;
  await home.childAsks('time');
  await home.round();
  expect(home.service.received).toHaveLength(1);
});

test('a browser that another person signs in to is theirs alone', async () => {
  const { subscription } = home.service.browser('shared');
  const other = await home.cloud.signUp();
  await home.parent.call('PUT', '/api/v1/account/push', subscription);
  await other.call('PUT', '/api/v1/account/push', subscription);
  await other.call('PUT', '/api/v1/account/push', subscription);
  await home.childAsks('time');
  await home.round();
  expect(home.service.received).toEqual([]);
  expect(await home.cloud.store.db.selectFrom('push_subscription').select('account').execute()).toEqual([
    { account: other.account },
  ]);
});

describe('a push service', () => {
  test.each([404, 410])('that answers %i has its subscription removed', async (status) => {
    await home.subscribe(home.parent, 'phone');
    home.service.answers.push({ status });
    await home.childAsks('time');
    await home.round();
    expect(await home.waiting()).toEqual([]);
    expect(await home.cloud.store.db.selectFrom('push_subscription').selectAll().execute()).toEqual([]);
  });

  test('that is busy is asked again later and later, not before it said, and once it takes it that is all', async () => {
    await home.subscribe(home.parent, 'phone');
    home.service.answers.push(
      { status: 500 },
      { status: 503 },
      { status: 429, headers: { 'retry-after': '7200' } },
    );
    await home.childAsks('help');
    await home.round();
    const waits: number[] = [];
    for (let i = 0; i < 3; i += 1) {
      const [row] = await home.waiting();
      waits.push((row?.due_at ?? 0) - home.cloud.now);
      home.cloud.now = (row?.due_at ?? 0) - 1;
      await home.round();
      expect(home.service.requests).toBe(i + 1);
      home.cloud.now += 1;
      await home.round();
    }
    expect(waits[0]).toBeGreaterThanOrEqual(20_000);
    expect(waits[1]).toBeGreaterThan(40_000);
    expect(waits[2]).toBe(2 * HOUR);
    expect([home.service.requests, home.told().length, await home.waiting()]).toEqual([4, 1, []]);
  });

  test('that never comes back is given up after a day', async () => {
    await home.subscribe(home.parent, 'phone');
    await home.service.stop();
    await home.childAsks('help');
    for (let i = 0; i < 60 && (await home.waiting()).length + i > 0; i += 1) {
      await home.round();
      const [row] = await home.waiting();
      if (row === undefined) break;
      home.cloud.now = row.due_at;
    }
    expect(await home.waiting()).toEqual([]);
    home.service = await PushService.start(home.cloud.store, 'unused');
  });

  test('that refuses, or redirects, is not asked again', async () => {
    await home.subscribe(home.parent, 'phone');
    for (const answer of [
      { status: 413 },
      { status: 307, headers: { location: 'https://push.example.vn/phone' } },
    ]) {
      home.service.answers.push(answer);
      await home.childAsks('time');
      await home.round();
    }
    expect([home.service.requests, home.told(), await home.waiting()]).toEqual([2, [], []]);
  });
});

describe('what waits', () => {
  test('is sent by whoever comes after one that was killed, when its lease is over', async () => {
    await home.subscribe(home.parent, 'phone');
    await home.childAsks('time');
    await fanOut(home.deps());
    let release = () => {};
    const held = new Promise<void>((resolve) => {
      release = resolve;
    });
    const killed = deliverDue({
      ...home.deps(),
      send: async () => {
        await held;
        return { kind: 'taken' };
      },
    });
    await vi.waitFor(async () => expect((await home.waiting())[0]?.lease).not.toBeNull());
    await home.round();
    expect(home.service.requests).toBe(0);
    home.cloud.now += 2 * MINUTE;
    await home.round();
    expect(home.service.received).toHaveLength(1);
    release();
    await killed;
    expect(await home.waiting()).toEqual([]);
  });

  test('is taken by one of many who look at once', async () => {
    for (const name of ['a', 'b', 'c']) {
      const response = await home.cloud.app.inject({
        method: 'POST',
        url: '/api/v1/session',
        headers: { 'sec-fetch-site': 'same-origin' },
        payload: { email: home.parent.email, password: 'a long enough password' },
      });
      await home.subscribe(
        new Parent(
          home.cloud.app,
          cookieOf(response),
          home.parent.account,
          home.parent.email,
          home.parent.household,
        ),
        name,
      );
    }
    await home.childAsks('time');
    await Promise.all([fanOut(home.deps()), fanOut(home.deps()), fanOut(home.deps())]);
    await Promise.all([deliverDue(home.deps()), deliverDue(home.deps()), deliverDue(home.deps())]);
    await home.round();
    expect(
      home
        .told()
        .map(([browser]) => browser)
        .sort(),
    ).toEqual(['a', 'b', 'c']);
  });
});

test('a browser can be tried out, once it is subscribed', async () => {
  expect((await home.parent.post('/notifications/test', {})).json()).toMatchObject({
    code: 'PUSH_NOT_SUBSCRIBED',
  });
  await home.subscribe(home.parent, 'phone');
  expect((await home.parent.post('/notifications/test', {})).statusCode).toBe(202);
  await home.round();
  expect(home.told()).toMatchObject([['phone', { body: 'Thông báo đến được máy này.', tag: 'test' }]]);
  await home.parent.call('DELETE', '/api/v1/account/push');
  expect((await home.parent.call('GET', '/api/v1/account/push')).json()).toMatchObject({ subscribed: false });
});

test('an endpoint that is no push service’s is refused', async () => {
  const { keys } = home.service.browser('x').subscription;
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
    const response = await home.parent.call('PUT', '/api/v1/account/push', { endpoint, keys });
    expect([endpoint, response.statusCode]).toEqual([endpoint, 400]);
  }
  const short = { p256dh: keys.auth, auth: keys.auth };
  const response = await home.parent.call('PUT', '/api/v1/account/push', {
    endpoint: 'https://push.example.vn/x',
    keys: short,
  });
  expect(response.statusCode).toBe(400);
});
