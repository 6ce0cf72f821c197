import { type Id, newId } from '@khien/shared/id';
import { DAY, MINUTE } from '@khien/shared/policy';
import { afterEach, beforeEach, describe, expect, test, vi } from 'vitest';
import { type Parent, TestCloud } from '../cloud.fixture.ts';
import { RouterWatch } from '../notifications/router-watch.ts';
import { publicResolver, type Resolve } from '../outgoing/address.ts';
import { NameServer } from '../outgoing/name-server.fixture.ts';
import { outsidePost } from '../outgoing/post.ts';
import { join } from '../rights/people.fixture.ts';
import { deliverWebhooks } from './deliver.ts';
import { isSigned, Receiver } from './receiver.fixture.ts';
import { attemptPageSchema, type WebhookMade, webhookMadeSchema } from './schema.ts';

let cloud: TestCloud;
let receiver: Receiver;
let parent: Parent;
let router: Id;
let profile: Id;
let device: Id;
beforeEach(async () => {
  cloud = await TestCloud.start();
  receiver = await Receiver.start(cloud.store);
  parent = await cloud.signUp();
  router = await cloud.claimRouter(parent);
  profile = await parent.addChild();
  device = await cloud.findDevice(parent, router, '3c:22:fb:00:00:01');
  await parent.patch(`/devices/${device}`, { profile });
  await cloud.store.db.deleteFrom('notification').execute();
});
afterEach(async () => {
  await receiver.stop();
  await cloud.stop();
});

const log = { error: vi.fn(), warn: vi.fn() };
const deps = (resolve: Resolve = receiver.resolve) => ({
  store: cloud.store,
  changes: cloud.changes,
  post: outsidePost(resolve, receiver.ca),
  log,
  now: () => cloud.now,
});
const deliver = (resolve?: Resolve) => deliverWebhooks(deps(resolve));
const waiting = () => cloud.store.db.selectFrom('webhook_delivery').selectAll().execute();

async function make(kinds: readonly string[] = ['request', 'router-offline']): Promise<WebhookMade> {
  const response = await parent.post('/webhooks', { url: receiver.urlOf('/khien'), kinds });
  return webhookMadeSchema.parse(response.json());
}

async function childAsks(ask: 'time' | 'help' = 'time'): Promise<void> {
  const request = newId(cloud.now);
  const header = { id: newId(cloud.now), at: cloud.now, timeSource: 'ntp' } as const;
  const asked = { profile, device, ask, minutes: 15, text: 'con xin xem phim' } as const;
  await cloud.ingest.ingest(router, [{ ...header, kind: 'request', request, ...asked }]);
}

async function attempts(id: Id) {
  return attemptPageSchema.parse((await parent.get(`/webhooks/${id}/attempts`)).json()).items;
}

describe('a message', () => {
  test('is signed, says what kind of thing happened to whom, and nothing more', async () => {
    const { secret, id } = await make();
    await childAsks();
    expect(await deliver()).toBe(1);
    const [line] = await cloud.store.db
      .selectFrom('notification')
      .selectAll()
      .where('kind', '=', 'request')
      .execute();
    const [message] = receiver.received;
    if (message === undefined) expect.unreachable();
    expect(isSigned(message, secret)).toBe(true);
    expect(isSigned({ ...message, text: `${message.text} ` }, secret)).toBe(false);
    expect(message.timestamp).toBe(Math.floor(cloud.now / 1000));
    expect(message.body).toEqual({
      type: 'request',
      timestamp: new Date(cloud.now).toISOString(),
      data: { household: parent.household, notification: line?.id, profile, router: null, over: false },
    });
    expect(await waiting()).toEqual([]);
    expect(await attempts(id)).toMatchObject([
      { message: message.id, kind: 'request', status: 204, failure: null },
    ]);
  });

  test('comes of the kinds that were chosen alone, and only from the own household', async () => {
    await make(['help']);
    const other = await cloud.signUp();
    await other.post('/webhooks', { url: receiver.urlOf('/other'), kinds: ['help', 'request'] });
    await childAsks('time');
    await deliver();
    expect(receiver.received).toEqual([]);
    await childAsks('help');
    await deliver();
    expect(receiver.received.map(({ path, body }) => [path, body])).toMatchObject([
      ['/khien', { type: 'help' }],
    ]);
  });

  test('tells that a router is gone, and that it is back', async () => {
    await make();
    const watch = new RouterWatch({ store: cloud.store, changes: cloud.changes, now: () => cloud.now });
    const set = (connection: string | null) =>
      cloud.store.db.updateTable('router').set({ connection, last_seen_at: cloud.now }).execute();
    await set(null);
    cloud.now += 30 * MINUTE;
    await watch.round();
    await deliver();
    await cloud.store.db.updateTable('notification').set({ push_at: null, pushed_at: cloud.now }).execute();
    await set('x@y');
    await watch.round();
    await deliver();
    expect(receiver.received.map(({ body }) => body)).toMatchObject([
      { type: 'router-offline', data: { router, over: false } },
      { type: 'router-offline', data: { router, over: true } },
    ]);
  });

  test('is sent by one node, however many try', async () => {
    await make();
    await childAsks();
    const taken = await Promise.all(Array.from({ length: 5 }, () => deliver()));
    expect(taken.reduce((sum, one) => sum + one, 0)).toBe(1);
    expect(receiver.received).toHaveLength(1);
  });

  test('that a killed node had in hand is sent when its lease is over', async () => {
    await make();
    await childAsks();
    await cloud.store.db
      .updateTable('webhook_delivery')
      .set({ lease: newId(), due_at: cloud.now + MINUTE, attempts: 1 })
      .execute();
    expect(await deliver()).toBe(0);
    cloud.now += MINUTE;
    expect(await deliver()).toBe(1);
    expect(receiver.received).toHaveLength(1);
  });
});

