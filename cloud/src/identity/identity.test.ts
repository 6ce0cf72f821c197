import { DAY } from '@khien/shared/policy';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { cookieOf, TestCloud } from '../cloud.fixture.ts';
import { hashPassword, verifyPassword } from './password.ts';

let cloud: TestCloud;
beforeEach(async () => {
  cloud = await TestCloud.start();
});
afterEach(() => cloud.stop());

const account = {
  email: 'Lan@Example.VN',
  password: 'một mật khẩu dài',
  name: 'Lan',
  household: { name: 'Nhà Lan', zone: 'Asia/Ho_Chi_Minh' },
  language: 'vi',
};
const headers = { 'sec-fetch-site': 'same-origin' };

const signUp = (payload: object) =>
  cloud.app.inject({ method: 'POST', url: '/api/v1/account', headers, payload });
const signIn = (email: string, password: string, remoteAddress = '192.0.2.1', cookie = '') =>
  cloud.app.inject({
    method: 'POST',
    url: '/api/v1/session',
    headers: { ...headers, cookie },
    remoteAddress,
    payload: { email, password },
  });
const whoAmI = (cookie: string) =>
  cloud.app.inject({ method: 'GET', url: '/api/v1/account', headers: { cookie } });

describe('signing up', () => {
  test('makes the account, its household and a session', async () => {
    const response = await signUp(account);
    expect(response.statusCode).toBe(201);
    expect(response.json()).toMatchObject({
      email: 'lan@example.vn',
      name: 'Lan',
      language: 'vi',
      households: [{ name: 'Nhà Lan' }],
    });
    const me = await whoAmI(cookieOf(response));
    expect(me.statusCode).toBe(200);
    expect(me.json()).toEqual(response.json());
  });

  test('the cookie is out of reach of scripts, other sites and plain http', async () => {
    const [cookie] = (await signUp(account)).cookies;
    expect(cookie).toMatchObject({
      name: '__Host-khien',
      httpOnly: true,
      sameSite: 'Lax',
      secure: true,
      path: '/',
      maxAge: 30 * 24 * 3600,
    });
    expect(cookie).not.toHaveProperty('domain');
    expect(Buffer.from(cookie?.value ?? '', 'base64url')).toHaveLength(32);
  });

  test('an email has one account, however it is written', async () => {
    await signUp(account);
    const second = await signUp({ ...account, email: 'LAN@example.vn', name: 'Hoa' });
    expect(second.statusCode).toBe(409);
    expect(second.json()).toMatchObject({ code: 'EMAIL_TAKEN', status: 409 });
    expect(second.cookies).toEqual([]);
    expect(await cloud.store.db.selectFrom('household').selectAll().execute()).toHaveLength(1);
  });

  test('two at the same moment make one account', async () => {
    const both = await Promise.all([signUp(account), signUp(account)]);
    expect(both.map((response) => response.statusCode).sort()).toEqual([201, 409]);
    expect(await cloud.store.db.selectFrom('member').selectAll().execute()).toHaveLength(1);
  });

  test.each([
    ['a short password', { ...account, password: 'short' }, '/password'],
    ['no email', { ...account, email: 'lan' }, '/email'],
    ['an unknown time zone', { ...account, household: { name: 'x', zone: 'Asia/Hanoy' } }, '/household/zone'],
    ['an empty name', { ...account, name: '   ' }, '/name'],
  ])('is refused with %s', async (_what, body, pointer) => {
    const response = await signUp(body);
    expect(response.statusCode).toBe(400);
    expect(response.json()).toMatchObject({ code: 'INVALID_INPUT', fields: [{ pointer }] });
  });

  test('neither the password nor the token is in the store', async () => {
    const response = await signUp(account);
    const token = response.cookies[0]?.value ?? '?';
    const rows = JSON.stringify([
      await cloud.store.db.selectFrom('account').selectAll().execute(),
      await cloud.store.db.selectFrom('password').selectAll().execute(),
      await cloud.store.db.selectFrom('session').selectAll().execute(),
    ]);
    expect(rows).not.toContain(account.password);
    expect(rows).not.toContain(token);
    expect(rows).toContain('$argon2id$v=19$m=19456,t=2,p=1$');
  });
});

