import { MINUTE } from '@khien/shared/policy';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { TestCloud } from '../cloud.fixture.ts';
import { Authenticator } from './authenticator.fixture.ts';
import { Browser, newcomer, outcomeOf } from './browser.fixture.ts';

let cloud: TestCloud;
let browser: Browser;
const password = 'một mật khẩu dài';
beforeEach(async () => {
  cloud = await TestCloud.start();
  browser = new Browser(cloud);
  await browser.signUpWithPassword('lan@example.vn');
});
afterEach(() => cloud.stop());

const signIn = (from: Browser, secret = password) =>
  from.outcome('POST', '/session', { email: 'lan@example.vn', password: secret });
const codesOf = async (from: Browser): Promise<string[]> =>
  (await from.post('/account/recovery-codes')).json().codes;
const codesLeft = async (from: Browser) =>
  (await from.get('/account/security')).json().recoveryCodes?.left ?? 0;

describe('sessions', () => {
  test('are listed in plain words, and an ended one opens nothing any more', async () => {
    const laptop = new Browser(cloud);
    laptop.userAgent = 'Mozilla/5.0 (Windows NT 10.0; Win64; x64) Gecko/20100101 Firefox/140.0';
    await signIn(laptop);
    cloud.now += 20 * MINUTE;
    await laptop.get('/account');
    const { items } = (await browser.get('/account/sessions')).json();
    expect(items).toMatchObject([
      { browser: 'Firefox', system: 'Windows', current: false, usedAt: cloud.now },
      { browser: 'Chrome', system: 'Android', current: true, usedAt: cloud.now },
    ]);
    expect(JSON.stringify(items)).not.toMatch(/[0-9a-f]{64}/);
    expect(await browser.outcome('DELETE', `/account/sessions/${items[0].id}`)).toBe(204);
    expect(await laptop.outcome('GET', '/account')).toBe('UNAUTHENTICATED');
    expect(await browser.outcome('GET', '/account')).toBe(200);
    expect(await browser.outcome('DELETE', `/account/sessions/${items[0].id}`)).toBe('NOT_FOUND');
  });

  test('of others are out of reach', async () => {
    const other = new Browser(cloud);
    await other.signUpWithPassword('hoa@example.vn');
    const [mine] = (await browser.get('/account/sessions')).json().items;
    expect(await other.outcome('DELETE', `/account/sessions/${mine.id}`)).toBe('NOT_FOUND');
    await other.call('DELETE', '/account/sessions');
    expect(await browser.outcome('GET', '/account')).toBe(200);
  });

  test('all others end at once', async () => {
    const others = [new Browser(cloud), new Browser(cloud)];
    for (const other of others) await signIn(other);
    await browser.call('DELETE', '/account/sessions');
    for (const other of others) expect(await other.outcome('GET', '/account')).toBe('UNAUTHENTICATED');
    expect((await browser.get('/account/sessions')).json().items).toHaveLength(1);
  });

  test('are fifty at most', async () => {
    const many = new Browser(cloud);
    for (let i = 0; i < 51; i += 1) {
      many.address = `10.30.0.${i}`;
      expect(await signIn(many)).toBe(200);
    }
    expect(await cloud.store.db.selectFrom('session').selectAll().execute()).toHaveLength(50);
    expect(await many.outcome('GET', '/account')).toBe(200);
  });
});

describe('a recent proof', () => {
  test('is asked for after a quarter of an hour, and given by the password', async () => {
    cloud.now += 16 * MINUTE;
    expect(await browser.outcome('POST', '/account/recovery-codes')).toBe('REAUTHENTICATION_NEEDED');
    expect(await browser.outcome('POST', '/session/confirmation/password', { password: 'wrong' })).toBe(
      'CREDENTIALS_WRONG',
    );
    expect(await browser.outcome('POST', '/account/recovery-codes')).toBe('REAUTHENTICATION_NEEDED');
    expect(await browser.outcome('POST', '/session/confirmation/password', { password })).toBe(204);
    expect(await browser.outcome('POST', '/account/recovery-codes')).toBe(201);
  });

  test('cannot be guessed', async () => {
    cloud.now += 16 * MINUTE;
    const outcomes: unknown[] = [];
    for (let i = 0; i < 11; i += 1) {
      outcomes.push(
        await browser.outcome('POST', '/session/confirmation/password', { password: `guess ${i}` }),
      );
    }
    expect(outcomes.at(-2)).toBe('CREDENTIALS_WRONG');
    expect(outcomes.at(-1)).toBe('TOO_MANY_REQUESTS');
  });

  test('is needed for all that decides who may sign in', async () => {
    cloud.now += 16 * MINUTE;
    const guarded: readonly (readonly ['POST' | 'PUT' | 'PATCH' | 'DELETE', string, object?])[] = [
      ['PATCH', '/account', { email: 'thief@example.vn' }],
      ['PUT', '/account/password', { password: 'another long password' }],
      ['DELETE', '/account/password'],
      ['POST', '/account/passkeys/options'],
      ['POST', '/account/recovery-codes'],
      ['POST', '/account/deletion', { households: [] }],
    ];
    for (const [method, path, body] of guarded) {
      expect(await browser.outcome(method, path, body), path).toBe('REAUTHENTICATION_NEEDED');
    }
    expect(await browser.outcome('PATCH', '/account', { name: 'Lan Anh', language: 'en' })).toBe(200);
  });
});

