import { MINUTE } from '@khien/shared/policy';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { TestCloud } from '../cloud.fixture.ts';
import { Authenticator } from './authenticator.fixture.ts';
import { Browser, newcomer, outcomeOf } from './browser.fixture.ts';
import { securitySchema } from './schema.ts';

let cloud: TestCloud;
let browser: Browser;
let phone: Authenticator;
beforeEach(async () => {
  cloud = await TestCloud.start();
  browser = new Browser(cloud);
  phone = new Authenticator();
});
afterEach(() => cloud.stop());

const security = async (from: Browser) => securitySchema.parse((await from.get('/account/security')).json());

describe('signing up with a passkey', () => {
  test('needs neither an email nor a password', async () => {
    const response = await browser.signUpWithPasskey(phone);
    expect(response.statusCode).toBe(201);
    expect(response.json()).toMatchObject({
      name: 'Lan',
      email: null,
      recovering: false,
      households: [{ name: 'Nhà Lan', role: 'owner' }],
    });
    expect((await browser.get('/account')).statusCode).toBe(200);
    expect(await security(browser)).toMatchObject({
      passkeys: [{ name: 'Chrome, Android', copied: false, usedAt: null }],
      password: null,
      recoveryCodes: null,
    });
  });

  test('asks for a discoverable credential, of no maker in particular', async () => {
    const { options } = (await browser.post('/account/passkey/options', { name: 'Lan' })).json();
    expect(options).toMatchObject({
      rp: { id: 'khien.test', name: 'Khiên' },
      attestation: 'none',
      authenticatorSelection: { residentKey: 'required', userVerification: 'preferred' },
    });
  });

  test('leaves nothing when it fails', async () => {
    await browser.signUpWithPassword('hoa@example.vn');
    const other = new Browser(cloud);
    const response = await other.signUpWithPasskey(phone, { ...newcomer, email: 'HOA@example.vn' });
    expect(outcomeOf(response)).toBe('EMAIL_TAKEN');
    expect(await cloud.store.db.selectFrom('passkey').selectAll().execute()).toEqual([]);
    expect(await cloud.store.db.selectFrom('household').selectAll().execute()).toHaveLength(1);
  });

  test('the same answer makes no second account', async () => {
    const { ceremony, options } = (await browser.post('/account/passkey/options', { name: 'Lan' })).json();
    const body = { ceremony, registration: phone.create(options), ...newcomer };
    const outcomes = await Promise.all([1, 2].map(() => browser.outcome('POST', '/account/passkey', body)));
    expect(outcomes).toContain(201);
    expect(outcomes.filter((outcome) => outcome !== 201)).toHaveLength(1);
    expect(await cloud.store.db.selectFrom('account').selectAll().execute()).toHaveLength(1);
  });

  test.each([
    ['of another origin', { origin: 'https://evil.test' }],
    ['for another site', { rpId: 'evil.test' }],
    ['to another challenge', { challenge: Buffer.alloc(32).toString('base64url') }],
    ['without anybody present', { userPresent: false }],
  ])('is refused with an answer %s', async (_what, behaviour) => {
    const { ceremony, options } = (await browser.post('/account/passkey/options', { name: 'Lan' })).json();
    const registration = phone.create(options, behaviour);
    const body = { ceremony, registration, ...newcomer };
    expect(await browser.outcome('POST', '/account/passkey', body)).toBe('PASSKEY_REFUSED');
  });

  test('somebody else’s credential cannot be made one’s own', async () => {
    await browser.signUpWithPasskey(phone);
    const thief = new Browser(cloud);
    expect(outcomeOf(await thief.signUpWithPasskey(phone))).toBe('PASSKEY_KNOWN');
    expect(await cloud.store.db.selectFrom('account').selectAll().execute()).toHaveLength(1);
  });
});

