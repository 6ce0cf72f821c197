import { KhienError } from '@khien/shared/error';
import { expect, test } from 'vitest';
import { Turns } from './turns.ts';

/** Work that lasts until it is let go. */
function held(log: string[], name: string) {
  let letGo = (): void => undefined;
  const ended = new Promise<void>((resolve) => {
    letGo = resolve;
  });
  const work = async (): Promise<string> => {
    log.push(name);
    await ended;
    return name;
  };
  return { work, letGo };
}

test('a few at a time, known browsers first, and no more wait than may', async () => {
  const turns = new Turns(2, 2);
  const begun: string[] = [];
  const works = ['a', 'b', 'stranger 1', 'stranger 2', 'known'].map((name) => held(begun, name));
  const [a, b, first, second, known] = works;
  if (!a || !b || !first || !second || !known) throw new Error('there are five');
  const all = [
    ...[a, b, first, second].map(({ work }) => turns.take('stranger', work)),
    turns.take('known', known.work),
  ];
  await expect(turns.take('stranger', () => Promise.resolve())).rejects.toMatchObject({
    code: 'TOO_MANY_REQUESTS',
  });
  expect(begun).toEqual(['a', 'b']);
  a.letGo();
  await all[0];
  await expect.poll(() => begun).toEqual(['a', 'b', 'known']);
  for (const { letGo } of works) letGo();
  expect(await Promise.all(all)).toEqual(['a', 'b', 'stranger 1', 'stranger 2', 'known']);
});

test('a store that does not answer is what everybody hears of, until it answers', async () => {
  const turns = new Turns(1, 1);
  const code = (taken: Promise<unknown>) =>
    taken.then(
      () => 'done',
      (error: unknown) => (error instanceof KhienError ? error.code : error),
    );
  let fail = (_reason: KhienError): void => undefined;
  const asks = () =>
    new Promise<void>((_, reject) => {
      fail = reject;
    });
  const away = () => fail(new KhienError('STORE_UNAVAILABLE', 'away'));
  const wait = () => [code(turns.take('known', asks)), code(turns.take('stranger', asks))];
  const first = [code(turns.take('stranger', asks)), ...wait()];
  expect(await code(turns.take('stranger', asks))).toBe('TOO_MANY_REQUESTS');
  away();
  expect(await Promise.all(first)).toEqual(Array(3).fill('STORE_UNAVAILABLE'));

  const second = [code(turns.take('stranger', asks)), ...wait()];
  expect(await code(turns.take('stranger', asks))).toBe('STORE_UNAVAILABLE');
  away();
  expect(await Promise.all(second)).toEqual(Array(3).fill('STORE_UNAVAILABLE'));

  expect(await code(turns.take('stranger', () => Promise.resolve()))).toBe('done');
  const third = [code(turns.take('stranger', asks)), ...wait()];
  expect(await code(turns.take('stranger', asks))).toBe('TOO_MANY_REQUESTS');
  away();
  await Promise.all(third);
});

test('what fails gives its place back', async () => {
  const turns = new Turns(1, 1);
  const fails = turns.take('stranger', () => Promise.reject(new Error('no')));
  const next = turns.take('stranger', () => Promise.resolve('next'));
  await expect(fails).rejects.toThrow('no');
  expect(await next).toBe('next');
  expect(await turns.take('known', () => Promise.resolve('again'))).toBe('again');
});
