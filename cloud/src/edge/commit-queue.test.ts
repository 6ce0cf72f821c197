import { KhienError } from '@khien/shared/error';
import { newId } from '@khien/shared/id';
import { expect, test } from 'vitest';
import { ROWS_AT_ONCE, type RouterBatch } from '../ports.ts';
import { type Commit, CommitQueue, type CommitQueueOptions } from './commit-queue.ts';
import { noteOf } from './event-batch.ts';

const batch = (): RouterBatch => ({ router: newId(), events: [] });
const queueOf = (commit: Commit<RouterBatch>, options?: CommitQueueOptions<RouterBatch>) =>
  new CommitQueue(commit, ({ events }) => events.length, options);
const settle = (batches: readonly RouterBatch[]): PromiseSettledResult<void>[] =>
  batches.map(() => ({ status: 'fulfilled', value: undefined }));

test('what arrives together is one commit, what arrives during it is the next, in order', async () => {
  const commits: (readonly RouterBatch[])[] = [];
  const queue = queueOf(async (batches) => {
    commits.push(batches);
    await new Promise((resolve) => setTimeout(resolve, 20));
    return settle(batches);
  });
  const first = [batch(), batch(), batch()];
  const second = [batch(), batch()];
  const done = first.map((one) => queue.put(one, 1));
  await new Promise((resolve) => setTimeout(resolve, 10));
  done.push(...second.map((one) => queue.put(one, 1)));
  await Promise.all(done);
  expect(commits).toEqual([first, second]);
});

test('a batch that is rejected does not fail the others of its commit', async () => {
  const bad = batch();
  const queue = queueOf((batches) =>
    Promise.resolve(
      batches.map((one) =>
        one === bad
          ? { status: 'rejected', reason: new Error('unknown') }
          : { status: 'fulfilled', value: undefined },
      ),
    ),
  );
  const results = await Promise.allSettled([queue.put(batch(), 1), queue.put(bad, 1), queue.put(batch(), 1)]);
  expect(results.map((result) => result.status)).toEqual(['fulfilled', 'rejected', 'fulfilled']);
});

test('a commit that fails fails all of it, and the next one is tried', async () => {
  let broken = true;
  const queue = queueOf((batches) =>
    broken ? Promise.reject(new Error('disk full')) : Promise.resolve(settle(batches)),
  );
  const results = await Promise.allSettled([queue.put(batch(), 1), queue.put(batch(), 1)]);
  expect(results.map((result) => result.status)).toEqual(['rejected', 'rejected']);
  broken = false;
  await queue.put(batch(), 1);
  await queue.stop();
});

test('a commit is bounded, and a stop waits for all of them', async () => {
  const sizes: number[] = [];
  const queue = queueOf((batches) => {
    sizes.push(batches.length);
    return Promise.resolve(settle(batches));
  });
  let done = 0;
  for (let i = 0; i < 1200; i += 1) void queue.put(batch(), 1).then(() => (done += 1));
  await queue.stop();
  await Promise.resolve();
  expect(done).toBe(1200);
  expect(sizes).toEqual([512, 512, 176]);
});

test('a commit is no larger than a transaction, so that what is committed is acknowledged at once', async () => {
  const event = noteOf('STARTED', '', 0);
  const many = (events: number): RouterBatch => ({
    router: newId(),
    events: Array.from({ length: events }, () => event),
  });
  const sizes: number[][] = [];
  const queue = queueOf((batches) => {
    sizes.push(batches.map(({ events }) => events.length));
    return Promise.resolve(settle(batches));
  });
  const half = ROWS_AT_ONCE / 2;
  for (const events of [half, half, 1, ROWS_AT_ONCE + 1, 1]) void queue.put(many(events), 1);
  await queue.stop();
  expect(sizes).toEqual([[half, half], [1], [ROWS_AT_ONCE + 1], [1]]);
});

const unavailable = () => Promise.reject(new KhienError('STORE_UNAVAILABLE', 'gone'));

test('while the store does not answer batches wait, and are committed in order when it does', async () => {
  let gone = true;
  const commits: (readonly RouterBatch[])[] = [];
  const queue = queueOf((batches) => {
    if (gone) return unavailable();
    commits.push(batches);
    return Promise.resolve(settle(batches));
  });
  const [first, second] = [batch(), batch()];
  const done = [queue.put(first, 1)];
  await new Promise((resolve) => setTimeout(resolve, 30));
  done.push(queue.put(second, 1));
  await new Promise((resolve) => setTimeout(resolve, 100));
  expect(commits).toEqual([]);
  gone = false;
  const since = performance.now();
  await Promise.all(done);
  expect(performance.now() - since).toBeLessThan(2000);
  expect(commits.flat()).toEqual([first, second]);
});

test('only what waits for the store is tried again', async () => {
  let gone = true;
  const bad = batch();
  const counts = new Map<RouterBatch, number>();
  const queue = queueOf((batches) => {
    const results = batches.map((one): PromiseSettledResult<void> => {
      counts.set(one, (counts.get(one) ?? 0) + 1);
      if (one === bad) return { status: 'rejected', reason: new Error('unknown') };
      return gone
        ? { status: 'rejected', reason: new KhienError('STORE_UNAVAILABLE', 'gone') }
        : { status: 'fulfilled', value: undefined };
    });
    gone = false;
    return Promise.resolve(results);
  });
  const good = batch();
  const results = await Promise.allSettled([queue.put(bad, 1), queue.put(good, 1)]);
  expect(results.map(({ status }) => status)).toEqual(['rejected', 'fulfilled']);
  expect([counts.get(bad), counts.get(good)]).toEqual([1, 2]);
});

