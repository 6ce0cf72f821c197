import { afterEach, beforeEach, expect, test } from 'vitest';
import { type Parent, TestCloud } from '../cloud.fixture.ts';
import { inTurn } from './password.ts';

const PASSWORD = 'a long enough password';

let cloud: TestCloud;
let parent: Parent;
beforeEach(async () => {
  cloud = await TestCloud.start();
  parent = await cloud.signUp();
});
afterEach(() => cloud.stop());

/** From the n-th address. */
function signIn(n: number, password: string, cookie = '') {
  return cloud.app.inject({
    method: 'POST',
    url: '/api/v1/session',
    remoteAddress: `198.51.100.${n}`,
    headers: { 'sec-fetch-site': 'same-origin', cookie },
    payload: { email: parent.email, password },
  });
}

/** Takes every place, until it is told to stop. */
function flood(): () => Promise<unknown> {
  let stop = (): void => undefined;
  const ended = new Promise<void>((resolve) => {
    stop = resolve;
  });
  const all = Promise.allSettled(Array.from({ length: 100 }, () => inTurn('known', () => ended)));
  return () => {
    stop();
    return all;
  };
}

test('the owner who was refused for want of a turn is no stranger after', async () => {
  const known = parent.cookie.split('; ').find((one) => one.includes('known'));
  const end = flood();
  const refused = await Promise.all(Array.from({ length: 31 }, (_, n) => signIn(n, PASSWORD, known)));
  await end();
  expect(new Set(refused.map(({ statusCode }) => statusCode))).toEqual(new Set([429]));
  const strangers: number[] = [];
  for (let n = 0; n < 51; n += 1) strangers.push((await signIn(n, 'a guess')).statusCode);
  expect([strangers[0], strangers.at(-1)]).toEqual([401, 429]);
  expect((await signIn(60, PASSWORD)).statusCode).toBe(429);
  expect((await signIn(60, PASSWORD, known)).statusCode).toBe(200);
});
