import { newId } from '@khien/shared/id';
import { DAY, MINUTE } from '@khien/shared/policy';
import { afterEach, expect, test, vi } from 'vitest';
import { TestCloud } from '../cloud.fixture.ts';
import { dismiss } from '../organisations/duties.ts';
import { consent, makeOrganisation, makeWorker } from '../rights/people.fixture.ts';
import { Retention } from './retention.ts';
import { sweepDutyChanges, sweepHousehold, sweepPeople } from './sweep.ts';

afterEach(() => vi.useRealTimers());

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

  const sweeping = new Retention({ store: cloud.store, log: cloud.app.log, now: () => cloud.now });
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

test('minutes, bonuses, alerts and decisions are forgotten too, what waits for a parent is not', async () => {
  const cloud = await TestCloud.start();
  const { db } = cloud.store;
  const parent = await cloud.signUp();
  const router = await cloud.claimRouter(parent);
  const profile = await parent.addChild('9-11');
  const device = await cloud.findDevice(parent, router, '3c:22:fb:00:00:01');
  await parent.patch(`/devices/${device}`, { profile });
  const header = () => ({ id: newId(), at: cloud.now, timeSource: 'ntp' }) as const;
  for (const mac of ['02:00:00:00:00:01', '02:00:00:00:00:02']) {
    await cloud.findDevice(parent, router, mac);
    await cloud.ingest.ingest(router, [
      { ...header(), kind: 'device-resembles', mac, device, evidence: ['hostname'] },
      { ...header(), kind: 'device-changed', mac, evidence: ['vendor'] },
      { ...header(), kind: 'usage', profile, day: '2026-06-01', of: { kind: 'network' }, minutes: 5 },
    ]);
  }
  const [first] = (await parent.home()).proposals;
  await parent.post(`/proposals/${first?.id}/deny`, {});
  const [quota] = (await parent.home()).profiles[0]?.rules.quotas ?? [];
  await parent.post(`/profiles/${profile}/bonuses`, { quota: quota?.id, minutes: 5 });
  const counts = async () => {
    const left: Record<string, number> = {};
    for (const table of ['usage', 'bonus', 'alert', 'proposal', 'intake'] as const) {
      left[table] = (await db.selectFrom(table).selectAll().execute()).length;
    }
    return left;
  };
  const sweep = () => sweepHousehold(cloud.store, parent.household, cloud.now);
  cloud.now += 29 * DAY;
  await sweep();
  expect(await counts()).toEqual({ usage: 1, bonus: 1, alert: 2, proposal: 2, intake: 0 });
  cloud.now += 3 * DAY;
  await sweep();
  expect(await counts()).toEqual({ usage: 0, bonus: 0, alert: 0, proposal: 2, intake: 0 });
  cloud.now += 90 * DAY;
  await sweep();
  expect(await db.selectFrom('proposal').select('state').execute()).toEqual([{ state: 'open' }]);
  await cloud.stop();
});

test('the log of who looked is kept for a year, a consent until it ends', async () => {
  const cloud = await TestCloud.start();
  const { db } = cloud.store;
  const family = await cloud.signUp();
  const worker = await makeWorker(cloud, await makeOrganisation(cloud));
  await consent(cloud, family, worker, ['rules'], 30);
  await worker.person.call('GET', `/api/v1/households/${family.household}/rules`);
  await cloud.store.transaction((trx) => dismiss(trx, worker.duty, { by: null, now: cloud.now }));
  await consent(cloud, family, await makeWorker(cloud, await makeOrganisation(cloud, 'x')), ['rules'], 30);
  const left = async () => {
    await sweepHousehold(cloud.store, family.household, cloud.now);
    await sweepDutyChanges(cloud.store, cloud.now);
    const log = await db.selectFrom('audit').select('kind').orderBy('id').execute();
    return [(await db.selectFrom('consent').selectAll().execute()).length, log.map(({ kind }) => kind)];
  };
  const all = ['looked', 'consent-ended', 'worker-duty-ended'];
  cloud.now += 30 * DAY - 1;
  expect(await left()).toEqual([1, all]);
  cloud.now += 1;
  expect(await left()).toEqual([0, all]);
  cloud.now += 335 * DAY - 1;
  expect(await left()).toEqual([0, all]);
  cloud.now += 1;
  expect(await left()).toEqual([0, []]);
  await cloud.stop();
});