test('what waits is bounded in bytes and in time, and a stop does not wait for a store that is gone', async () => {
  const queue = queueOf(unavailable, { maxBytes: 100, patience: 200 });
  const first = queue.put(batch(), 60);
  await expect(queue.put(batch(), 60)).rejects.toMatchObject({ code: 'STORE_UNAVAILABLE' });
  await expect(first).rejects.toMatchObject({ code: 'STORE_UNAVAILABLE' });
  // What has gone makes room again.
  const third = queue.put(batch(), 100);
  const stopped = queue.stop();
  await expect(third).rejects.toMatchObject({ code: 'STORE_UNAVAILABLE' });
  await stopped;
});

test('two lanes commit beside each other, but nothing of a router before what it sent first', async () => {
  let under = 0;
  let most = 0;
  const order: string[] = [];
  const queue = queueOf(
    async (batches) => {
      under += 1;
      most = Math.max(most, under);
      await new Promise((resolve) => setTimeout(resolve, Math.random() * 10));
      for (const { router, events } of batches) order.push(`${router} ${events[0]?.id}`);
      under -= 1;
      return settle(batches);
    },
    { lanes: 2 },
  );
  // So many that some have nothing under way whenever a lane looks.
  const routers = Array.from({ length: 50 }, () => newId());
  const sent: string[] = [];
  const done: Promise<void>[] = [];
  for (let n = 0; n < 400; n += 1) {
    const router = routers[n % routers.length] ?? '';
    const event = noteOf('STARTED', '', n);
    sent.push(`${router} ${event.id}`);
    done.push(queue.put({ router, events: [event] }, 1));
    if (n % 7 === 0) await new Promise((resolve) => setTimeout(resolve, 1));
  }
  await Promise.all(done);
  await queue.stop();
  expect(most).toBe(2);
  expect(order).toHaveLength(400);
  for (const router of routers) {
    const of = (lines: readonly string[]) => lines.filter((line) => line.startsWith(router));
    expect(of(order)).toEqual(of(sent));
  }
});

test('what comes the moment a lane ends is committed too', async () => {
  const queue = queueOf((batches) => Promise.resolve(settle(batches)));
  for (let ticks = 0; ticks < 40; ticks += 1) {
    await queue.put(batch(), 1);
    for (let tick = 0; tick < ticks; tick += 1) await Promise.resolve();
    const done = queue.put(batch(), 1).then(() => 'committed');
    const late = new Promise((resolve) => setTimeout(() => resolve('stranded'), 2_000));
    expect([ticks, await Promise.race([done, late])]).toEqual([ticks, 'committed']);
  }
});

/** Where a later batch says all that an earlier one does. */
interface Version {
  readonly router: string;
  readonly version: number;
}

test('of what later ones supersede only the newest waits, and each sender is told when it is committed', async () => {
  const commits: (readonly Version[])[] = [];
  let release = () => {};
  const gate = new Promise<void>((resolve) => {
    release = resolve;
  });
  const queue = new CommitQueue<Version>(
    async (batches) => {
      commits.push(batches);
      await gate;
      return batches.map(() => ({ status: 'fulfilled', value: undefined }));
    },
    () => 1,
    { maxBytes: 100, supersede: (_earlier, later) => later },
  );
  let told = 0;
  const put = async (version: number): Promise<void> => {
    await queue.put({ router: 'a', version }, 40);
    told += 1;
  };
  const done = [put(1)];
  await expect.poll(() => commits).toHaveLength(1);
  for (let version = 2; version <= 20; version += 1) done.push(put(version));
  release();
  await Promise.all(done);
  expect(told).toBe(20);
  expect(commits.flat().map(({ version }) => version)).toEqual([1, 20]);
  await queue.stop();
});

test('what waits for the store gives way to what the same router has told since', async () => {
  let gone = true;
  const commits: (readonly Version[])[] = [];
  const queue = new CommitQueue<Version>(
    (batches) => {
      if (gone) return unavailable();
      commits.push(batches);
      return Promise.resolve(batches.map(() => ({ status: 'fulfilled', value: undefined })));
    },
    () => 1,
    { supersede: (_earlier, later) => later },
  );
  const done = [queue.put({ router: 'a', version: 1 }, 1), queue.put({ router: 'b', version: 1 }, 1)];
  await new Promise((resolve) => setTimeout(resolve, 100));
  done.push(queue.put({ router: 'a', version: 2 }, 1), queue.put({ router: 'a', version: 3 }, 1));
  await new Promise((resolve) => setTimeout(resolve, 50));
  gone = false;
  await Promise.all(done);
  expect(commits.flat()).toEqual([
    { router: 'b', version: 1 },
    { router: 'a', version: 3 },
  ]);
});

test('what is not wanted any more is left out of the next try, and holds up nothing', async () => {
  let gone = true;
  const unwanted = batch();
  const wanted = batch();
  const commits: (readonly RouterBatch[])[] = [];
  const queue = queueOf(
    (batches) => {
      if (gone) return unavailable();
      commits.push(batches);
      return Promise.resolve(settle(batches));
    },
    { maxBytes: 100, isWanted: (one) => one !== unwanted || gone },
  );
  const done = [queue.put(unwanted, 50), queue.put(wanted, 50)];
  await new Promise((resolve) => setTimeout(resolve, 100));
  gone = false;
  await Promise.all(done);
  expect(commits).toEqual([[wanted]]);
  await queue.put(batch(), 100);
});
