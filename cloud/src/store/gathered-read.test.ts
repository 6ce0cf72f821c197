import { expect, test, vi } from 'vitest';
import { GatheredRead } from './gathered-read.ts';

test('those who ask while a query is under way are answered by the next, all of them, each once', async () => {
  const queries: (readonly number[])[] = [];
  const ends: (() => void)[] = [];
  const reads = new GatheredRead<number, string>(async (keys) => {
    queries.push(keys);
    await new Promise<void>((resolve) => ends.push(resolve));
    return new Map(keys.filter((key) => key !== 3).map((key) => [key, `${key}`]));
  });
  const first = [reads.get(1), reads.get(2)];
  await vi.waitFor(() => expect(queries).toEqual([[1, 2]]));
  // What it says may be older than the question.
  const later = [reads.get(1), reads.get(3), reads.get(3)];
  ends[0]?.();
  expect(await Promise.all(first)).toEqual(['1', '2']);
  await vi.waitFor(() =>
    expect(queries).toEqual([
      [1, 2],
      [1, 3],
    ]),
  );
  ends[1]?.();
  expect(await Promise.all(later)).toEqual(['1', undefined, undefined]);
});

test('a query that fails fails for those it was for, and for nobody after them', async () => {
  let fails = true;
  const reads = new GatheredRead<number, string>((keys) =>
    fails ? Promise.reject(new Error('gone')) : Promise.resolve(new Map(keys.map((key) => [key, 'here']))),
  );
  const settled = await Promise.allSettled([reads.get(1), reads.get(2)]);
  expect(settled.map(({ status }) => status)).toEqual(['rejected', 'rejected']);
  fails = false;
  expect(await reads.get(1)).toBe('here');
});

test('no query is for more than is good', async () => {
  const sizes: number[] = [];
  const reads = new GatheredRead<number, number>((keys) => {
    sizes.push(keys.length);
    return Promise.resolve(new Map(keys.map((key) => [key, key])));
  });
  const all = Array.from({ length: 450 }, (_none, key) => key);
  expect(await Promise.all(all.map((key) => reads.get(key)))).toEqual(all);
  expect(sizes).toEqual([200, 200, 50]);
});
