import { newId } from '@khien/shared/id';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { type Parent, TestCloud } from '../cloud.fixture.ts';
import { isRevoked } from '../enrolment/stock.ts';
import { releaseSchema } from './schema.ts';

let cloud: TestCloud;
let parent: Parent;
beforeEach(async () => {
  cloud = await TestCloud.start();
  parent = await cloud.signUp();
});
afterEach(() => cloud.stop());

const header = () => ({ id: newId(), at: cloud.now, timeSource: 'ntp' }) as const;
const router = async () => (await parent.home()).routers[0];

test('a claimed router belongs to the household, with a policy that waits for it', async () => {
  const claimCode = await cloud.showCode();
  const response = await parent.post('/routers', { claimCode: claimCode.toLowerCase(), name: 'Phòng khách' });
  expect(response.statusCode).toBe(201);
  expect(response.json()).toMatchObject({
    name: 'Phòng khách',
    model: 'Test router',
    online: false,
    lastSeenAt: null,
    policyInForce: null,
    policyWanted: 1,
    lists: null,
    refusal: null,
  });
  expect((await parent.home()).routers).toEqual([response.json()]);
  expect(cloud.announced).toContainEqual({ household: parent.household, changed: 'home' });
});

test('a code that is mistyped, unknown, used or late is refused', async () => {
  const codeOf = async (claimCode: string) => (await parent.post('/routers', { claimCode })).json().code;
  expect(await codeOf('hello')).toBe('CLAIM_CODE_INVALID');
  expect(await codeOf('0000-0000')).toBe('CLAIM_CODE_UNKNOWN');
  const used = await cloud.showCode();
  await parent.post('/routers', { claimCode: used });
  expect(await codeOf(used)).toBe('CLAIM_CODE_UNKNOWN');
  const late = await cloud.showCode();
  cloud.now += 31 * 60_000;
  expect(await codeOf(late)).toBe('CLAIM_CODE_EXPIRED');
  expect((await parent.home()).routers).toHaveLength(1);
});

test('codes cannot be guessed at', async () => {
  let last = await parent.post('/routers', { claimCode: 'x' });
  for (let i = 0; i < 10; i += 1) last = await parent.post('/routers', { claimCode: 'x' });
  expect(last.json()).toMatchObject({ code: 'TOO_MANY_REQUESTS', status: 429 });
  const other = await cloud.signUp();
  expect((await other.post('/routers', { claimCode: 'x' })).json()).toMatchObject({
    code: 'CLAIM_CODE_INVALID',
  });
});

test('what it says of itself is shown', async () => {
  const id = await cloud.claimRouter(parent);
  await cloud.applyHello(id, {
    daemon: '0.1.0',
    have: { policy: 0, contacts: 0, lists: 0 },
    at: cloud.now,
    timeSource: 'unsynced',
  });
  expect(await router()).toMatchObject({ daemon: '0.1.0', timeSource: 'unsynced', lastSeenAt: cloud.now });
  await cloud.ingest.ingest(id, [
    { ...header(), kind: 'document-refused', code: 'VERSION_OLD', reason: 'x' },
  ]);
  expect(await router()).toMatchObject({ refusal: { code: 'VERSION_OLD', at: cloud.now } });
  cloud.now += 1000;
  await cloud.ingest.ingest(id, [{ ...header(), kind: 'document-applied', document: 'policy', version: 1 }]);
  expect(await router()).toMatchObject({ policyInForce: 1, policyWanted: 1, refusal: null });
  await cloud.applyState(id, {
    at: cloud.now,
    timeSource: 'ntp',
    daemon: '0.1.0',
    inForce: { policy: 1, contacts: 1, lists: 1 },
    enforcement: 'enforcing',
    devices: [],
    usage: [],
    lists: { version: '2026-06', names: 9, leftOut: ['ads-tracking'] },
  });
  expect(await router()).toMatchObject({
    enforcement: 'enforcing',
    timeSource: 'ntp',
    lists: { version: '2026-06', names: 9, leftOut: ['ads-tracking'] },
  });
});

test('a router that is let go is gone, and the edge hears that it must not speak to it', async () => {
  const id = await cloud.claimRouter(parent);
  cloud.announced.length = 0;
  expect((await parent.delete(`/routers/${id}`)).statusCode).toBe(204);
  expect((await parent.home()).routers).toEqual([]);
  expect(cloud.announced).toContainEqual({ router: id, document: null });
  expect(await cloud.store.db.selectFrom('document').selectAll().execute()).toEqual([]);
  expect((await parent.delete(`/routers/${id}`)).statusCode).toBe(404);
  await expect(
    cloud.applyHello(id, {
      daemon: '1',
      have: { policy: 0, contacts: 0, lists: 0 },
      at: 1,
      timeSource: 'ntp',
    }),
  ).rejects.toMatchObject({ code: 'ROUTER_UNKNOWN' });
});

describe('a router that goes to another family', () => {
  test('is gone from this one at once, and claimed by the code that this one was given', async () => {
    const id = await cloud.claimRouter(parent);
    await cloud.findDevice(parent, id, '02:00:00:00:00:07', 'tablet');
    cloud.announced.length = 0;
    const response = await parent.post(`/routers/${id}/release`, {});
    const { claimCode, url, until } = releaseSchema.parse(response.json());
    expect(url).toBe(`https://khien.test/claim?code=${claimCode}`);
    expect(until).toBeGreaterThan(cloud.now);
    expect(cloud.announced).toContainEqual({ router: id, document: null });
    expect((await parent.home()).routers).toEqual([]);

    const next = await cloud.signUp();
    const claimed = await next.post('/routers', { claimCode });
    expect(claimed.statusCode).toBe(201);
    const home = await next.home();
    expect(home.routers[0]?.id).not.toBe(id);
    expect(home.devices).toEqual([]);
    expect((await parent.home()).devices).toHaveLength(1);
    expect((await parent.post('/routers', { claimCode })).statusCode).toBe(404);
  });

  test('a router that was stolen is cut off, and nothing is enrolled with its key', async () => {
    const id = await cloud.claimRouter(parent);
    const { public_key } = await cloud.store.db
      .selectFrom('router')
      .select('public_key')
      .executeTakeFirstOrThrow();
    cloud.announced.length = 0;
    expect((await parent.post(`/routers/${id}/revoke`, {})).statusCode).toBe(204);
    expect(cloud.announced).toContainEqual({ router: id, document: null });
    expect((await parent.home()).routers).toEqual([]);
    expect(await isRevoked(cloud.store.db, public_key)).toBe(true);
  });

  test('nobody does so to a router of another household', async () => {
    const id = await cloud.claimRouter(parent);
    const stranger = await cloud.signUp();
    for (const action of ['release', 'revoke']) {
      expect((await stranger.post(`/routers/${id}/${action}`, {})).statusCode).toBe(404);
    }
    expect((await parent.home()).routers).toHaveLength(1);
  });
});

test('parting with a router asks for a sign-in that is not long ago: the phone may be in a child’s hands', async () => {
  const parent = await cloud.signUp();
  const router = await cloud.claimRouter(parent);
  cloud.now += 16 * 60_000;
  for (const response of [
    await parent.delete(`/routers/${router}`),
    await parent.post(`/routers/${router}/release`, {}),
    await parent.post(`/routers/${router}/revoke`, {}),
  ]) {
    expect(response.json()).toMatchObject({ code: 'REAUTHENTICATION_NEEDED' });
  }
  expect((await parent.home()).routers).toHaveLength(1);
});