describe('the password', () => {
  test('when it changes, every other session ends', async () => {
    const other = new Browser(cloud);
    await signIn(other);
    expect(await browser.outcome('PUT', '/account/password', { password: 'a quite different one' })).toBe(
      200,
    );
    expect(await other.outcome('GET', '/account')).toBe('UNAUTHENTICATED');
    expect(await browser.outcome('GET', '/account')).toBe(200);
    expect(await signIn(other)).toBe('CREDENTIALS_WRONG');
    expect(await signIn(other, 'a quite different one')).toBe(200);
  });

  test('is not removed while it is the only way in', async () => {
    expect(await browser.outcome('DELETE', '/account/password')).toBe('LAST_WAY_IN');
    expect(outcomeOf(await browser.addPasskey(new Authenticator()))).toBe(204);
    expect(await browser.outcome('DELETE', '/account/password')).toBe(204);
    expect(await signIn(new Browser(cloud))).toBe('CREDENTIALS_WRONG');
    expect((await browser.get('/account/security')).json().password).toBe(null);
  });

  test('is added to an account of passkeys with an email, which nobody else may have', async () => {
    const other = new Browser(cloud);
    await other.signUpWithPasskey(new Authenticator());
    const add = (email?: string) =>
      other.outcome('PUT', '/account/password', { password, ...(email === undefined ? {} : { email }) });
    expect(await add()).toBe('INVALID_INPUT');
    expect(await add('LAN@example.vn')).toBe('EMAIL_TAKEN');
    expect(await add('hoa@example.vn')).toBe(200);
    const elsewhere = new Browser(cloud);
    expect(await elsewhere.outcome('POST', '/session', { email: 'hoa@example.vn', password })).toBe(200);
  });
});

test.each([
  ['PATCH', '/account', {}],
  ['PUT', '/account/password', { password }],
] as const)(
  'who asks for many emails by %s %s whether they are taken is not told for long',
  async (method, path, more) => {
    const other = new Browser(cloud);
    await other.signUpWithPassword('hoa@example.vn');
    const outcomes: (string | number)[] = [];
    for (let i = 0; i < 8; i += 1) {
      outcomes.push(await other.outcome(method, path, { ...more, email: 'lan@example.vn' }));
    }
    expect(outcomes.slice(0, 5)).toEqual(Array(5).fill('EMAIL_TAKEN'));
    expect(outcomes.slice(-2)).toEqual(['TOO_MANY_REQUESTS', 'TOO_MANY_REQUESTS']);
    expect(await other.outcome('PATCH', '/account', { name: 'Hoa' })).toBe(200);
  },
);