test('what limits counted is forgotten within minutes after it is over', async () => {
  vi.useFakeTimers({ toFake: ['setInterval', 'clearInterval'] });
  const cloud = await TestCloud.start();
  const { db } = cloud.store;
  const error = vi.fn();
  const sweeping = new Retention({ store: cloud.store, log: { error }, now: () => cloud.now });
  const count = (key: string, until: number) =>
    db.insertInto('spent').values({ limit: '1', key, times: 1, until }).execute();
  const left = () => db.selectFrom('spent').select('key').execute();
  await count('before the start', cloud.now);
  sweeping.start();
  await vi.waitFor(async () => expect(await left()).toEqual([]));
  await count('over', cloud.now + 10 * MINUTE);
  await count('not over', cloud.now + 11 * MINUTE);
  cloud.now += 10 * MINUTE;
  vi.advanceTimersByTime(10 * MINUTE);
  await vi.waitFor(async () => expect(await left()).toEqual([{ key: 'not over' }]));
  await sweeping.stop();
  expect(error).not.toHaveBeenCalled();
  await cloud.stop();
});

test('what cannot be forgotten keeps nothing else from being forgotten', async () => {
  const cloud = await TestCloud.start();
  const { db, engine } = cloud.store;
  const parent = await cloud.signUp();
  await cloud.findDevice(parent, await cloud.claimRouter(parent), '3c:22:fb:00:00:01');
  const error = vi.fn();
  const failing = db.withPlugin({
    transformQuery: ({ node }) => {
      if (JSON.stringify(node).includes('answered_challenge')) throw new Error('it takes too long');
      return node;
    },
    transformResult: ({ result }) => Promise.resolve(result),
  });
  const sweeping = new Retention({ store: { db: failing, engine }, log: { error }, now: () => cloud.now });
  cloud.now += 31 * DAY;
  sweeping.start();
  await vi.waitFor(async () => expect(await db.selectFrom('event').selectAll().execute()).toEqual([]));
  await sweeping.stop();
  expect(error).toHaveBeenCalledOnce();
  await cloud.stop();
});

test('much that is old is forgotten in portions, all of it', async () => {
  const cloud = await TestCloud.start();
  const { db, engine } = cloud.store;
  const challenges = Array.from({ length: 1_234 }, () => ({ hash: newId(), expires_at: cloud.now }));
  await db.insertInto('answered_challenge').values(challenges).execute();
  await db
    .insertInto('answered_challenge')
    .values({ hash: 'good', expires_at: cloud.now + 1 })
    .execute();
  const portions: bigint[] = [];
  const watched = db.withPlugin({
    transformQuery: ({ node }) => node,
    transformResult: ({ result }) => {
      portions.push(result.numAffectedRows ?? 0n);
      return Promise.resolve(result);
    },
  });
  await sweepPeople({ db: watched, engine }, cloud.now);
  expect(Math.max(...portions.map(Number))).toBeLessThanOrEqual(500);
  expect(await db.selectFrom('answered_challenge').select('hash').execute()).toEqual([{ hash: 'good' }]);
  await cloud.stop();
});

test('a store that fails is logged, and stopping still works', async () => {
  const cloud = await TestCloud.start();
  await cloud.store.close();
  const error = vi.fn();
  const sweeping = new Retention({ store: cloud.store, log: { error }, now: () => cloud.now });
  sweeping.start();
  await vi.waitFor(() => expect(error).toHaveBeenCalled());
  await sweeping.stop();
  await cloud.stop();
});
