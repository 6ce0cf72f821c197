import { type Id, newId } from '@khien/shared/id';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { type Parent, TestCloud } from '../cloud.fixture.ts';
import { activityPageSchema } from './schema.ts';

let cloud: TestCloud;
let parent: Parent;
let router: Id;
let device: Id;
beforeEach(async () => {
  cloud = await TestCloud.start();
  parent = await cloud.signUp();
  router = await cloud.claimRouter(parent);
  device = await cloud.findDevice(parent, router, '3c:22:fb:00:00:01');
});
afterEach(() => cloud.stop());

async function block(profile: Id, count = 1): Promise<Id> {
  cloud.now += 1000;
  const burst = newId(cloud.now);
  await cloud.ingest.ingest(router, [
    {
      id: newId(cloud.now),
      at: cloud.now,
      timeSource: 'ntp',
      kind: 'blocked',
      profile,
      device,
      burst,
      target: { kind: 'service', id: 'tiktok', name: 'tiktok.com' },
      count,
      firstAt: cloud.now,
      lastAt: cloud.now,
    },
  ]);
  return burst;
}
const page = async (query: string) =>
  activityPageSchema.parse((await parent.get(`/activity?${query}`)).json());

test('an item says who, what, when and how often', async () => {
  const profile = await parent.addChild();
  const burst = await block(profile, 3);
  expect(await page('')).toEqual({
    items: [
      {
        burst,
        profile,
        device,
        target: { kind: 'service', id: 'tiktok', name: 'tiktok.com' },
        count: 3,
        firstAt: cloud.now,
        lastAt: cloud.now,
        guessed: false,
      },
    ],
    next: null,
  });
});

test('ways round the rules, spent time and study time are among it', async () => {
  const profile = await parent.addChild();
  const span = { profile, device, count: 1, firstAt: cloud.now, lastAt: cloud.now };
  const header = () => ({ id: newId(), at: cloud.now, timeSource: 'ntp', burst: newId(), ...span }) as const;
  const grown = { ...header(), kind: 'bypass', method: 'direct-address', service: 'tiktok' } as const;
  await cloud.ingest.ingest(router, [
    { ...header(), kind: 'bypass', method: 'vpn', service: null },
    grown,
    { ...header(), kind: 'blocked', target: { kind: 'quota', id: 'tiktok', name: 'tiktok.com' } },
    { ...header(), kind: 'blocked', target: { kind: 'learning', id: 'learning', name: '' } },
  ]);
  await cloud.ingest.ingest(router, [{ ...grown, id: newId(), count: 7 }]);
  await cloud.ingest.ingest(router, [{ ...grown, id: newId(), count: 5 }]);
  const { items } = await page('');
  expect(items.map(({ target, count }) => [target.kind, target.id, target.name, count])).toEqual([
    ['learning', 'learning', '', 1],
    ['quota', 'tiktok', 'tiktok.com', 1],
    ['bypass', 'vpn', '', 1],
    ['bypass', 'direct-address', 'tiktok', 7],
  ]);
});

test('pages go back in time without a gap or a double, while new ones come', async () => {
  const mai = await parent.addChild();
  const an = await parent.addChild();
  const bursts: Id[] = [];
  for (let i = 0; i < 10; i += 1) bursts.unshift(await block(i % 2 === 0 ? mai : an));

  const seen: Id[] = [];
  let next: Id | null = null;
  do {
    const { items, next: following } = await page(`limit=4${next === null ? '' : `&before=${next}`}`);
    expect(items.length).toBeLessThanOrEqual(4);
    seen.push(...items.map((item) => item.burst));
    await block(mai);
    next = following;
  } while (next !== null);
  expect(seen).toEqual(bursts);

  const { items } = await page(`profile=${an}`);
  expect(items.map((item) => item.burst)).toEqual(bursts.filter((_burst, index) => index % 2 === 0));
});

test('what was tried last stands first, also when it began long ago; pages follow that order', async () => {
  const profile = await parent.addChild();
  const long = await block(profile);
  const began = cloud.now;
  const others = [await block(profile), await block(profile)];
  cloud.now += 24 * 3600_000;
  await cloud.ingest.ingest(router, [
    {
      id: newId(cloud.now),
      at: cloud.now,
      timeSource: 'ntp',
      kind: 'blocked',
      profile,
      device,
      burst: long,
      target: { kind: 'service', id: 'tiktok', name: 'tiktok.com' },
      count: 9,
      firstAt: began,
      lastAt: cloud.now,
    },
  ]);
  const first = await page('limit=1');
  expect(first.items.map(({ burst }) => burst)).toEqual([long]);
  const rest = await page(`before=${first.next}`);
  expect(rest).toMatchObject({ items: others.reverse().map((burst) => ({ burst })), next: null });
  expect((await parent.get('/activity?before=x')).statusCode).toBe(400);
});
