import { generateKeyPairSync, type KeyObject, X509Certificate } from 'node:crypto';
import { claimCodeFrom, identitySchema, signEnrolment } from '@khien/shared/enrolment';
import { type Id, newId } from '@khien/shared/id';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { Authority } from '../authority/authority.ts';
import { addHousehold, temporaryStore } from '../documents/home.fixture.ts';
import { RouterEnrolment } from './enrolment.ts';

const MINUTE = 60_000;

let temporary: Awaited<ReturnType<typeof temporaryStore>>;
let store: typeof temporary.store;
let now: number;
let enrolment: RouterEnrolment;
let household: Id;
let neighbours: Id;

beforeEach(async () => {
  temporary = await temporaryStore();
  store = temporary.store;
  now = Date.parse('2026-03-01T00:00:00Z');
  household = await addHousehold(store, now);
  neighbours = await addHousehold(store, now);
  enrolment = new RouterEnrolment({
    store,
    authority: await Authority.open(store.db, () => now),
    documentKeys: [{ id: 'k', key: 'AAAA' }],
    mqttUrl: 'mqtts://edge.example:8883',
    verificationUri: 'https://khien.example/',
    now: () => now,
  });
});
afterEach(() => temporary.remove());

const newKey = () => generateKeyPairSync('ec', { namedCurve: 'P-256' });
const spki = (key: KeyObject) => key.export({ type: 'spki', format: 'der' }).toString('base64url');

function requestOf(pair = newKey(), at = now) {
  const fields = { publicKey: spki(pair.publicKey), model: 'gl-mt6000', daemon: '0.1.0', at };
  return signEnrolment(fields, pair.privateKey);
}

const claim = (code: string, into = household, name?: string) =>
  store.db.transaction().execute((trx) => enrolment.claim(trx, into, code, name));

test('a router asks, a parent enters the code, the router fetches its identity', async () => {
  const pair = newKey();
  const grant = await enrolment.open(requestOf(pair));
  expect(grant.expires_in).toBe(1800);
  expect(await enrolment.poll(grant.device_code)).toBe('authorization_pending');

  const router = await claim(grant.user_code.toLowerCase().replace('-', ' '), household, 'Nhà');
  const identity = identitySchema.parse(await enrolment.poll(grant.device_code));
  expect(identity.router).toBe(router);
  expect(identity.mqttUrl).toBe('mqtts://edge.example:8883');
  const certificate = new X509Certificate(identity.certificate);
  expect(certificate.subject).toBe(`CN=${router}`);
  expect(spki(certificate.publicKey)).toBe(spki(pair.publicKey));
  expect(certificate.verify(new X509Certificate(identity.authority).publicKey)).toBe(true);
  const row = await store.db.selectFrom('router').selectAll().executeTakeFirstOrThrow();
  expect(row).toMatchObject({ id: router, household, name: 'Nhà', model: 'gl-mt6000', daemon: '0.1.0' });
});

test('a lost answer can be fetched again, for a day after the claim', async () => {
  const grant = await enrolment.open(requestOf());
  now += 29 * MINUTE;
  const router = await claim(grant.user_code);
  now += 23 * 60 * MINUTE;
  expect(await enrolment.poll(grant.device_code)).toMatchObject({ router });
  expect(await enrolment.poll(grant.device_code)).toMatchObject({ router });
  now += 61 * MINUTE;
  expect(await enrolment.poll(grant.device_code)).toBe('expired_token');
});

test('a poll before its time is told to slow down', async () => {
  const { device_code: code, interval } = await enrolment.open(requestOf());
  expect(await enrolment.poll(code)).toBe('authorization_pending');
  now += 1000;
  expect(await enrolment.poll(code)).toBe('slow_down');
  now += interval * 1000 - 300;
  expect(await enrolment.poll(code)).toBe('authorization_pending');
});

test('a code that nobody entered in time expires, for the router and for the parent', async () => {
  const grant = await enrolment.open(requestOf());
  now += 30 * MINUTE;
  expect(await enrolment.poll(grant.device_code)).toBe('expired_token');
  await expect(claim(grant.user_code)).rejects.toMatchObject({ code: 'CLAIM_CODE_EXPIRED' });
  expect(await store.db.selectFrom('router').selectAll().execute()).toEqual([]);
});

test('a device code that was never given is as expired', async () => {
  expect(await enrolment.poll('x'.repeat(43))).toBe('expired_token');
});

test('the store holds no device code', async () => {
  const grant = await enrolment.open(requestOf());
  const rows = JSON.stringify(await store.db.selectFrom('enrolment').selectAll().execute());
  expect(rows).not.toContain(grant.device_code);
});

test('a code that is mistyped, unknown or used is refused', async () => {
  const { user_code: code } = await enrolment.open(requestOf());
  const wrong = `${code[0] === '7' ? '8' : '7'}${code.slice(1)}`;
  await expect(claim(wrong)).rejects.toMatchObject({ code: 'CLAIM_CODE_INVALID' });
  await expect(claim('')).rejects.toMatchObject({ code: 'CLAIM_CODE_INVALID' });
  const other = claimCodeFrom(Buffer.from([1, 2, 3, 4, 5, 6, 7]));
  if (other !== code) await expect(claim(other)).rejects.toMatchObject({ code: 'CLAIM_CODE_UNKNOWN' });
  await claim(code);
  await expect(claim(code, neighbours)).rejects.toMatchObject({ code: 'CLAIM_CODE_UNKNOWN' });
});

