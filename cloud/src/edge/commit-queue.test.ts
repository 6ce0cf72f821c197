import { newId } from '@khien/shared/id';
import { expect, test } from 'vitest';
import type { RouterBatch } from '../ports.ts';
import { CommitQueue } from './commit-queue.ts';

const batch = (): RouterBatch => ({ router: newId(), events: [] });
const settle = (batches: readonly RouterBatch[]): PromiseSettledResult<void>[] =>
  batches.map(() => ({ status: 'fulfilled', value: undefined }));

test('what arrives together is one commit, what arrives during it is the next, in order', async () => {
  const commits: (readonly RouterBatch[])[] = [];
  const queue = new CommitQueue(async (batches) => {
    commits.push(batches);
    await new Promise((resolve) => setTimeout(resolve, 20));
    return settle(batches);
  });
  const first = [batch(), batch(), batch()];
  const second = [batch(), batch()];
  const done = first.map((one) => queue.put(one));
  await new Promise((resolve) => setTimeout(resolve, 10));
  done.push(...second.map((one) => queue.put(one)));
  await Promise.all(done);
  expect(commits).toEqual([first, second]);
});

test('a batch that is rejected does not fail the others of its commit', async () => {
  const bad = batch();
  const queue = new CommitQueue((batches) =>
    Promise.resolve(
      batches.map((one) =>
        one === bad
          ? { status: 'rejected', reason: new Error('unknown') }
          : { status: 'fulfilled', value: undefined },
      ),
    ),
  );
  const results = await Promise.allSettled([queue.put(batch()), queue.put(bad), queue.put(batch())]);
  expect(results.map((result) => result.status)).toEqual(['fulfilled', 'rejected', 'fulfilled']);
});

test('a commit that fails fails all of it, and the next one is tried', async () => {
  let broken = true;
  const queue = new CommitQueue((batches) =>
    broken ? Promise.reject(new Error('disk full')) : Promise.resolve(settle(batches)),
  );
  const results = await Promise.allSettled([queue.put(batch()), queue.put(batch())]);
  expect(results.map((result) => result.status)).toEqual(['rejected', 'rejected']);
  broken = false;
  await queue.put(batch());
  await queue.drained();
});

test('a commit is bounded, and drained waits for all of them', async () => {
  const sizes: number[] = [];
  const queue = new CommitQueue((batches) => {
    sizes.push(batches.length);
    return Promise.resolve(settle(batches));
  });
  let done = 0;
  for (let i = 0; i < 1200; i += 1) void queue.put(batch()).then(() => (done += 1));
  await queue.drained();
  await Promise.resolve();
  expect(done).toBe(1200);
  expect(sizes).toEqual([512, 512, 176]);
});
