import { afterEach, beforeEach, expect, test, vi } from 'vitest';
import { type Parent, TestCloud } from '../cloud.fixture.ts';
import { verifyPassword } from './password.ts';

vi.mock('./password.ts', { spy: true });

const OLD = 'a long enough password';
const NEW = 'another long enough password';

let cloud: TestCloud;
let parent: Parent;
beforeEach(async () => {
  cloud = await TestCloud.start();
  parent = await cloud.signUp();
});
afterEach(async () => {
  vi.mocked(verifyPassword).mockReset();
  await cloud.stop();
});

const signIn = (password: string) =>
  cloud.app.inject({
    method: 'POST',
    url: '/api/v1/session',
    headers: { 'sec-fetch-site': 'same-origin' },
    payload: { email: parent.email, password },
  });

test('a sign-in that is under way while the password is changed opens no session', async () => {
  // The password that was right is not the account's any more when the look at it ends.
  vi.mocked(verifyPassword).mockImplementationOnce(async () => {
    expect((await parent.call('PUT', '/api/v1/account/password', { password: NEW })).statusCode).toBe(200);
    return true;
  });
  const late = await signIn(OLD);
  expect(late.json()).toMatchObject({ code: 'CREDENTIALS_WRONG' });
  expect(late.cookies).toEqual([]);
  const sessions = await cloud.store.db.selectFrom('session').select('id').execute();
  expect(sessions).toHaveLength(1);
  expect((await signIn(NEW)).statusCode).toBe(200);
});
