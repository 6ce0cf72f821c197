import { readFileSync } from 'node:fs';
import { MINUTE } from '@khien/shared/policy';
import { afterEach, beforeEach, expect, test, vi } from 'vitest';
import { backupLines } from '../backup/write.ts';
import { type Parent, TestCloud } from '../cloud.fixture.ts';
import { Retention } from '../retention/retention.ts';
import { openUnchanged } from '../store/open.ts';

const MARK = 'Bông-zq7f3a';

let cloud: TestCloud;
let parent: Parent;
beforeEach(async () => {
  cloud = await TestCloud.start();
  parent = await cloud.signUp();
});
afterEach(async () => {
  vi.useRealTimers();
  await cloud.stop();
});

test('an erasure beside a backup keeps nobody waiting, and its log is emptied when the backup is done', async () => {
  await parent.patch('', { name: MARK });
  const other = openUnchanged(cloud.location);
  const lines = backupLines(other, 0);
  await lines.next();

  let longest = 0;
  let last = performance.now();
  const watching = setInterval(() => {
    longest = Math.max(longest, performance.now() - last);
    last = performance.now();
  }, 10);
  expect((await parent.post('/erasure', { name: MARK })).statusCode).toBe(204);
  clearInterval(watching);
  longest = Math.max(longest, performance.now() - last);
  expect(longest).toBeLessThan(2_000);

  const left = () =>
    [cloud.location, `${cloud.location}-wal`].some((file) => readFileSync(file).includes(MARK));
  for await (const line of lines) expect(line).toEqual(expect.any(String));
  await other.close();
  expect(left()).toBe(true);
  const sweeping = new Retention({
    store: cloud.store,
    log: { error: expect.unreachable },
    now: () => cloud.now,
  });
  vi.useFakeTimers({ toFake: ['setInterval', 'clearInterval'] });
  sweeping.start();
  vi.advanceTimersByTime(10 * MINUTE);
  await vi.waitFor(() => expect(left()).toBe(false));
  await sweeping.stop();
});