describe('a receiver', () => {
  test('that fails is tried again, later and later, with the same id and a new signature', async () => {
    const { id, secret } = await make();
    await childAsks();
    receiver.answers.push(
      { status: 500 },
      { status: 0 },
      { status: 429, headers: { 'retry-after': '3600' } },
    );
    for (const wait of [MINUTE, 2 * MINUTE, 61 * MINUTE]) {
      await deliver();
      expect(await deliver()).toBe(0);
      cloud.now += wait;
    }
    await deliver();
    expect(receiver.received).toHaveLength(4);
    expect(new Set(receiver.received.map((one) => one.id)).size).toBe(1);
    expect(new Set(receiver.received.map((one) => one.timestamp)).size).toBe(4);
    expect(receiver.received.every((one) => isSigned(one, secret))).toBe(true);
    expect((await attempts(id)).map(({ status, failure }) => status ?? failure)).toEqual([
      204,
      429,
      'connection',
      500,
    ]);
    expect((await parent.get('/webhooks')).json().items).toMatchObject([{ failingSince: null }]);
  });

  test('that redirects is not followed', async () => {
    const { id } = await make();
    await childAsks();
    receiver.answers.push({ status: 307, headers: { location: receiver.urlOf('/inner') } });
    await deliver();
    expect(receiver.received.map(({ path }) => path)).toEqual(['/khien']);
    expect(await attempts(id)).toMatchObject([{ status: 307 }]);
  });

  test('that fails for a day is switched off, and the parents are told; they switch it on again', async () => {
    const { id } = await make();
    await childAsks();
    for (let tries = 0; tries < 40; tries += 1) {
      receiver.answers.push({ status: 503 });
      await deliver();
      cloud.now += 61 * MINUTE;
    }
    const [webhook] = (await parent.get('/webhooks')).json().items;
    expect(webhook).toMatchObject({ disabledAt: expect.any(Number), failingSince: expect.any(Number) });
    expect(webhook.disabledAt - webhook.failingSince).toBeGreaterThanOrEqual(DAY);
    const told = (await parent.get('/notifications')).json().items;
    expect(told).toContainEqual(expect.objectContaining({ about: { kind: 'webhook-off', webhook: id } }));
    await childAsks();
    expect(await waiting()).toEqual([]);

    cloud.now += 1;
    await cloud.store.db.updateTable('session').set({ authenticated_at: cloud.now }).execute();
    receiver.answers.splice(0);
    receiver.received.splice(0);
    expect((await parent.patch(`/webhooks/${id}`, { enabled: true })).json()).toMatchObject({
      disabledAt: null,
      failingSince: null,
    });
    await childAsks();
    await deliver();
    expect(receiver.received).toHaveLength(1);
  });

  test('that says it is gone is switched off at once', async () => {
    await make();
    await childAsks();
    receiver.answers.push({ status: 410 });
    await deliver();
    expect((await parent.get('/webhooks')).json().items).toMatchObject([{ disabledAt: cloud.now }]);
    expect(await waiting()).toEqual([]);
  });

  test('inside of the network gets nothing', async () => {
    const { id } = await make();
    await childAsks();
    const names = await NameServer.start('127.0.0.1');
    await deliver(publicResolver([names.address]));
    await names.stop();
    expect(receiver.received).toEqual([]);
    expect(await attempts(id)).toMatchObject([{ status: null, failure: 'address' }]);
  });

  test('whose name nobody knows is not reached for its name', async () => {
    const { id } = await make();
    await childAsks();
    const names = await NameServer.start('8.8.8.8');
    const resolve = publicResolver([names.address]);
    await names.stop();
    await deliver(resolve);
    expect(await attempts(id)).toMatchObject([{ status: null, failure: 'name' }]);
  });

  test('is reached at its second address where nobody is at the first', async () => {
    const { id } = await make();
    await childAsks();
    await deliver(async (host, signal) => {
      const { addresses, port } = await receiver.resolve(host, signal);
      return { addresses: ['127.0.0.9', ...addresses], port };
    });
    expect(receiver.received).toHaveLength(1);
    expect(await attempts(id)).toMatchObject([{ status: 204, failure: null }]);
  });

  test('with a certificate of nobody gets nothing', async () => {
    const { id } = await make();
    await childAsks();
    await deliverWebhooks({ ...deps(), post: outsidePost(receiver.resolve) });
    expect(receiver.received).toEqual([]);
    expect(await attempts(id)).toMatchObject([{ failure: 'tls' }]);
  });
});

