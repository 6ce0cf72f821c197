import { newId } from '@khien/shared/id';
import { DAY } from '@khien/shared/policy';
import { expect, test, vi } from 'vitest';
import { TestCloud } from '../cloud.fixture.ts';
import { retention } from './retention.ts';

test('what is old is forgotten, what is not is kept, of every household', async () => {
  const cloud = await TestCloud.start();
  const { db } = cloud.store;
  const count = async (table: 'event' | 'burst' | 'request' | 'session') =>
    (await db.selectFrom(table).selectAll().execute()).length;
  const parents = [await cloud.signUp(), await cloud.signUp()];
  const homes: { router: string; device: string; profile: string }[] = [];
  for (const parent of parents) {
    const router = await cloud.claimRouter(parent);
    const device = await cloud.findDevice(parent, router, '3c:22:fb:00:00:01');
    homes.push({ router, device, profile: await parent.addChild() });
  }
  const live = async () => {
    for (const { router, ...child } of homes) {
      const header = { ...child, at: cloud.now, timeSource: 'ntp' } as const;
      const target = { kind: 'service', id: 'tiktok', name: 'tiktok.com' } as const;
      const span = { count: 1, firstAt: cloud.now, lastAt: cloud.now };
      await cloud.ingest.ingest(router, [
        { ...header, id: newId(), kind: 'request', request: newId(), ask: 'help', minutes: 0, text: '' },
        { ...header, id: newId(), kind: 'blocked', burst: newId(), target, ...span },
      ]);
    }
  };
  await live();
  cloud.now += 29 * DAY;
  await live();
  cloud.now += DAY;

  const sweeping = retention({ store: cloud.store, log: cloud.app.log, now: () => cloud.now });
  sweeping.start();
  await vi.waitFor(async () => expect(await count('burst')).toBe(2));
  await sweeping.stop();
  expect([await count('event'), await count('request'), await count('session')]).toEqual([4, 4, 0]);

  cloud.now += 60 * DAY;
  sweeping.start();
  await vi.waitFor(async () => expect(await count('request')).toBe(2));
  await sweeping.stop();
  expect([await count('event'), await count('burst')]).toEqual([0, 0]);
  await cloud.stop();
});

test('a store that fails is logged, and stopping still works', async () => {
  const cloud = await TestCloud.start();
  await cloud.store.close();
  const error = vi.fn();
  const sweeping = retention({ store: cloud.store, log: { error }, now: () => cloud.now });
  sweeping.start();
  await vi.waitFor(() => expect(error).toHaveBeenCalledOnce());
  await sweeping.stop();
  await cloud.stop();
});