describe('signing in with a passkey', () => {
  beforeEach(async () => {
    await browser.signUpWithPasskey(phone);
  });

  test('asks for no name, and notes the use', async () => {
    const elsewhere = new Browser(cloud);
    cloud.now += MINUTE;
    const response = await elsewhere.signInWithPasskey(phone);
    expect(response.json()).toMatchObject({ name: 'Lan', recovering: false });
    expect((await elsewhere.get('/account')).statusCode).toBe(200);
    expect((await security(elsewhere)).passkeys).toMatchObject([{ usedAt: cloud.now }]);
  });

  test.each([
    ['of another origin', { origin: 'https://evil.test' }],
    ['for another site', { rpId: 'evil.test' }],
    ['to another challenge', { challenge: Buffer.alloc(32).toString('base64url') }],
    ['in the name of another account', { userHandle: Buffer.from('somebody').toString('base64url') }],
    ['without anybody present', { userPresent: false }],
  ])('is refused with an answer %s', async (_what, behaviour) => {
    expect(outcomeOf(await browser.signInWithPasskey(phone, behaviour))).toBe('PASSKEY_REFUSED');
  });

  test('is refused to an authenticator that is not known, and to a wrong signature', async () => {
    const { ceremony, options } = (await browser.post('/session/passkey/options')).json();
    const stranger = new Authenticator();
    const assertion = stranger.get(options, { userHandle: '' });
    const unknown = {
      ceremony,
      assertion: { ...assertion, response: { ...assertion.response, userHandle: undefined } },
    };
    expect(await browser.outcome('POST', '/session/passkey', unknown)).toBe('PASSKEY_REFUSED');
    const posing = { ceremony, assertion: { ...unknown.assertion, id: phone.id, rawId: phone.id } };
    expect(await browser.outcome('POST', '/session/passkey', posing)).toBe('PASSKEY_REFUSED');
  });

  test('an answer opens one session only, also in a race', async () => {
    const elsewhere = new Browser(cloud);
    const { ceremony, options } = (await elsewhere.post('/session/passkey/options')).json();
    const body = { ceremony, assertion: phone.get(options) };
    const outcomes = await Promise.all(
      [1, 2, 3].map(() => elsewhere.outcome('POST', '/session/passkey', body)),
    );
    expect(outcomes.sort()).toEqual([200, 'CHALLENGE_EXPIRED', 'CHALLENGE_EXPIRED']);
    expect(await elsewhere.outcome('POST', '/session/passkey', body)).toBe('CHALLENGE_EXPIRED');
  });

  test('a challenge is of one browser, one purpose and five minutes', async () => {
    const { ceremony, options } = (await browser.post('/session/passkey/options')).json();
    const body = { ceremony, assertion: phone.get(options) };
    const thief = new Browser(cloud);
    expect(await thief.outcome('POST', '/session/passkey', body)).toBe('CHALLENGE_EXPIRED');
    await thief.post('/session/passkey/options');
    expect(await thief.outcome('POST', '/session/passkey', body)).toBe('CHALLENGE_EXPIRED');
    expect(await browser.outcome('POST', '/session/confirmation/passkey', body)).toBe('CHALLENGE_EXPIRED');
    const [payload] = ceremony.split('.');
    for (const forged of [
      '',
      '.',
      'x.y',
      `${payload}.`,
      `${payload}.AAAA`,
      `e30.${ceremony.split('.')[1]}`,
    ]) {
      const outcome = await browser.outcome('POST', '/session/passkey', { ...body, ceremony: forged });
      expect(outcome, forged).toBe('CHALLENGE_EXPIRED');
    }
    cloud.now += 5 * MINUTE;
    expect(await browser.outcome('POST', '/session/passkey', body)).toBe('CHALLENGE_EXPIRED');
  });

  test('a counter that goes back is refused and shown; one that goes on is not', async () => {
    await browser.signInWithPasskey(phone);
    expect(outcomeOf(await browser.signInWithPasskey(phone, { counter: 1 }))).toBe('PASSKEY_REFUSED');
    expect((await security(browser)).passkeys).toMatchObject([{ copied: true }]);
    expect(outcomeOf(await browser.signInWithPasskey(phone))).toBe(200);
  });

  test('one that does not count works again and again', async () => {
    const tablet = new Authenticator('https://khien.test', false);
    const other = new Browser(cloud);
    await other.signUpWithPasskey(tablet);
    for (const _ of [1, 2, 3]) expect(outcomeOf(await other.signInWithPasskey(tablet))).toBe(200);
    expect((await security(other)).passkeys).toMatchObject([{ copied: false }]);
  });

  test('what was not verified opens the app, and nothing that needs a recent proof', async () => {
    const elsewhere = new Browser(cloud);
    expect(outcomeOf(await elsewhere.signInWithPasskey(phone, { userVerified: false }))).toBe(200);
    expect(await elsewhere.outcome('POST', '/account/recovery-codes')).toBe('REAUTHENTICATION_NEEDED');
    const again = await elsewhere.confirmWithPasskey(phone, { userVerified: false });
    expect(outcomeOf(again)).toBe('PASSKEY_REFUSED');
    expect(outcomeOf(await elsewhere.confirmWithPasskey(phone))).toBe(204);
    expect(await elsewhere.outcome('POST', '/account/recovery-codes')).toBe(201);
  });

  test('wrong answers, and challenges that nobody answers, leave nothing behind', async () => {
    const rows = async () => [
      await cloud.store.db.selectFrom('answered_challenge').selectAll().execute(),
      await cloud.store.db.selectFrom('session').selectAll().execute(),
    ];
    const before = await rows();
    for (let i = 0; i < 10; i += 1) await browser.signInWithPasskey(phone, { origin: 'https://evil.test' });
    expect(await rows()).toEqual(before);
  });
});

