import { expect, test } from 'vitest';
import { homeError } from './error.ts';
import { eventually } from './eventually.ts';

test('returns what the condition gives at last, taking errors for "not yet"', async () => {
  let tries = 0;
  const value = await eventually('third time', () => {
    tries += 1;
    if (tries === 1) throw new TypeError('early');
    return tries === 3 && 'value';
  });
  expect(value).toBe('value');
});

test('says what did not come true, and why', async () => {
  const never = eventually('the lamp is lit', () => Promise.reject(new TypeError('no bulb')), 50);
  await expect(never).rejects.toMatchObject({
    code: 'HOME_TIMEOUT',
    message: 'still not so after 50 ms: the lamp is lit: no bulb',
  });
});

test('does not wait for a program that has exited', async () => {
  const before = performance.now();
  const exited = eventually('it listens', () => {
    throw homeError('HOME_PROGRAM_EXITED', 'gone');
  });
  await expect(exited).rejects.toMatchObject({ code: 'HOME_PROGRAM_EXITED' });
  expect(performance.now() - before).toBeLessThan(1_000);
});
