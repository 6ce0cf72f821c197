import { DAY, MINUTE } from '@khien/shared/policy';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { TestCloud } from '../cloud.fixture.ts';
import { Authenticator } from '../identity/authenticator.fixture.ts';
import { Browser, newcomer, outcomeOf } from '../identity/browser.fixture.ts';
import { sweepPeople } from '../retention/sweep.ts';

let cloud: TestCloud;
let owner: Browser;
let home: string;
beforeEach(async () => {
  cloud = await TestCloud.start();
  owner = new Browser(cloud);
  await owner.signUpWithPassword('lan@example.vn');
  home = `/households/${(await owner.get('/account')).json().households[0].id}`;
});
afterEach(() => cloud.stop());

const { household: _none, ...withoutHousehold } = newcomer;
const invite = async (role = 'carer', from = owner): Promise<string> =>
  (await from.post(`${home}/invitations`, { role })).json().token;
const accept = (browser: Browser, token: string) =>
  browser.outcome('POST', '/invitations/acceptance', { token });

/** Somebody with an account and a household of their own. */
async function stranger(): Promise<Browser> {
  const browser = new Browser(cloud);
  await browser.signUpWithPasskey(new Authenticator(), { ...newcomer, name: 'Hoa' });
  return browser;
}
/** Somebody who belongs to the household. */
async function member(role: string): Promise<Browser> {
  const browser = await stranger();
  await accept(browser, await invite(role));
  return browser;
}
const idOf = async (browser: Browser): Promise<string> => (await browser.get('/account')).json().id;
const membersSeenBy = async (browser: Browser) => (await browser.get(`${home}/members`)).json().items;

describe('an invitation', () => {
  test('tells the household’s name, who invites, and as what; nothing else', async () => {
    const token = await invite('viewer');
    expect(token).toMatch(/^[\w-]{43}$/);
    const offer = await new Browser(cloud).post('/invitations/offer', { token });
    expect(offer.json()).toEqual({
      household: 'Nhà Lan',
      invitedBy: 'Lan',
      role: 'viewer',
      expiresAt: cloud.now + 7 * DAY,
    });
    const rows = JSON.stringify(await cloud.store.db.selectFrom('invitation').selectAll().execute());
    expect(rows).not.toContain(token);
  });

  test('makes who accepts it a member, once', async () => {
    const token = await invite('carer');
    const [first, second] = [await stranger(), await stranger()];
    expect((await first.get(home)).statusCode).toBe(404);
    expect(await accept(first, token)).toBe(200);
    expect((await first.get(home)).statusCode).toBe(200);
    expect((await first.get('/account')).json().households).toHaveLength(2);
    expect(await accept(second, token)).toBe('INVITATION_OVER');
    expect((await second.get(home)).statusCode).toBe(404);
    expect((await owner.get(`${home}/invitations`)).json().items).toEqual([]);
  });

  test('is accepted by one of several who try at the same moment', async () => {
    const token = await invite();
    const people = [await stranger(), await stranger(), await stranger()];
    const outcomes = await Promise.all(people.map((person) => accept(person, token)));
    expect(outcomes.sort()).toEqual([200, 'INVITATION_OVER', 'INVITATION_OVER']);
    expect(await membersSeenBy(owner)).toHaveLength(2);
  });

  test('takes the place of a household when somebody signs up with it', async () => {
    const browser = new Browser(cloud);
    const form = { ...withoutHousehold, invitation: await invite('viewer') };
    const response = await browser.signUpWithPasskey(new Authenticator(), form);
    expect(response.json().households).toMatchObject([{ name: 'Nhà Lan', role: 'viewer' }]);
    const late = new Browser(cloud);
    expect(outcomeOf(await late.signUpWithPasskey(new Authenticator(), form))).toBe('INVITATION_OVER');
    expect(await cloud.store.db.selectFrom('account').selectAll().execute()).toHaveLength(2);
    const neither = await late.signUpWithPasskey(new Authenticator(), withoutHousehold);
    expect(outcomeOf(neither)).toBe('INVALID_INPUT');
    const both = await late.signUpWithPasskey(new Authenticator(), {
      ...form,
      household: newcomer.household,
    });
    expect(outcomeOf(both)).toBe('INVALID_INPUT');
  });

  test('ends after a week, and is swept', async () => {
    const token = await invite();
    const browser = await stranger();
    cloud.now += 7 * DAY;
    expect(await browser.outcome('POST', '/invitations/offer', { token })).toBe('INVITATION_OVER');
    expect(await accept(browser, token)).toBe('INVITATION_OVER');
    await sweepPeople(cloud.store, cloud.now);
    expect(await cloud.store.db.selectFrom('invitation').selectAll().execute()).toEqual([]);
  });

  test('can be revoked, by an owner of the household only', async () => {
    const made = (await owner.post(`${home}/invitations`, { role: 'carer', label: 'Bà ngoại' })).json();
    const { items } = (await owner.get(`${home}/invitations`)).json();
    expect(items).toMatchObject([{ id: made.id, role: 'carer', label: 'Bà ngoại', invitedBy: 'Lan' }]);
    expect(JSON.stringify(items)).not.toContain(made.token);
    const other = await stranger();
    const theirs = `/households/${(await other.get('/account')).json().households[0].id}`;
    expect(await other.outcome('DELETE', `${theirs}/invitations/${made.id}`)).toBe('NOT_FOUND');
    expect(await owner.outcome('DELETE', `${home}/invitations/${made.id}`)).toBe(204);
    expect(await accept(other, made.token)).toBe('INVITATION_OVER');
  });

  test('is not wasted by who belongs to the household already', async () => {
    const token = await invite();
    expect(await accept(owner, token)).toBe('ALREADY_MEMBER');
    expect(await accept(await stranger(), token)).toBe(200);
  });

  test.each(['', 'x'.repeat(42), 'x'.repeat(44), 'x'.repeat(43), '../../'.padEnd(43, 'x')])(
    'is not made up: %j',
    async (token) => {
      const outcome = await new Browser(cloud).outcome('POST', '/invitations/offer', { token });
      expect(outcome).toBe(/^x{43}$/.test(token) ? 'INVITATION_OVER' : 'INVALID_INPUT');
    },
  );

  test('needs an owner, and a recent proof', async () => {
    const carer = await member('carer');
    expect(await carer.outcome('POST', `${home}/invitations`, { role: 'viewer' })).toBe('FORBIDDEN');
    expect(await carer.outcome('GET', `${home}/invitations`)).toBe('FORBIDDEN');
    cloud.now += 16 * MINUTE;
    expect(await owner.outcome('POST', `${home}/invitations`, { role: 'viewer' })).toBe(
      'REAUTHENTICATION_NEEDED',
    );
  });

  test('there are twenty open ones at most', async () => {
    for (let i = 0; i < 20; i += 1) await invite();
    expect(await owner.outcome('POST', `${home}/invitations`, { role: 'viewer' })).toBe('LIMIT_REACHED');
  });
});