describe('recovery codes', () => {
  test('are ten, told once, and not in the store', async () => {
    const codes = await codesOf(browser);
    expect(new Set(codes).size).toBe(10);
    for (const code of codes) expect(code).toMatch(/^([0-9A-HJKMNP-TV-Z]{4}-){3}[0-9A-HJKMNP-TV-Z]{4}$/);
    const rows = JSON.stringify(await cloud.store.db.selectFrom('recovery_code').selectAll().execute());
    for (const code of codes) {
      expect(rows).not.toContain(code);
      expect(rows).not.toContain(code.replaceAll('-', ''));
    }
    expect(await codesLeft(browser)).toBe(10);
  });

  test('one signs in once, ends every other session, and leads to nothing but a new way in', async () => {
    const [code = ''] = await codesOf(browser);
    const phone = new Browser(cloud);
    const response = await phone.post('/session/recovery', {
      code: ` ${code.toLowerCase().replaceAll('-', ' ')}`,
    });
    expect(response.json()).toMatchObject({ email: 'lan@example.vn', recovering: true });
    expect(await browser.outcome('GET', '/account')).toBe('UNAUTHENTICATED');
    const { households } = response.json();
    for (const path of ['/account/security', '/account/sessions', `/households/${households[0].id}`]) {
      expect(await phone.outcome('GET', path), path).toBe('SIGN_IN_RENEWAL_NEEDED');
    }
    expect(await phone.outcome('POST', '/account/deletion', { households: [] })).toBe(
      'SIGN_IN_RENEWAL_NEEDED',
    );
    expect(await phone.outcome('GET', '/account')).toBe(200);
    cloud.now += 20 * MINUTE;
    const authenticator = new Authenticator();
    expect(outcomeOf(await phone.addPasskey(authenticator))).toBe(204);
    expect((await phone.get('/account')).json()).toMatchObject({ recovering: false });
    expect(await codesLeft(phone)).toBe(9);
    expect(await new Browser(cloud).outcome('POST', '/session/recovery', { code })).toBe(
      'RECOVERY_CODE_WRONG',
    );
    expect(outcomeOf(await new Browser(cloud).signInWithPasskey(authenticator))).toBe(200);
  });

  test('a new password ends recovery too', async () => {
    const [code = ''] = await codesOf(browser);
    const phone = new Browser(cloud);
    await phone.post('/session/recovery', { code });
    expect(await phone.outcome('PUT', '/account/password', { password: 'a quite different one' })).toBe(200);
    expect(await phone.outcome('GET', '/account/security')).toBe(200);
  });

  test('one that is sent many times at once opens one session', async () => {
    const [code = ''] = await codesOf(browser);
    const phones = [1, 2, 3, 4].map(() => new Browser(cloud));
    const outcomes = await Promise.all(
      phones.map((phone) => phone.outcome('POST', '/session/recovery', { code })),
    );
    expect(outcomes.sort()).toEqual([200, ...Array(3).fill('RECOVERY_CODE_WRONG')]);
    expect(await cloud.store.db.selectFrom('session').selectAll().execute()).toHaveLength(1);
  });

  test('new ones take the place of the old, and a wrong one ends nothing', async () => {
    const [old = ''] = await codesOf(browser);
    await codesOf(browser);
    for (const code of [old, 'AAAA-AAAA-AAAA-AAAA', '-', 'ü'.repeat(64)]) {
      expect(await new Browser(cloud).outcome('POST', '/session/recovery', { code })).toBe(
        'RECOVERY_CODE_WRONG',
      );
    }
    expect(await browser.outcome('GET', '/account')).toBe(200);
    expect(await codesLeft(browser)).toBe(10);
  });
});

describe('deleting the account', () => {
  const rowsOf = async () => {
    const left: Record<string, number> = {};
    for (const table of ['account', 'password', 'passkey', 'recovery_code', 'session', 'member'] as const) {
      left[table] = (await cloud.store.db.selectFrom(table).selectAll().execute()).length;
    }
    return left;
  };

  test('names the household that nobody else owns, and then leaves nothing', async () => {
    await browser.addPasskey(new Authenticator());
    await codesOf(browser);
    const { households } = (await browser.get('/account/deletion')).json();
    expect(households).toMatchObject([{ name: 'Nhà Lan', others: 0 }]);
    expect(await browser.outcome('POST', '/account/deletion', { households: [] })).toBe('LAST_OWNER');
    const body = { households: households.map(({ id }: { id: string }) => id) };
    expect(await browser.outcome('POST', '/account/deletion', body)).toBe(204);
    expect(await rowsOf()).toEqual({
      account: 0,
      password: 0,
      passkey: 0,
      recovery_code: 0,
      session: 0,
      member: 0,
    });
    expect(await cloud.store.db.selectFrom('household').selectAll().execute()).toEqual([]);
    expect(browser.cookies.has('__Host-khien')).toBe(false);
    expect(await signIn(browser)).toBe('CREDENTIALS_WRONG');
  });

  test('spares a household that has another owner, even when it is named', async () => {
    const [mine] = (await browser.get('/account')).json().households;
    const { token } = (await browser.post(`/households/${mine.id}/invitations`, { role: 'owner' })).json();
    const other = new Browser(cloud);
    const { household: _none, ...form } = newcomer;
    await other.signUpWithPasskey(new Authenticator(), { ...form, invitation: token });
    expect((await browser.get('/account/deletion')).json()).toEqual({ households: [] });
    expect(await browser.outcome('POST', '/account/deletion', { households: [mine.id] })).toBe(204);
    expect((await other.get(`/households/${mine.id}`)).statusCode).toBe(200);
  });
});
