import { MINUTE } from '@khien/shared/policy';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { backupLines } from '../backup/write.ts';
import { type Parent, TestCloud } from '../cloud.fixture.ts';
import { join } from '../rights/people.fixture.ts';
import { ANSWERS_KEPT } from './answers.ts';

let cloud: TestCloud;
let parent: Parent;
beforeEach(async () => {
  cloud = await TestCloud.start();
  parent = await cloud.signUp();
});
afterEach(() => cloud.stop());

const child = { name: 'Mai', ageBand: '9-11' };

function send(
  key: string | string[],
  payload: object = child,
  {
    path = '/profiles',
    method = 'POST',
    who = parent,
  }: {
    path?: string;
    method?: 'GET' | 'POST' | 'DELETE' | 'PATCH';
    who?: Parent;
  } = {},
) {
  return cloud.app.inject({
    method,
    url: `/api/v1/households/${parent.household}${path}`,
    headers: { cookie: who.cookie, 'sec-fetch-site': 'same-origin', 'idempotency-key': key },
    ...(method === 'POST' || method === 'PATCH' ? { payload } : {}),
  });
}
const children = async () => (await parent.home()).profiles.length;

test('a request that is sent again is done once and answered the same', async () => {
  const first = await send('tap-1');
  const again = await send('tap-1');
  expect(first.statusCode).toBe(201);
  expect([again.statusCode, again.body, again.headers['content-type']]).toEqual([
    201,
    first.body,
    first.headers['content-type'],
  ]);
  expect([first.headers['idempotency-replayed'], again.headers['idempotency-replayed']]).toEqual([
    undefined,
    'true',
  ]);
  expect(await children()).toBe(1);
  expect((await send('tap-2')).statusCode).toBe(201);
  expect(await children()).toBe(2);
});

test('the store does not tell what was asked, not even that twice the same was', async () => {
  await send('tap-1');
  await send('tap-2');
  const rows = await cloud.store.db.selectFrom('answer').select('fingerprint').execute();
  expect(new Set(rows.map(({ fingerprint }) => fingerprint)).size).toBe(2);
});

test('an answer without a body is given again, too', async () => {
  const id = (await send('tap')).json().id;
  const remove = { path: `/profiles/${id}`, method: 'DELETE' } as const;
  const answers = [await send('gone', {}, remove), await send('gone', {}, remove)];
  expect(answers.map(({ statusCode, body }) => [statusCode, body])).toEqual([
    [204, ''],
    [204, ''],
  ]);
});

test('of many at once one is done', async () => {
  const answers = await Promise.all(Array.from({ length: 8 }, () => send('tap')));
  expect(await children()).toBe(1);
  const bodies = new Set(answers.filter(({ statusCode }) => statusCode === 201).map(({ body }) => body));
  expect(bodies.size).toBe(1);
  for (const answer of answers.filter(({ statusCode }) => statusCode !== 201)) {
    expect(answer.json()).toMatchObject({ status: 409, code: 'IDEMPOTENCY_KEY_IN_USE' });
  }
});

test('another request with the key is refused, of whatever it differs in', async () => {
  await send('tap');
  const id = (await parent.home()).profiles[0]?.id;
  const others = [
    await send('tap', { ...child, name: 'An' }),
    await send('tap', { minutes: 5 }, { path: `/profiles/${id}/grant` }),
    await send('tap', {}, { path: `/profiles/${id}`, method: 'DELETE' }),
  ];
  for (const other of others) {
    expect(other.json()).toMatchObject({ status: 422, code: 'IDEMPOTENCY_KEY_REUSED' });
  }
  expect(await children()).toBe(1);
});

test('what was asked of the version before, whose fingerprints were others, is answered again', async () => {
  const first = await send('tap');
  const fingerprint = '9f86d081884c7d659a2feaa0c55ad015a3bf4f1b2b0b822cd15d6c15b0f00a08';
  await cloud.store.db.updateTable('answer').set({ fingerprint }).execute();
  const again = await send('tap');
  expect([again.statusCode, again.body]).toEqual([201, first.body]);
  expect(await children()).toBe(1);
});