test.each([
  'http://example.vn/',
  'https://127.0.0.1/',
  'https://[::1]/',
  'https://localhost/',
  'https://router.local/',
  'https://user:secret@example.vn/',
  'https://example.vn:8443/',
  'https://2130706433/',
  'https://0x7f.1/',
  'ftp://example.vn/',
  'javascript:alert(1)',
])('%s is no address of a webhook', async (url) => {
  const response = await parent.post('/webhooks', { url, kinds: ['request'] });
  expect(response.json()).toMatchObject({ code: 'INVALID_INPUT', fields: [{ pointer: '/url' }] });
});

test('a webhook is tried out, which switches nothing off', async () => {
  const { id } = await make();
  receiver.answers.push({ status: 500 });
  expect((await parent.post(`/webhooks/${id}/test`, {})).statusCode).toBe(202);
  await deliver();
  expect(receiver.received.map(({ body }) => body)).toMatchObject([{ type: 'test' }]);
  expect(await waiting()).toEqual([]);
  expect(await attempts(id)).toMatchObject([{ kind: 'test', status: 500 }]);
  expect((await parent.get('/webhooks')).json().items).toMatchObject([{ failingSince: null }]);
});

test('the log has the last fifty attempts, page by page', async () => {
  const { id } = await make();
  for (let round = 0; round < 55; round += 1) {
    const row = { webhook: id, notification: null, due_at: cloud.now, attempts: 0, created_at: cloud.now };
    await cloud.store.db
      .insertInto('webhook_delivery')
      .values({ id: newId(cloud.now), ...row })
      .execute();
    await deliver();
    cloud.now += 1;
  }
  const first = attemptPageSchema.parse((await parent.get(`/webhooks/${id}/attempts?limit=30`)).json());
  const path = `/webhooks/${id}/attempts?limit=30&before=${first.next}`;
  const second = attemptPageSchema.parse((await parent.get(path)).json());
  expect([first.items.length, second.items.length, second.next]).toEqual([30, 20, null]);
  const times = [...first.items, ...second.items].map(({ at }) => at);
  expect(times).toEqual([...times].sort((a, b) => b - a));
});

test('a household has five at most; the secret is shown once; they end with the ownership of who made them', async () => {
  const { secret } = await make();
  const made = await Promise.all(Array.from({ length: 6 }, () => make().catch(() => undefined)));
  expect(made.filter((one) => one !== undefined)).toHaveLength(4);
  expect((await parent.get('/audit')).json().items[0]).toMatchObject({
    kind: 'webhook-added',
    about: 'hooks.example.vn',
  });
  const seen = (await parent.get('/webhooks')).body + (await parent.get('/export')).body;
  expect(seen).not.toContain(secret.slice(6));
  const other = await cloud.signUp();
  await join(cloud, other, parent.household, 'owner');
  const path = `/api/v1/households/${parent.household}/members/${parent.account}`;
  await other.call('PATCH', path, { role: 'carer' });
  expect(await cloud.store.db.selectFrom('webhook').selectAll().execute()).toEqual([]);
});
