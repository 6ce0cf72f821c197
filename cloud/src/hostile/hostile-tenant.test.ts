import { generateKeyPairSync } from 'node:crypto';
import { enrolmentGrantSchema, identitySchema, signEnrolment, signRenewal } from '@khien/shared/enrolment';
import type { Id } from '@khien/shared/id';
import fc from 'fast-check';
import type { InjectOptions, LightMyRequestResponse } from 'fastify';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { Authority } from '../authority/authority.ts';
import { backupLines } from '../backup/write.ts';
import { type Parent, TestCloud } from '../cloud.fixture.ts';
import { temporaryStore } from '../documents/home.fixture.ts';
import { type Operation, operations } from './operations.fixture.ts';
import { bodyFor, nastyText } from './schema-arbitrary.fixture.ts';

/*
 * A tenant who has an account and a household of their own asks for everything that the API describes, with another
 * family's ids, with bodies that fit the description and bodies that do not. Nothing of the other family may come out or
 * change, and nothing may be answered with 500 or above.
 */

const RUNS = Number(process.env.KHIEN_HOSTILE_RUNS ?? 12);
/** Texts that are in everything that belongs to the victims, and nowhere else. */
const MARK = 'zq7f3amark';

let cloud: TestCloud;
let victim: Parent;
let victimIds: readonly Id[];
let attacker: Parent;
let asked = 0;

beforeAll(async () => {
  cloud = await TestCloud.start();
  victim = await cloud.signUp();
  await victim.patch('', { name: MARK });
  const child = await victim.addChild();
  await victim.patch(`/profiles/${child}`, { name: MARK });
  const router = await cloud.claimRouter(victim);
  const device = await cloud.findDevice(victim, router, '02:00:00:00:00:01', MARK);
  await victim.patch(`/devices/${device}`, { name: MARK, profile: child });
  await victim.post('/holidays', { name: MARK, from: '2026-06-05', to: '2026-06-09' });
  victimIds = [...JSON.stringify(await victim.home()).matchAll(/"([0-9A-Za-z-]{20,40})"/g)].map(
    ([, id]) => id ?? '',
  );
  expect(victimIds).toContain(child);
  attacker = await cloud.signUp();
});
afterAll(() => cloud.stop());

/** Each from an address of its own: it is not the limits that are to keep the attacker out. */
function ask(
  operation: Operation,
  url: string,
  headers: Record<string, string>,
  payload?: InjectOptions['payload'],
): Promise<LightMyRequestResponse> {
  asked += 1;
  return cloud.app.inject({
    method: operation.method,
    url,
    remoteAddress: `198.51.${(asked >> 8) & 0xff}.${asked & 0xff}`,
    headers: { 'sec-fetch-site': 'same-origin', ...headers },
    ...(payload === undefined ? {} : { payload }),
  });
}

function expectHarmless(response: LightMyRequestResponse, what: string): void {
  expect(response.statusCode, `${what}: ${response.body.slice(0, 300)}`).toBeLessThan(500);
  expect(response.body.includes(MARK), `${what} tells of others: ${response.body.slice(0, 300)}`).toBe(false);
  expect(response.body.includes(victim.email), `${what} tells an address`).toBe(false);
}

/** Also of what is refused the status is one that the description names. */
function expectDescribed(
  { answers, method }: Operation,
  { statusCode }: LightMyRequestResponse,
  what: string,
): void {
  const names = [`${statusCode}`, `${Math.floor(statusCode / 100)}XX`];
  expect(
    names.some((name) => answers.includes(name)),
    `${method} ${what}: ${statusCode}`,
  ).toBe(true);
}