describe('signing in', () => {
  beforeEach(() => signUp(account));

  test('opens a session; signing out ends it on the server', async () => {
    const response = await signIn('lan@example.vn', account.password);
    expect(response.statusCode).toBe(200);
    const cookie = cookieOf(response);
    const out = await cloud.app.inject({
      method: 'DELETE',
      url: '/api/v1/session',
      headers: { ...headers, cookie },
    });
    expect(out.statusCode).toBe(204);
    expect(out.cookies[0]).toMatchObject({ name: '__Host-khien', value: '' });
    expect((await whoAmI(cookie)).statusCode).toBe(401);
  });

  test('says the same of a wrong password and of an unknown email', async () => {
    const wrong = await signIn('lan@example.vn', 'something else');
    const unknown = await signIn('nobody@example.vn', 'something else');
    expect(wrong.statusCode).toBe(401);
    expect(wrong.json()).toMatchObject({ code: 'CREDENTIALS_WRONG' });
    expect(unknown.json()).toEqual(wrong.json());
    expect(unknown.statusCode).toBe(401);
  });

  test('takes about as long for an unknown email as for a wrong password', async () => {
    const time = async (email: string) => {
      const start = performance.now();
      await signIn(email, 'something else');
      return performance.now() - start;
    };
    const median = (all: number[]) => all.sort((a, b) => a - b)[Math.floor(all.length / 2)] ?? 0;
    const known: number[] = [];
    const unknown: number[] = [];
    for (let i = 0; i < 7; i += 1) {
      known.push(await time('lan@example.vn'));
      unknown.push(await time('nobody@example.vn'));
    }
    expect(median(unknown)).toBeGreaterThan(median(known) / 3);
    expect(median(unknown)).toBeLessThan(median(known) * 3);
  });

  test('an account cannot be guessed at from many addresses, and its owner is not kept out by who tries', async () => {
    const { cookies } = await signIn('lan@example.vn', account.password);
    const known = cookies.map(({ name, value }) => `${name}=${value}`).join('; ');
    const codes: number[] = [];
    for (let i = 0; i < 52; i += 1) {
      codes.push((await signIn('lan@example.vn', `guess number ${i}`, `198.51.100.${i}`)).statusCode);
    }
    expect(codes.slice(0, 49)).toEqual(Array(49).fill(401));
    expect(codes.slice(-2)).toEqual([429, 429]);
    expect((await signIn('hoa@example.vn', 'something else')).statusCode).toBe(401);
    expect((await signIn('lan@example.vn', account.password, '192.0.2.50')).statusCode).toBe(429);
    const fromOwnBrowser = await signIn('lan@example.vn', account.password, '192.0.2.51', known);
    expect(fromOwnBrowser.statusCode).toBe(200);
    const othersCookie = await signIn('hoa@example.vn', 'something else', '192.0.2.52', known);
    expect(othersCookie.statusCode).toBe(401);
  });

  test('an account cannot be guessed at from one address, whatever browser it says to be', async () => {
    const { cookies } = await signIn('lan@example.vn', account.password);
    const known = cookies.map(({ name, value }) => `${name}=${value}`).join('; ');
    const codes: number[] = [];
    for (let i = 0; i < 11; i += 1) {
      codes.push((await signIn('lan@example.vn', `guess number ${i}`, '198.51.100.1', known)).statusCode);
    }
    expect(codes).toEqual([...Array(10).fill(401), 429]);
  });

  test('an address cannot guess at many accounts', async () => {
    const responses = [];
    for (let i = 0; i < 31; i += 1) responses.push(await signIn(`someone${i}@example.vn`, 'something'));
    expect(responses.at(-2)?.statusCode).toBe(401);
    expect(responses.at(-1)?.statusCode).toBe(429);
    expect(responses.at(-1)?.json()).toMatchObject({ code: 'TOO_MANY_REQUESTS' });
    expect(Number(responses.at(-1)?.headers['retry-after'])).toBeGreaterThan(0);
  });
});

test('who asks for many emails whether they are taken is not told for long', async () => {
  await signUp(account);
  const codes: string[] = [];
  for (let i = 0; i < 8; i += 1) codes.push((await signUp(account)).json().code);
  expect(codes.slice(0, 5)).toEqual(Array(5).fill('EMAIL_TAKEN'));
  expect(codes.slice(-2)).toEqual(['TOO_MANY_REQUESTS', 'TOO_MANY_REQUESTS']);
});

describe('a session', () => {
  const cookieAgain = async (cookie: string) => (await whoAmI(cookie)).cookies.length;

  test('lives for 30 days after its last use', async () => {
    const { cookie } = await cloud.signUp();
    expect(await cookieAgain(cookie)).toBe(0);
    cloud.now += 29 * DAY;
    expect(await cookieAgain(cookie)).toBe(1);
    cloud.now += 29 * DAY;
    expect((await whoAmI(cookie)).statusCode).toBe(200);
    cloud.now += 31 * DAY;
    expect((await whoAmI(cookie)).statusCode).toBe(401);
  });

  test.each(['', 'khien=x', '__Host-khien=', '__Host-khien=AAAA', `__Host-khien=${'a'.repeat(4000)}`])(
    'is not opened by the cookie %j',
    async (cookie) => {
      const response = await whoAmI(cookie);
      expect(response.statusCode).toBe(401);
      expect(response.json()).toMatchObject({ code: 'UNAUTHENTICATED' });
    },
  );

  test('of one account is not ended by another signing out', async () => {
    const first = await cloud.signUp();
    const second = await cloud.signUp();
    await second.call('DELETE', '/api/v1/session');
    expect((await whoAmI(first.cookie)).statusCode).toBe(200);
    expect((await whoAmI(second.cookie)).statusCode).toBe(401);
  });
});

test('over plain http the cookie has neither Secure nor the prefix that needs it', async () => {
  const plain = await TestCloud.start({ publicUrl: 'http://192.168.1.2:8080' });
  const { cookie } = await plain.signUp();
  expect(cookie).toMatch(/^khien=/);
  await plain.stop();
});

test('a password is verified by its own hash only', async () => {
  const hash = await hashPassword('one password');
  expect(await verifyPassword(hash, 'one password')).toBe(true);
  expect(await verifyPassword(hash, 'One password')).toBe(false);
  expect(await hashPassword('one password')).not.toBe(hash);
});
