import type { Id } from '@khien/shared/id';
import fc from 'fast-check';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { backupLines } from '../backup/write.ts';
import { type Parent, TestCloud } from '../cloud.fixture.ts';
import { type Operation, operations } from '../hostile/operations.fixture.ts';
import { bodyFor } from '../hostile/schema-arbitrary.fixture.ts';

/*
 * Somebody is dismissed between the decision on the right of a request and what the request does. Every route that
 * changes something of a household is asked so, with bodies that its own description allows.
 */

/** What changes only what is of the person who asks, or nothing. */
const ELSEWHERE = [
  'POST /api/v1/households/{household}/consents/worker',
  'POST /api/v1/households/{household}/notifications/read',
  'POST /api/v1/households/{household}/notifications/test',
];

/** Where the description does not say all that is asked of a body. */
const BODIES: Record<string, object> = {
  '/api/v1/households/{household}/holidays': { name: 'Tết', from: '2026-06-05', to: '2026-06-09' },
  '/api/v1/households/{household}/holidays/{holiday}': { name: 'Tết', from: '2026-06-05', to: '2026-06-09' },
  '/api/v1/households/{household}/webhooks': { url: 'https://other.example.com/', kinds: ['help'] },
};
const JSON_TYPE = { 'content-type': 'application/json' };

let cloud: TestCloud;
let owner: Parent;
let second: Parent;
let key: string;
let ids: readonly Id[];
/** What happens after the right of a request was decided. */
let meanwhile: () => Promise<unknown> = () => Promise.resolve();
let asked = 0;
beforeAll(async () => {
  cloud = await TestCloud.start({
    prepare: (app) =>
      app.addHook('preHandler', async () => {
        await meanwhile();
      }),
  });
  owner = await cloud.signUp();
  second = await cloud.signUp();
  const child = await owner.addChild();
  const router = await cloud.claimRouter(owner);
  const device = await cloud.findDevice(owner, router, '02:00:00:00:00:01', 'tablet');
  await owner.patch(`/devices/${device}`, { profile: child });
  key = (await owner.post('/api-keys', { name: 'x', scopes: ['care'] })).json().token;
  await owner.post('/webhooks', { url: 'https://hook.example.com/', kinds: ['help'] });
  const invitation = (await owner.post('/invitations', { role: 'viewer' })).json().id;
  const [hook] = await cloud.store.db.selectFrom('webhook').select('id').execute();
  ids = [child, router, device, invitation, hook?.id ?? '', owner.account];
});
afterAll(() => cloud.stop());

const writes = () =>
  operations(cloud.app).filter(
    ({ method, path }) =>
      method !== 'GET' && path.includes('{household}') && !ELSEWHERE.includes(`${method} ${path}`),
  );

/** Asks until the body was one that the route takes; its code. */
async function ask(operation: Operation, headers: Record<string, string>): Promise<string> {
  const { method, path, body } = operation;
  const any = fc.constantFrom(...ids);
  const payloads =
    body === undefined
      ? [undefined]
      : [BODIES[path] ?? {}, ...fc.sample(bodyFor(body, any, 0), { numRuns: 30, seed: 7 })];
  const own = path.includes('{account}') ? owner.account : undefined;
  for (const payload of payloads) {
    asked += 1;
    const id = own ?? ids[asked % ids.length] ?? '';
    const response = await cloud.app.inject({
      method,
      url: path
        .replace('{household}', owner.household)
        .replace('{mac}', '02:00:00:00:00:01')
        .replaceAll(/\{\w+\}/g, id),
      remoteAddress: `198.51.${(asked >> 8) & 0xff}.${asked & 0xff}`,
      headers: { ...headers, 'sec-fetch-site': 'same-origin', ...(payload === undefined ? {} : JSON_TYPE) },
      ...(payload === undefined ? {} : { payload: JSON.stringify(payload) }),
    });
    const { code = `${response.statusCode}` } = response.body === '' ? {} : response.json();
    if (code !== 'INVALID_INPUT') return code;
  }
  return 'INVALID_INPUT';
}

async function outcomes(before: () => Promise<unknown>, headers: Record<string, string>): Promise<string[]> {
  const came: string[] = [];
  for (const operation of writes()) {
    await before();
    const { method, path } = operation;
    came.push(`${method} ${path} ${await ask(operation, headers)}`);
  }
  return came;
}

/** All that is stored of the household but the roles that this test itself changes. */
async function rows(): Promise<string[]> {
  const lines: string[] = [];
  for await (const line of backupLines(cloud.store, 0)) {
    if (line.includes(owner.household) && !line.includes(second.account)) lines.push(line);
  }
  return lines.sort();
}

/** Also where the membership was ended. */
const makeSecond = (role: 'owner' | 'viewer') =>
  cloud.store.db
    .insertInto('member')
    .values({ household: owner.household, account: second.account, role })
    .onConflict((conflict) => conflict.columns(['household', 'account']).doUpdateSet({ role }))
    .execute();

test('whoever is dismissed while a request is under way changes nothing by it, by any route', async () => {
  const before = await rows();
  meanwhile = () => makeSecond('viewer');
  const came = await outcomes(() => makeSecond('owner'), { cookie: second.cookie });
  meanwhile = () => Promise.resolve();
  expect(came.length).toBeGreaterThan(40);
  const reached = came.filter((one) => !one.endsWith(' FORBIDDEN'));
  // A viewer may still do these two.
  expect(reached).toEqual([
    'DELETE /api/v1/households/{household}/membership 204',
    'PATCH /api/v1/households/{household}/notification-settings 200',
  ]);
  expect(await rows()).toEqual(before);
});

test('a key that is revoked while a request is under way changes nothing by it', async () => {
  // That it was used is noted once.
  await cloud.app.inject({
    url: `/api/v1/households/${owner.household}`,
    headers: { authorization: `Bearer ${key}` },
  });
  const { db } = cloud.store;
  const [row] = await db.selectFrom('api_key').selectAll().execute();
  if (row === undefined) throw new Error('there is a key');
  const gone = () => db.deleteFrom('api_key').where('id', '=', row.id).execute();
  const back = () =>
    db
      .insertInto('api_key')
      .values(row)
      .onConflict((is) => is.doNothing())
      .execute();
  const before = await rows();
  meanwhile = gone;
  const came = await outcomes(back, { authorization: `Bearer ${key}` });
  meanwhile = () => Promise.resolve();
  await back();
  const codes = new Set(came.map((one) => one.split(' ').at(-1)));
  expect([...codes].sort()).toEqual(['API_KEY_UNKNOWN', 'FORBIDDEN']);
  expect(came.filter((one) => one.endsWith('API_KEY_UNKNOWN')).length).toBeGreaterThan(15);
  expect(await rows()).toEqual(before);
});

test('nothing of a household is taken out once who asked is another role', async () => {
  await makeSecond('owner');
  meanwhile = () => makeSecond('viewer');
  const taken = await second.call('GET', `/api/v1/households/${owner.household}/export`);
  meanwhile = () => Promise.resolve();
  expect(taken.json()).toMatchObject({ code: 'FORBIDDEN' });
});
