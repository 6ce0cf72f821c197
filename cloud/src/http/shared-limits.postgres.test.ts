import { afterEach, beforeEach, expect, test } from 'vitest';
import { TestCloud } from '../cloud.fixture.ts';
import { type TemporaryStore, temporaryStore } from '../documents/home.fixture.ts';
import { openStore } from '../store/open.ts';
import { sharedLimits } from './shared-limits.ts';

const MINUTE = 60_000;

let temporary: TemporaryStore;
beforeEach(async () => {
  temporary = await temporaryStore();
});
afterEach(() => temporary.remove());

const route = { method: 'GET', url: '/', path: '/', prefix: '', handler: () => undefined } as const;
/** As the plugin tells a store what a limit is of. */
const ofRoute = { ...route, routeInfo: route };
const forItself = { ...route, routeInfo: {} };

type Limit = ReturnType<InstanceType<ReturnType<typeof sharedLimits>>['child']>;

const spend = (limit: Limit, key: string, window = MINUTE) =>
  new Promise((resolve, reject) => {
    limit.incr(key, (error, spent) => (error ? reject(error) : resolve(spent?.current)), window, 1);
  });

test('what is looked at for itself is counted for all nodes together, each limit by itself', async () => {
  const other = await openStore(temporary.location);
  const nodes = [temporary.store, other].map(({ db }) => new (sharedLimits(db))({}));
  const [a, b] = nodes.map((node) => ({ first: node.child(forItself), second: node.child(forItself) }));
  if (a === undefined || b === undefined) throw new Error('there are two nodes');
  expect(await spend(a.first, 'lan@example.vn')).toBe(1);
  expect(await spend(b.first, 'lan@example.vn')).toBe(2);
  expect(await spend(b.first, 'minh@example.vn')).toBe(1);
  expect(await spend(b.second, 'lan@example.vn')).toBe(1);
  const many = await Promise.all(Array.from({ length: 20 }, (_, n) => spend(n % 2 ? a.first : b.first, 'x')));
  expect(many.sort((x, y) => Number(x) - Number(y))).toEqual(Array.from({ length: 20 }, (_, n) => n + 1));
  await other.close();
});

test('what a route counts is counted by each node alone, and is not in the store', async () => {
  const { db } = temporary.store;
  const [a, b] = [db, db].map((one) => new (sharedLimits(one))({}).child(ofRoute));
  if (a === undefined || b === undefined) throw new Error('there are two nodes');
  expect([await spend(a, 'x'), await spend(a, 'x'), await spend(b, 'x')]).toEqual([1, 2, 1]);
  expect(await db.selectFrom('spent').selectAll().execute()).toEqual([]);
});

test('a window ends', async () => {
  const limit = new (sharedLimits(temporary.store.db))({}).child(forItself);
  expect(await spend(limit, 'x', 1)).toBe(1);
  await new Promise((resolve) => setTimeout(resolve, 5));
  expect(await spend(limit, 'x')).toBe(1);
  expect(await spend(limit, 'x')).toBe(2);
});

test('guesses at a password run out, and the store does not know whose it was', async () => {
  const cloud = await TestCloud.start();
  const guess = () =>
    cloud.app.inject({
      method: 'POST',
      url: '/api/v1/session',
      headers: { 'sec-fetch-site': 'same-origin' },
      payload: { email: 'lan@example.vn', password: 'not the password' },
    });
  const statuses: number[] = [];
  for (let n = 0; n < 12; n += 1) statuses.push((await guess()).statusCode);
  expect([statuses[0], statuses.at(-1)]).toEqual([401, 429]);
  const rows = await cloud.store.db.selectFrom('spent').selectAll().execute();
  expect(rows.length).toBeGreaterThan(0);
  expect(JSON.stringify(rows)).not.toMatch(/lan|example|127\.0/);
  await cloud.stop();
});