describe('members', () => {
  test('are seen by all of them, without their emails', async () => {
    const viewer = await member('viewer');
    expect(await membersSeenBy(viewer)).toMatchObject([
      { name: 'Lan', role: 'owner', me: false },
      { name: 'Hoa', role: 'viewer', me: true },
    ]);
    expect(JSON.stringify(await membersSeenBy(viewer))).not.toContain('@');
  });

  test('get another role, or are taken out, by an owner', async () => {
    const hoa = await member('viewer');
    const path = `${home}/members/${await idOf(hoa)}`;
    expect(await hoa.outcome('PATCH', path, { role: 'owner' })).toBe('FORBIDDEN');
    expect(await owner.outcome('PATCH', path, { role: 'owner' })).toBe(204);
    expect(await hoa.outcome('GET', `${home}/invitations`)).toBe(200);
    expect(await owner.outcome('DELETE', path)).toBe(204);
    expect((await hoa.get(home)).statusCode).toBe(404);
    expect(await owner.outcome('DELETE', path)).toBe('NOT_FOUND');
  });

  test('the last owner stays the owner and stays', async () => {
    await member('carer');
    const me = `${home}/members/${await idOf(owner)}`;
    expect(await owner.outcome('PATCH', me, { role: 'viewer' })).toBe('LAST_OWNER');
    expect(await owner.outcome('DELETE', me)).toBe('LAST_OWNER');
    expect(await owner.outcome('DELETE', `${home}/membership`)).toBe('LAST_OWNER');
    expect(await membersSeenBy(owner)).toMatchObject([{ role: 'owner' }, { role: 'carer' }]);
  });

  test('two owners who leave at once do not leave a household without one', async () => {
    const second = await member('owner');
    const outcomes = await Promise.all(
      [owner, second].map((browser) => browser.outcome('DELETE', `${home}/membership`)),
    );
    expect(outcomes.sort()).toEqual([204, 'LAST_OWNER']);
  });

  test('leave by themselves, whatever their role; their invitations end with it', async () => {
    const second = await member('owner');
    const token = await invite('viewer', second);
    expect(await second.outcome('DELETE', `${home}/membership`)).toBe(204);
    expect(await accept(await stranger(), token)).toBe('INVITATION_OVER');
    const viewer = await member('viewer');
    expect(await viewer.outcome('DELETE', `${home}/membership`)).toBe(204);
    expect((await viewer.get(home)).statusCode).toBe(404);
  });
});

test('who belongs to no household makes one', async () => {
  const viewer = new Browser(cloud);
  const form = { ...withoutHousehold, invitation: await invite('viewer') };
  await viewer.signUpWithPasskey(new Authenticator(), form);
  await viewer.call('DELETE', `${home}/membership`);
  expect((await viewer.get('/account')).json().households).toEqual([]);
  const made = await viewer.post('/households', {
    name: 'Nhà Hoa',
    zone: 'Asia/Ho_Chi_Minh',
    language: 'vi',
  });
  expect(made.json().households).toMatchObject([{ name: 'Nhà Hoa', role: 'owner' }]);
});

test('who makes many households at once has ten at most', async () => {
  const founder = await cloud.signUp();
  const form = { name: 'Nhà', zone: 'Asia/Ho_Chi_Minh', language: 'vi' };
  const made = await Promise.all(
    Array.from({ length: 25 }, () => founder.call('POST', '/api/v1/households', form)),
  );
  expect(made.filter(({ statusCode }) => statusCode === 201)).toHaveLength(9);
  expect(made.find(({ statusCode }) => statusCode !== 201)?.json().code).toBe('LIMIT_REACHED');
});
