import { expect, test } from 'vitest';
import { ApiError } from './api-error.ts';
import { keepIn } from './keep.ts';
import { Resource } from './resource.ts';

/** A storage of the browser, as far as it is used. */
class MemoryStorage implements Storage {
  readonly entries = new Map<string, string>();
  full = false;
  get length(): number {
    return this.entries.size;
  }
  key = (index: number) => [...this.entries.keys()][index] ?? null;
  getItem = (key: string) => this.entries.get(key) ?? null;
  setItem = (key: string, value: string) => {
    if (this.full) throw new DOMException('full', 'QuotaExceededError');
    this.entries.set(key, value);
  };
  removeItem = (key: string) => void this.entries.delete(key);
  clear = () => this.entries.clear();
}

const isNumber = (value: unknown): value is number => typeof value === 'number';

test('calls during a fetch share one more fetch, which starts after it', async () => {
  const answers: ((value: number) => void)[] = [];
  const resource = new Resource(() => new Promise<number>((resolve) => answers.push(resolve)));
  const first = resource.refresh();
  const later = [resource.refresh(), resource.refresh()];
  expect(answers).toHaveLength(1);
  answers[0]?.(1);
  await first;
  await Promise.resolve();
  expect(answers).toHaveLength(2);
  answers[1]?.(2);
  await Promise.all(later);
  expect(resource.value).toMatchObject({ value: 2, loading: false });
  expect(answers).toHaveLength(2);
});

test('a failure leaves what was known, and says why', async () => {
  let fail = false;
  const resource = new Resource(() =>
    fail ? Promise.reject(new ApiError('NETWORK', 0)) : Promise.resolve(7),
  );
  await resource.refresh();
  fail = true;
  await resource.refresh();
  expect(resource.value).toMatchObject({ value: 7, error: { code: 'NETWORK' }, loading: false });
  fail = false;
  await resource.refresh();
  expect(resource.value.error).toBeUndefined();
});

test('what was fetched last is there before anything is fetched again', async () => {
  const keep = keepIn(new MemoryStorage());
  await new Resource(async () => 7, { keep, key: 'seven', isShape: isNumber }).refresh();
  const again = new Resource(() => Promise.reject(new ApiError('NETWORK', 0)), {
    keep,
    key: 'seven',
    isShape: isNumber,
  });
  expect(again.value.value).toBe(7);
  expect(again.value.at).toBeTypeOf('number');
  await again.refresh();
  expect(again.value.value).toBe(7);
});

test('what is kept in another shape, or damaged, is as if nothing were kept', () => {
  const storage = new MemoryStorage();
  const keep = keepIn(storage);
  keep.write('seven', { value: 'a text', at: 1 });
  const load = () => Promise.resolve(7);
  expect(new Resource(load, { keep, key: 'seven', isShape: isNumber }).value.value).toBeUndefined();
  for (const key of storage.entries.keys()) storage.entries.set(key, '{"value":');
  expect(new Resource(load, { keep, key: 'seven', isShape: isNumber }).value.value).toBeUndefined();
});

test('a full storage, or none, keeps nothing and stops nothing', async () => {
  const storage = new MemoryStorage();
  storage.full = true;
  for (const keep of [keepIn(storage), keepIn(undefined)]) {
    const resource = new Resource(async () => 7, { keep, key: 'seven', isShape: isNumber });
    await resource.refresh();
    expect(resource.value.value).toBe(7);
    keep.clear();
  }
});

test('clearing takes away what is ours and nothing else', () => {
  const storage = new MemoryStorage();
  storage.setItem('of another app', '1');
  const keep = keepIn(storage);
  keep.write('home', 1);
  keep.write('account', 2);
  keep.clear();
  expect([...storage.entries.keys()]).toEqual(['of another app']);
});
