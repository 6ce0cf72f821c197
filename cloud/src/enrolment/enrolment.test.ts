import { generateKeyPairSync, type KeyObject, X509Certificate } from 'node:crypto';
import {
  claimCodeFrom,
  type Identity,
  identitySchema,
  longClaimCodeFrom,
  signEnrolment,
  signRenewal,
} from '@khien/shared/enrolment';
import { type Id, newId } from '@khien/shared/id';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { Authority } from '../authority/authority.ts';
import { addHousehold, temporaryStore } from '../documents/home.fixture.ts';
import { claimHash } from './claim-hash.ts';
import { RouterEnrolment } from './enrolment.ts';
import * as stock from './stock.ts';

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

const DAY = 24 * 60 * MINUTE;

describe('renewal', () => {
  async function enrolled() {
    const pair = newKey();
    const grant = await enrolment.open(requestOf(pair));
    await claim(grant.user_code);
    const identity = identitySchema.parse(await enrolment.poll(grant.device_code));
    return { pair, identity };
  }
  const renewal = ({ pair, identity }: Awaited<ReturnType<typeof enrolled>>, by = pair) =>
    enrolment.renew(signRenewal({ certificate: identity.certificate, at: 0 }, by.privateKey));
  const expiryOf = (identity: Identity) => Date.parse(new X509Certificate(identity.certificate).validTo);

  test('gives the next certificate of the same router and key, before and after the present one expires', async () => {
    const held = await enrolled();
    expect(held.identity.renewAt).toBeLessThan(expiryOf(held.identity));
    for (const days of [250, 200, 270]) {
      now += days * DAY;
      const renewed = await renewal(held);
      expect(renewed.router).toBe(held.identity.router);
      expect(expiryOf(renewed) - now).toBeGreaterThan(365 * DAY - MINUTE);
      expect(spki(new X509Certificate(renewed.certificate).publicKey)).toBe(spki(held.pair.publicKey));
    }
  });

  test('is refused long after the end', async () => {
    const held = await enrolled();
    now += 740 * DAY;
    await expect(renewal(held)).rejects.toMatchObject({ code: 'CERTIFICATE_TOO_OLD' });
  });

  test('is refused to who holds the certificate and not its key, and for a certificate of another authority', async () => {
    const held = await enrolled();
    await expect(renewal(held, newKey())).rejects.toMatchObject({ code: 'INVALID_INPUT' });
    await store.db.deleteFrom('secret').execute();
    const other = await Authority.open(store.db, () => now);
    const certificate = await other.issueRouterCertificate(held.identity.router, spki(held.pair.publicKey));
    await expect(
      enrolment.renew(signRenewal({ certificate, at: 0 }, held.pair.privateKey)),
    ).rejects.toMatchObject({ code: 'INVALID_INPUT' });
  });

  test('is refused to a router that was removed', async () => {
    const held = await enrolled();
    await store.db.deleteFrom('router').execute();
    await expect(renewal(held)).rejects.toMatchObject({ code: 'ROUTER_UNKNOWN' });
  });
});