describe('the passkeys of an account', () => {
  let tablet: Authenticator;
  beforeEach(async () => {
    await browser.signUpWithPasskey(phone);
    tablet = new Authenticator();
  });

  test('are several, with names, and each signs in', async () => {
    expect(outcomeOf(await browser.addPasskey(tablet))).toBe(204);
    const [, second] = (await security(browser)).passkeys;
    await browser.call('PATCH', `/account/passkeys/${second?.id}`, { name: 'Máy tính bảng' });
    expect((await security(browser)).passkeys.map(({ name }) => name)).toEqual([
      'Chrome, Android',
      'Máy tính bảng',
    ]);
    expect(outcomeOf(await new Browser(cloud).signInWithPasskey(tablet))).toBe(200);
  });

  test('the last way in stays, and one that is removed opens nothing', async () => {
    const [first] = (await security(browser)).passkeys;
    const path = `/account/passkeys/${first?.id}`;
    expect(await browser.outcome('DELETE', path)).toBe('LAST_WAY_IN');
    await browser.addPasskey(tablet);
    expect(await browser.outcome('DELETE', path)).toBe(204);
    expect(await browser.outcome('DELETE', path)).toBe('NOT_FOUND');
    expect(outcomeOf(await new Browser(cloud).signInWithPasskey(phone))).toBe('PASSKEY_REFUSED');
  });

  test('two that are removed at once do not leave an account that nobody can open', async () => {
    await browser.addPasskey(tablet);
    const { passkeys } = await security(browser);
    const outcomes = await Promise.all(
      passkeys.map(({ id }) => browser.outcome('DELETE', `/account/passkeys/${id}`)),
    );
    expect(outcomes.sort()).toEqual([204, 'LAST_WAY_IN']);
  });

  test('are out of reach of others, and of whoever picks up the phone later', async () => {
    const [mine] = (await security(browser)).passkeys;
    const other = new Browser(cloud);
    await other.signUpWithPasskey(tablet);
    expect(await other.outcome('DELETE', `/account/passkeys/${mine?.id}`)).toBe('NOT_FOUND');
    expect(await other.outcome('PATCH', `/account/passkeys/${mine?.id}`, { name: 'x' })).toBe('NOT_FOUND');
    cloud.now += 16 * MINUTE;
    expect(await browser.outcome('POST', '/account/passkeys/options')).toBe('REAUTHENTICATION_NEEDED');
    expect(await browser.outcome('DELETE', `/account/passkeys/${mine?.id}`)).toBe('REAUTHENTICATION_NEEDED');
    expect(outcomeOf(await browser.confirmWithPasskey(tablet))).toBe('PASSKEY_REFUSED');
  });

  test('whose challenge was given to one account are not added to another', async () => {
    const { ceremony, options } = (await browser.post('/account/passkeys/options')).json();
    const body = { ceremony, registration: tablet.create(options) };
    // The same browser, with somebody else signed in.
    await browser.signUpWithPassword('hoa@example.vn');
    expect(await browser.outcome('POST', '/account/passkeys', body)).toBe('PASSKEY_REFUSED');
  });
});

test.each([
  ['http://192.168.1.2:8080', 'PASSKEYS_UNAVAILABLE'],
  ['https://192.168.1.2', 'PASSKEYS_UNAVAILABLE'],
  ['http://khien.lan', 'PASSKEYS_UNAVAILABLE'],
  ['http://localhost:8080', 200],
])('at %s the answer is %s', async (publicUrl, expected) => {
  const there = await TestCloud.start({ publicUrl });
  expect(await new Browser(there).outcome('POST', '/session/passkey/options')).toBe(expected);
  await there.stop();
});
