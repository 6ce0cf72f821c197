import { afterEach, beforeEach, expect, test } from 'vitest';
import { type Parent, TestCloud } from '../cloud.fixture.ts';
import { join } from '../rights/people.fixture.ts';
import { changeRole } from './members.ts';

let cloud: TestCloud;
let owner: Parent;
let second: Parent;
/** What happens between the decision on a request's right and what the request does. */
let meanwhile: () => Promise<void>;
beforeEach(async () => {
  meanwhile = () => Promise.resolve();
  cloud = await TestCloud.start({ prepare: (app) => app.addHook('preHandler', () => meanwhile()) });
  owner = await cloud.signUp();
  second = await cloud.signUp();
  await join(cloud, second, owner.household, 'owner');
  meanwhile = () =>
    cloud.store.ofHousehold(owner.household, (trx) =>
      changeRole(trx, owner.household, second.account, 'viewer'),
    );
});
afterEach(() => cloud.stop());

const kinds = ['help'];
test.each([
  ['invites no other owner', 'POST', '/invitations', { role: 'owner' }],
  ['makes no key', 'POST', '/api-keys', { name: 'x', scopes: ['care'] }],
  ['makes no webhook', 'POST', '/webhooks', { url: 'https://hook.example.com/', kinds }],
] as const)(
  'who was an owner when a request came %s once it is another role',
  async (_, method, path, body) => {
    const response = await second.call(method, `/api/v1/households/${owner.household}${path}`, body);
    expect(response.json()).toMatchObject({ code: 'FORBIDDEN' });
    for (const table of ['invitation', 'api_key', 'webhook'] as const) {
      expect(await cloud.store.db.selectFrom(table).select('id').execute(), table).toEqual([]);
    }
  },
);

test('who was an owner when a request came makes nobody an owner once it is another role', async () => {
  const path = `/api/v1/households/${owner.household}/members/${second.account}`;
  expect((await second.call('PATCH', path, { role: 'owner' })).json()).toMatchObject({ code: 'FORBIDDEN' });
  expect((await second.call('DELETE', path.replace(second.account, owner.account))).statusCode).toBe(403);
  const members = await cloud.store.db
    .selectFrom('member')
    .select(['account', 'role'])
    .where('household', '=', owner.household)
    .orderBy('account')
    .execute();
  expect(members).toEqual(
    [
      { account: owner.account, role: 'owner' },
      { account: second.account, role: 'viewer' },
    ].sort((a, b) => (a.account < b.account ? -1 : 1)),
  );
});