/** Everything that is stored of the victims, but when they were here last. */
async function victimsRows(): Promise<string[]> {
  const rows: string[] = [];
  let table = '';
  for await (const line of backupLines(cloud.store, 0)) {
    table = /^\{"table":"(\w+)"/.exec(line)?.[1] ?? table;
    const theirs = [victim.household, victim.account].some((id) => line.includes(id));
    if (theirs && table !== 'session') rows.push(`${table} ${line}`);
  }
  return rows.sort();
}

/** Somebody signed in, also after having deleted the own account or ended the own session. */
async function signedIn(): Promise<Parent> {
  const alive = await attacker.call('GET', '/api/v1/account');
  if (alive.statusCode !== 200) attacker = await cloud.signUp();
  return attacker;
}

/** A path of the operation; the ids in it are the victims', the own, or none at all. */
function addressFor(operation: Operation, own: Parent, ids: fc.Arbitrary<string>): fc.Arbitrary<string> {
  const household = fc.constantFrom(victim.household, own.household);
  const parts = operation.path.split('/').map((part) => {
    if (!part.startsWith('{')) return fc.constant(part);
    const id = part === '{household}' ? household : ids;
    return fc
      .oneof({ weight: 9, arbitrary: id }, { weight: 1, arbitrary: nastyText })
      .map((text) => encodeURIComponent(text.toWellFormed()) || '%20');
  });
  const query = fc.record(
    Object.fromEntries(
      Object.entries(operation.query).map(([name, schema]) => [name, bodyFor(schema, ids, 30).map(String)]),
    ),
    { requiredKeys: [] },
  );
  return (
    fc
      .tuple(fc.tuple(...parts), query)
      .map(([path, fields]) => {
        const search = new URLSearchParams(
          Object.entries(fields).map(([name, value]) => [name, value ?? '']),
        ).toString();
        return path.join('/') + (search === '' ? '' : `?${search}`);
      })
      // An open stream of the own household would never end.
      .filter((url) => !url.includes(`${own.household}/stream`))
  );
}

test('the description names every operation under the households, and what routers ask', () => {
  const described = operations(cloud.app).map(({ method, path }) => `${method} ${path}`);
  expect(described).toEqual(
    expect.arrayContaining([
      'PATCH /api/v1/households/{household}/profiles/{profile}',
      'POST /api/v1/enrolment',
      'POST /api/v1/enrolment/token',
      'POST /api/v1/enrolment/renewal',
      'GET /lists/{name}',
    ]),
  );
  expect(described.length).toBeGreaterThan(30);
});

test('another tenant gets nothing out and changes nothing, whatever is asked for', async () => {
  const before = await victimsRows();
  expect(before.length).toBeGreaterThan(8);
  for (const operation of operations(cloud.app)) {
    const own = await signedIn();
    const ids = fc.constantFrom(...victimIds, own.household, own.account);
    const body = operation.body === undefined ? fc.constant(undefined) : bodyFor(operation.body, ids, 8);
    const requests = fc.sample(fc.tuple(addressFor(operation, own, ids), body), {
      numRuns: RUNS,
      seed: 4711,
    });
    for (const [url, payload] of requests) {
      const headers = {
        cookie: own.cookie,
        ...(payload === undefined ? {} : { 'content-type': 'application/json' }),
      };
      const response = await ask(
        operation,
        url,
        headers,
        payload === undefined ? undefined : JSON.stringify(payload),
      );
      expectHarmless(response, `${operation.method} ${url} ${JSON.stringify(payload)?.slice(0, 500)}`);
      expectDescribed(operation, response, url);
    }
  }
  expect(await victimsRows()).toEqual(before);
}, 300_000);

test('bodies that are no JSON, too large or of another type are refused everywhere', async () => {
  const own = await signedIn();
  const bodies: readonly (readonly [string, string])[] = [
    ['application/json', '{'],
    ['application/json', '"'.padEnd(70_000, 'a')],
    ['application/json', '['.repeat(30_000)],
    ['application/json', '{"__proto__":{"a":1}}'],
    ['application/json', ''],
    ['text/plain', '{}'],
    ['application/x-www-form-urlencoded', 'a=b'],
  ];
  for (const operation of operations(cloud.app).filter(({ body }) => body !== undefined)) {
    const url = operation.path
      .replace('{household}', own.household)
      .replaceAll(/\{\w+\}/g, victimIds[0] ?? '');
    for (const [type, payload] of bodies) {
      const response = await ask(operation, url, { cookie: own.cookie, 'content-type': type }, payload);
      const what = `${operation.method} ${url} ${type} ${payload.slice(0, 20)}`;
      expectHarmless(response, what);
      expectDescribed(operation, response, url);
      expect(response.statusCode, what).toBeGreaterThanOrEqual(400);
    }
  }
}, 120_000);

test('a body where none is asked for is not looked at, however deep it is', async () => {
  const deep = '['.repeat(30_000) + ']'.repeat(30_000);
  for (const operation of operations(cloud.app)) {
    if (operation.body !== undefined || operation.method === 'GET') continue;
    const own = await signedIn();
    const url = operation.path
      .replace('{household}', own.household)
      .replaceAll(/\{\w+\}/g, victimIds[0] ?? '');
    const headers = { cookie: own.cookie, 'content-type': 'application/json', 'idempotency-key': 'deep' };
    expectHarmless(await ask(operation, url, headers, deep), `${operation.method} ${url}`);
  }
}, 120_000);

test('forged, cut, foreign and ended tokens open nothing of a household', async () => {
  const ended = await cloud.signUp();
  await ended.call('DELETE', '/api/v1/session');
  const [name = '', token = ''] = victim.cookie.split('; ')[0]?.split('=') ?? [];
  const cookies = [
    '',
    `${name}=`,
    `${name}=${token.slice(0, -1)}`,
    `${name}=${token}x`,
    `${name}=${token.toLowerCase() === token ? token.toUpperCase() : token.toLowerCase()}`,
    `${name}=${'A'.repeat(token.length)}`,
    `${name}=${'A'.repeat(7_000)}`,
    `other=${token}`,
    `${name}=${encodeURIComponent("' or 1=1 --")}`,
    `${name}=%00%ff`,
    `${name}=${victim.account}`,
    ended.cookie,
  ];
  const before = await victimsRows();
  for (const operation of operations(cloud.app).filter(({ path }) => path.includes('{household}'))) {
    const url = operation.path
      .replace('{household}', victim.household)
      .replaceAll(/\{\w+\}/g, victimIds[0] ?? '');
    for (const cookie of cookies) {
      const response = await ask(operation, url, { cookie }, operation.body === undefined ? undefined : {});
      expectHarmless(response, `${operation.method} ${url} with ${cookie.slice(0, 60)}`);
      expect(response.statusCode).toBe(401);
    }
  }
  expect(await victimsRows()).toEqual(before);
}, 120_000);

function newPair() {
  const { publicKey, privateKey } = generateKeyPairSync('ec', { namedCurve: 'P-256' });
  return { publicKey: publicKey.export({ type: 'spki', format: 'der' }).toString('base64url'), privateKey };
}

test('forged, foreign and replayed proofs of routers get nothing of a household, and nothing into one', async () => {
  const enrolment = async (path: string, body: object) => {
    const operation = { method: 'POST', path, query: {}, body: undefined, answers: [] } as const;
    const type = { 'content-type': 'application/json' };
    const response = await ask(operation, `/api/v1/enrolment${path}`, type, JSON.stringify(body));
    expectHarmless(response, `${path} ${JSON.stringify(body).slice(0, 200)}`);
    return response;
  };
  const codeOf = async (path: string, body: object): Promise<string> => {
    const response = await enrolment(path, body);
    expect(response.statusCode).toBeGreaterThanOrEqual(400);
    return response.json().code;
  };
  const [theirs, mine] = [newPair(), newPair()];
  const asked = { publicKey: theirs.publicKey, model: 'm', daemon: '0.1.0', at: 1 };
  const request = signEnrolment(asked, theirs.privateKey);
  const grant = enrolmentGrantSchema.parse((await enrolment('', request)).json());
  const claimed = await victim.post('/routers', { claimCode: grant.user_code, name: MARK });
  expect(claimed.statusCode).toBe(201);
  const device = { device_code: grant.device_code };
  const identity = identitySchema.parse((await enrolment('/token', device)).json());
  const before = await victimsRows();

  // In the victim's name without its key.
  expect(await codeOf('', signEnrolment(asked, mine.privateKey))).toBe('INVALID_INPUT');
  expect(await codeOf('', { ...request, model: 'other' })).toBe('INVALID_INPUT');
  expect(await codeOf('', { ...request, publicKey: mine.publicKey })).toBe('INVALID_INPUT');
  const codes = [victim.household, identity.router, grant.user_code, `${grant.device_code}x`, '\0', MARK];
  for (const code of [...codes, grant.device_code.slice(1)]) {
    expect(await codeOf('/token', { device_code: code })).toMatch(/^(expired_token|INVALID_INPUT)$/);
  }
  const { certificate } = identity;
  expect(await codeOf('/renewal', signRenewal({ certificate, at: 2 }, mine.privateKey))).toBe(
    'INVALID_INPUT',
  );
  const elsewhere = await temporaryStore();
  const authority = await Authority.open(elsewhere.store.db);
  const forged = await authority.issueRouterCertificate(identity.router, mine.publicKey);
  await elsewhere.remove();
  const withForged = signRenewal({ certificate: forged, at: 2 }, mine.privateKey);
  expect(await codeOf('/renewal', withForged)).toBe('INVALID_INPUT');

  // Who repeats what a router sent has no key to use the answer with, and cannot take the router over.
  const again = enrolmentGrantSchema.parse((await enrolment('', request)).json());
  const own = await signedIn();
  const taken = await own.post('/routers', { claimCode: again.user_code });
  expect(taken.json().code).toMatch(/^(CLAIM_CODE_UNKNOWN|ROUTER_ENROLLED_ELSEWHERE)$/);
  const renewal = signRenewal({ certificate, at: 3 }, theirs.privateKey);
  for (const answer of [await enrolment('/renewal', renewal), await enrolment('/renewal', renewal)]) {
    expect(identitySchema.parse(answer.json()).router).toBe(identity.router);
  }
  expect(await victimsRows()).toEqual(before);
  expect((await victim.delete(`/routers/${identity.router}`)).statusCode).toBe(204);
  expect(await codeOf('/renewal', renewal)).toBe('ROUTER_UNKNOWN');
});
