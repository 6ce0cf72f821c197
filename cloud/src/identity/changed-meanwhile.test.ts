import { afterEach, beforeEach, expect, test, vi } from 'vitest';
import { type Parent, TestCloud } from '../cloud.fixture.ts';

const OLD = 'a long enough password';
const NEW = 'another long enough password';

let cloud: TestCloud;
let parent: Parent;
beforeEach(async () => {
  cloud = await TestCloud.start();
  parent = await cloud.signUp();
});
afterEach(() => cloud.stop());

const signIn = (password: string) =>
  cloud.app.inject({
    method: 'POST',
    url: '/api/v1/session',
    headers: { 'sec-fetch-site': 'same-origin' },
    payload: { email: parent.email, password },
  });

test('a sign-in that is under way while the password is changed opens no session', async () => {
  // Whichever of them comes first: those of before are ended by the change, those of after are wrong.
  const [changed, ...late] = await Promise.all([
    parent.call('PUT', '/api/v1/account/password', { password: NEW }),
    ...Array.from({ length: 4 }, () => signIn(OLD)),
  ]);
  expect(changed?.statusCode).toBe(200);
  const answers = new Set(late.map(({ statusCode }) => statusCode));
  expect([200, 401, 429]).toEqual(expect.arrayContaining([...answers]));
  const sessions = await cloud.store.db.selectFrom('session').select('id').execute();
  expect(sessions).toHaveLength(1);
  expect((await signIn(NEW)).statusCode).toBe(200);
});

function deleteBeforeNextTransaction(): void {
  const { store } = cloud;
  const transaction = store.transaction.bind(store);
  vi.spyOn(store, 'transaction').mockImplementationOnce(async (work) => {
    await store.db.deleteFrom('account').where('id', '=', parent.account).execute();
    return transaction(work);
  });
}

test('a sign-in that is under way while the account is deleted is told what any wrong one is', async () => {
  deleteBeforeNextTransaction();
  const late = await signIn(OLD);
  expect(late.json()).toMatchObject({ status: 401, code: 'CREDENTIALS_WRONG' });
  expect(late.headers['set-cookie']).toBeUndefined();
});

test('what is under way in a session while its account is deleted is told that nobody is signed in', async () => {
  deleteBeforeNextTransaction();
  const late = await parent.call('POST', '/api/v1/account/recovery-codes');
  expect(late.json()).toMatchObject({ status: 401, code: 'UNAUTHENTICATED' });
});