test('what broke off is not done again, and who asks is told that nobody knows', async () => {
  expect((await send('tap')).statusCode).toBe(201);
  // As a node leaves it that is killed before it has noted its answer.
  await cloud.store.db.updateTable('answer').set({ status: null, sealed: null }).execute();
  expect((await send('tap')).json()).toMatchObject({ code: 'IDEMPOTENCY_KEY_IN_USE' });
  cloud.now += MINUTE;
  expect((await send('tap')).json()).toMatchObject({ status: 409, code: 'OUTCOME_UNKNOWN' });
  expect(await children()).toBe(1);
});

test('what was refused changed nothing, and is done when it is sent again', async () => {
  const key = { name: 'x', scopes: ['read'] };
  const made = await Promise.all(Array.from({ length: 10 }, () => parent.post('/api-keys', key)));
  const asked = { path: '/api-keys' };
  expect((await send('tap', key, asked)).json()).toMatchObject({ code: 'LIMIT_REACHED' });
  await parent.delete(`/api-keys/${made[0]?.json().id}`);
  expect((await send('tap', key, asked)).statusCode).toBe(201);
});

test('a key is of one person, and of one day', async () => {
  const other = await cloud.signUp();
  await join(cloud, other, parent.household, 'owner');
  await send('tap');
  expect((await send('tap', { ...child, name: 'An' }, { who: other })).statusCode).toBe(201);
  cloud.now += ANSWERS_KEPT;
  expect((await send('tap')).statusCode).toBe(201);
  expect(await children()).toBe(3);
});

test('a secret that is told once is not in the store, and told again to who has the key', async () => {
  const asked = { path: '/api-keys' };
  const key = '6f1c2f0e-7a54-4d5f-9f6e-3c8c5a9f2b11';
  const { token } = (await send(key, { name: 'x', scopes: ['read'] }, asked)).json();
  let stored = '';
  for await (const line of backupLines(cloud.store, 0)) stored += line;
  expect(stored).toContain('"answer"');
  for (const secret of [token, key]) {
    expect(stored).not.toContain(secret);
    expect(stored).not.toContain(Buffer.from(secret).toString('base64').slice(0, 20));
  }
  expect((await send(key, { name: 'x', scopes: ['read'] }, asked)).json()).toMatchObject({ token });
});

test.each(['', 'x'.repeat(65), 'a b', 'ấ'])('%j is no key', async (key) => {
  expect((await send(key)).json()).toMatchObject({ status: 400, code: 'IDEMPOTENCY_KEY_INVALID' });
  expect(await children()).toBe(0);
});

test('reading needs no key and takes none', async () => {
  expect((await send('x'.repeat(65), {}, { path: '', method: 'GET' })).statusCode).toBe(200);
  expect(await cloud.store.db.selectFrom('answer').selectAll().execute()).toEqual([]);
});

test('who may not do it leaves nothing behind', async () => {
  const stranger = await cloud.signUp();
  expect((await send('tap', child, { who: stranger })).statusCode).toBe(404);
  expect(await cloud.store.db.selectFrom('answer').selectAll().execute()).toEqual([]);
});

test('a program that uses up its keys keeps no parent from anything', async () => {
  const { token } = (await parent.post('/api-keys', { name: 'x', scopes: ['care'] })).json();
  const { account, household } = parent;
  const kept = Array.from({ length: 500 }, (_, n) => ({
    id: `kept ${n}`,
    fingerprint: '',
    created_at: cloud.now,
  }));
  await cloud.store.db
    .insertInto('answer')
    .values(kept.map((row) => ({ ...row, account, household })))
    .execute();
  const program = await cloud.app.inject({
    method: 'POST',
    url: `/api/v1/households/${household}/profiles`,
    headers: { authorization: `Bearer ${token}`, 'idempotency-key': 'one-more' },
    payload: child,
  });
  expect(program.json()).toMatchObject({ code: 'TOO_MANY_REQUESTS' });
  expect((await send('tap')).statusCode).toBe(201);
});
