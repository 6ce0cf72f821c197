import { existsSync, statSync } from 'node:fs';
import { setFlagsFromString } from 'node:v8';
import { runInNewContext } from 'node:vm';
import { DAY, MINUTE } from '@khien/shared/policy';
import { afterAll, afterEach, beforeAll, expect, test, vi } from 'vitest';
import { backupLines } from '../backup/write.ts';
import { type Parent, TestCloud } from '../cloud.fixture.ts';
import { sweepSpent } from '../retention/sweep.ts';

/*
 * Ten thousand wrong passwords within seconds: from one address and from thousands, at one account, at some that exist and
 * at thousands that do not.
 */

const LOGINS = 10_000;
/** Under way at once. */
const AT_ONCE = 100;
const PASSWORD = 'a long enough password';
/** The limit of an account for browsers that it was never signed in from. */
const KEPT_OUT = 60 * MINUTE;

let cloud: TestCloud;
let victim: Parent;
let others: Parent[];
beforeAll(async () => {
  cloud = await TestCloud.start();
  victim = await cloud.signUp();
  others = [];
  for (let n = 0; n < 10; n += 1) others.push(await cloud.signUp());
});
afterEach(() => vi.useRealTimers());
afterAll(() => cloud.stop());

function signIn(email: string, password: string, remoteAddress: string, cookie?: string) {
  return cloud.app.inject({
    method: 'POST',
    url: '/api/v1/session',
    remoteAddress,
    headers: { 'sec-fetch-site': 'same-origin', ...(cookie === undefined ? {} : { cookie }) },
    payload: { email, password },
  });
}

const address = (net: number, n: number) => `10.${net}.${(n >> 8) & 0xff}.${n & 0xff}`;

/** The n-th wrong login. */
function guess(n: number): ReturnType<typeof signIn> {
  const existing = others[n % 8]?.email ?? '';
  switch (n % 5) {
    case 0:
      return signIn(victim.email, `guess ${n}`, address(0, 1));
    case 1:
      return signIn(victim.email, `guess ${n}`, address(1, n));
    case 2:
      return signIn(`nobody${n}@example.vn`, 'guess', address(2, n % 40));
    case 3:
      return signIn(existing, `guess ${n}`, address(3, n));
    default:
      return signIn(`nobody${n}@example.vn`, 'guess', address(4, n));
  }
}

/** How often each answer was given. */
async function attack(from: number, to: number): Promise<Map<number, number>> {
  const answers = new Map<number, number>();
  let next = from;
  const one = async (): Promise<void> => {
    while (next < to) {
      next += 1;
      const { statusCode } = await guess(next);
      answers.set(statusCode, (answers.get(statusCode) ?? 0) + 1);
      cloud.logged.length = 0;
    }
  };
  await Promise.all(Array.from({ length: AT_ONCE }, one));
  return answers;
}

/** Of everything but what limits count. */
async function rows(): Promise<string[]> {
  const lines: string[] = [];
  let table = '';
  for await (const line of backupLines(cloud.store, 0)) {
    table = /^\{"table":"(\w+)"/.exec(line)?.[1] ?? table;
    if (table !== 'spent') lines.push(line);
  }
  // The last says how many there are.
  return lines.slice(0, -1);
}

function bytesOnDisk(): number {
  if (cloud.store.engine !== 'sqlite') return 0;
  const files = [cloud.location, `${cloud.location}-wal`].filter((file) => existsSync(file));
  return files.reduce((sum, file) => sum + statSync(file).size, 0);
}

function heap(): number {
  setFlagsFromString('--expose-gc');
  runInNewContext('gc')();
  return process.memoryUsage().heapUsed;
}

/** What a browser that the account was signed in from sends beside the session. */
const known = (parent: Parent) => parent.cookie.split('; ').find((one) => one.includes('known')) ?? '';

test('ten thousand wrong logins are refused, cost little, and leave nothing behind', async () => {
  const before = { rows: await rows(), disk: bytesOnDisk() };
  const first = await attack(0, LOGINS / 5);
  const grownFrom = heap();
  const [second, own] = await Promise.all([
    attack(LOGINS / 5, LOGINS),
    // In the midst of it.
    signIn(victim.email, PASSWORD, '192.0.2.201', known(victim)),
  ]);
  expect(own.statusCode).toBe(200);
  expect([...first.keys(), ...second.keys()].filter((status) => status !== 401 && status !== 429)).toEqual(
    [],
  );
  const lookedAt = (first.get(401) ?? 0) + (second.get(401) ?? 0);
  // Passwords were looked at all the time, and most were not.
  expect(lookedAt).toBeGreaterThan(50);
  expect(lookedAt).toBeLessThan(LOGINS / 4);
  expect(heap() - grownFrom).toBeLessThan(20_000_000);
  expect(bytesOnDisk() - before.disk).toBeLessThan(250_000);
  const after = await rows();
  // The one new session, of who signed in.
  expect(after.length).toBe(before.rows.length + 1);
  expect(before.rows.filter((row) => !after.includes(row))).toEqual([]);
  const counted = await cloud.store.db.selectFrom('spent').select('key').execute();
  // By email, and by email and address; none where no password was looked at.
  expect(counted.length).toBeLessThan(LOGINS / 4);
  await sweepSpent(cloud.store, Date.now() + DAY);
  expect(await cloud.store.db.selectFrom('spent').select('key').execute()).toEqual([]);
}, 60_000);

test('afterwards owners sign in from their browsers at once, from others within the hour', async () => {
  const stranger = '192.0.2.202';
  expect((await signIn(victim.email, PASSWORD, '192.0.2.203', known(victim))).statusCode).toBe(200);
  const untouched = others[9]?.email ?? '';
  expect((await signIn(untouched, PASSWORD, stranger)).statusCode).toBe(200);
  vi.useFakeTimers({ toFake: ['Date'], now: Date.now() + KEPT_OUT });
  expect((await signIn(victim.email, PASSWORD, stranger)).statusCode).toBe(200);
});