test('of two parents who enter the same code at once one wins', async () => {
  const { user_code: code } = await enrolment.open(requestOf());
  const results = await Promise.allSettled([claim(code), claim(code, neighbours), claim(code)]);
  expect(results.filter((result) => result.status === 'fulfilled')).toHaveLength(1);
  expect(await store.db.selectFrom('router').selectAll().execute()).toHaveLength(1);
});

test('a request is taken from its key only: a proof by another key, another curve, no key at all', async () => {
  const honest = requestOf();
  const thief = newKey();
  const stolen = signEnrolment({ ...honest, publicKey: honest.publicKey }, thief.privateKey);
  const fields = { fields: [{ pointer: '/signature' }] };
  await expect(enrolment.open(stolen)).rejects.toMatchObject({ code: 'INVALID_INPUT', details: fields });
  await expect(enrolment.open({ ...honest, model: 'other' })).rejects.toMatchObject({ details: fields });

  const key = { code: 'INVALID_INPUT', details: { fields: [{ pointer: '/publicKey' }] } };
  const p384 = generateKeyPairSync('ec', { namedCurve: 'P-384' });
  await expect(enrolment.open(requestOf(p384))).rejects.toMatchObject(key);
  await expect(enrolment.open({ ...honest, publicKey: 'AAAA' })).rejects.toMatchObject(key);
  await expect(enrolment.open({ ...honest, signature: 'AAAA' })).rejects.toMatchObject({ details: fields });
  expect(await store.db.selectFrom('enrolment').selectAll().execute()).toEqual([]);
});

test('a router whose clock stands at 1970 is taken in', async () => {
  const grant = await enrolment.open(requestOf(newKey(), 0));
  expect(await enrolment.poll(grant.device_code)).toBe('authorization_pending');
});

test('a router that asks again has only its newest codes', async () => {
  const pair = newKey();
  const first = await enrolment.open(requestOf(pair));
  const second = await enrolment.open(requestOf(pair));
  expect(await enrolment.poll(first.device_code)).toBe('expired_token');
  await expect(claim(first.user_code)).rejects.toMatchObject({ code: 'CLAIM_CODE_UNKNOWN' });
  expect(await enrolment.poll(second.device_code)).toBe('authorization_pending');
});

test('a router that restarted between the claim and its poll keeps the claim', async () => {
  const pair = newKey();
  const first = await enrolment.open(requestOf(pair));
  const router = await claim(first.user_code);
  const second = await enrolment.open(requestOf(pair));
  expect(await enrolment.poll(second.device_code)).toMatchObject({ router });
  await expect(claim(second.user_code, neighbours)).rejects.toMatchObject({ code: 'CLAIM_CODE_UNKNOWN' });
});

test('an enrolled router that lost its certificate is claimed again and stays the same router', async () => {
  const pair = newKey();
  const first = await enrolment.open(requestOf(pair));
  const router = await claim(first.user_code, household, 'Nhà');
  now += 48 * 60 * MINUTE;
  const second = await enrolment.open(requestOf(pair));
  expect(await enrolment.poll(second.device_code)).toBe('authorization_pending');
  expect(await claim(second.user_code)).toBe(router);
  expect(await enrolment.poll(second.device_code)).toMatchObject({ router });
  expect(await store.db.selectFrom('router').select(['id', 'name']).execute()).toEqual([
    { id: router, name: 'Nhà' },
  ]);
});

test('a router is not taken from its household by another until it is removed there', async () => {
  const pair = newKey();
  const first = await enrolment.open(requestOf(pair));
  const router = await claim(first.user_code);
  now += 48 * 60 * MINUTE;
  const second = await enrolment.open(requestOf(pair));
  await expect(claim(second.user_code, neighbours)).rejects.toMatchObject({
    code: 'ROUTER_ENROLLED_ELSEWHERE',
  });
  await store.db.deleteFrom('router').where('id', '=', router).execute();
  const moved = await claim(second.user_code, neighbours);
  expect(moved).not.toBe(router);
});

test('what expired long ago is forgotten', async () => {
  await enrolment.open(requestOf());
  now += 91 * MINUTE;
  await enrolment.open(requestOf());
  expect(await store.db.selectFrom('enrolment').selectAll().execute()).toHaveLength(1);
});

test('the table does not grow without end', async () => {
  const rows = Array.from({ length: 20_000 }, (_, i) => ({
    device_code_hash: `${i}`,
    user_code: `${i}`,
    public_key: newId(),
    model: '',
    daemon: '',
    created_at: now,
    expires_at: now + MINUTE,
  }));
  while (rows.length > 0) await store.db.insertInto('enrolment').values(rows.splice(0, 1000)).execute();
  await expect(enrolment.open(requestOf())).rejects.toMatchObject({ code: 'TOO_MANY_REQUESTS' });
  now += MINUTE;
  await enrolment.open(requestOf());
});