describe('a router that is known by its key', () => {
  const printed = longClaimCodeFrom(Buffer.alloc(11, 5));
  async function shipped(pair = newKey()) {
    await store.db
      .insertInto('isp')
      .values({ name: 'nhà mạng', public_key: 'AAAA', added_at: now })
      .onConflict((conflict) => conflict.doNothing())
      .execute();
    const claimed = await claimHash(printed, 'nhà mạng');
    const row = { router: newId(now), model: 'hgw', isp: 'nhà mạng', serial: 'S1', claim: claimed };
    await store.db
      .insertInto('stock')
      .values({ ...row, public_key: spki(pair.publicKey), added_at: now })
      .execute();
    return pair;
  }
  const contact = async (pair: ReturnType<typeof newKey>) => {
    const { device_code: code } = await enrolment.open(requestOf(pair));
    return identitySchema.parse(await enrolment.poll(code));
  };
  const removeRouter = () => store.db.deleteFrom('router').execute();

  test('has its certificate at first contact with nobody’s help, and is claimed by the code printed on it', async () => {
    const pair = await shipped();
    const identity = await contact(pair);
    expect(identity.waiting).toBe(true);
    const router = await claim(printed.toLowerCase().replaceAll('-', ' '));
    expect(router).toBe(identity.router);
    expect(await store.db.selectFrom('router').select('isp').execute()).toEqual([{ isp: 'nhà mạng' }]);
    expect((await contact(pair)).waiting).toBeUndefined();
    expect((await contact(pair)).router).toBe(router);
  });

  test('may be claimed before it is plugged in, and also by the code that it shows', async () => {
    const pair = await shipped();
    const router = await claim(printed);
    expect(await contact(pair)).toMatchObject({ router });
    await removeRouter();
    const { user_code: shown, device_code: code } = await enrolment.open(requestOf(pair));
    const again = await claim(shown, neighbours);
    expect(await enrolment.poll(code)).toMatchObject({ router: again });
    expect(again).not.toBe(router);
  });

  test('is claimed once; another household is refused, the same one is not', async () => {
    await shipped();
    const router = await claim(printed);
    await expect(claim(printed, neighbours)).rejects.toMatchObject({ code: 'ROUTER_ENROLLED_ELSEWHERE' });
    expect(await claim(printed)).toBe(router);
  });

  test('has another id in its next home, and its old certificate is of no use there', async () => {
    const pair = await shipped();
    await claim(printed);
    const before = await contact(pair);
    await removeRouter();
    const after = await contact(pair);
    expect(after.router).not.toBe(before.router);
    const renewal = signRenewal({ certificate: before.certificate, at: 0 }, pair.privateKey);
    await expect(enrolment.renew(renewal)).rejects.toMatchObject({ code: 'ROUTER_UNKNOWN' });
    const next = signRenewal({ certificate: after.certificate, at: 0 }, pair.privateKey);
    expect(await enrolment.renew(next)).toMatchObject({ router: after.router, waiting: true });
  });

  test('a code of another provider, or of none, is unknown', async () => {
    await expect(claim(printed)).rejects.toMatchObject({ code: 'CLAIM_CODE_UNKNOWN' });
    await shipped();
    const other = longClaimCodeFrom(Buffer.alloc(11, 6));
    await expect(claim(other)).rejects.toMatchObject({ code: 'CLAIM_CODE_UNKNOWN' });
  });

  test('a router that is given away waits for the family that has its code, for a month', async () => {
    const pair = newKey();
    const { user_code: first } = await enrolment.open(requestOf(pair));
    const before = await claim(first);
    const offered = await store.transaction(async (trx) => {
      await trx.deleteFrom('router').where('id', '=', before).execute();
      return stock.offer(trx, { public_key: spki(pair.publicKey), model: 'gl-mt6000' }, now);
    });
    const waiting = await contact(pair);
    expect(waiting.waiting).toBe(true);
    expect(waiting.router).not.toBe(before);
    const after = await claim(offered.code, neighbours);
    expect(after).toBe(waiting.router);
    await expect(claim(offered.code)).rejects.toMatchObject({ code: 'CLAIM_CODE_UNKNOWN' });
    const rows = JSON.stringify(await store.db.selectFrom('stock').selectAll().execute());
    expect(rows).not.toContain(offered.code);
  });

  test('a code that nobody entered in time is forgotten, and the router asks to be claimed like any other', async () => {
    const pair = newKey();
    const offered = await store.transaction((trx) =>
      stock.offer(trx, { public_key: spki(pair.publicKey), model: 'gl-mt6000' }, now),
    );
    now += stock.TRANSFER_TIME;
    await expect(claim(offered.code)).rejects.toMatchObject({ code: 'CLAIM_CODE_UNKNOWN' });
    await stock.sweepStock(store.db, now);
    const { device_code: code } = await enrolment.open(requestOf(pair));
    expect(await enrolment.poll(code)).toBe('authorization_pending');
  });

  test('a code of a transfer is forgotten and the manifest is not', async () => {
    const pair = await shipped();
    await store.transaction((trx) =>
      stock.offer(trx, { public_key: spki(pair.publicKey), model: 'hgw' }, now),
    );
    now += stock.TRANSFER_TIME;
    await stock.sweepStock(store.db, now);
    await claim(printed);
  });

  test('of two families who enter its code at once one wins', async () => {
    await shipped();
    const results = await Promise.allSettled([claim(printed), claim(printed, neighbours)]);
    expect(results.filter((result) => result.status === 'fulfilled')).toHaveLength(1);
    expect(await store.db.selectFrom('router').selectAll().execute()).toHaveLength(1);
  });

  test('a code that was shown while the key was revoked enrols nothing', async () => {
    const pair = newKey();
    const { user_code: shown } = await enrolment.open(requestOf(pair));
    await store.db
      .insertInto('revoked_key')
      .values({ public_key: spki(pair.publicKey), revoked_at: now })
      .execute();
    await expect(claim(shown)).rejects.toMatchObject({ code: 'CLAIM_CODE_UNKNOWN' });
    expect(await store.db.selectFrom('router').select('id').execute()).toEqual([]);
  });

  test('a key that was revoked is good for nothing any more', async () => {
    const pair = await shipped();
    await contact(pair);
    await store.transaction((trx) => stock.revoke(trx, spki(pair.publicKey), now));
    await expect(enrolment.open(requestOf(pair))).rejects.toMatchObject({ code: 'KEY_REVOKED' });
    await expect(claim(printed)).rejects.toMatchObject({ code: 'CLAIM_CODE_UNKNOWN' });
  });
});
