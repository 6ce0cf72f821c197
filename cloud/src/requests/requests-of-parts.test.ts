import { type Id, newId } from '@khien/shared/id';
import type { PartTarget, Quota } from '@khien/shared/policy';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { type Parent, TestCloud } from '../cloud.fixture.ts';
import { requestPageSchema } from './schema.ts';

const MINUTE = 60_000;

let cloud: TestCloud;
let parent: Parent;
let router: Id;
let device: Id;
let profile: Id;
beforeEach(async () => {
  cloud = await TestCloud.start();
  parent = await cloud.signUp();
  router = await cloud.claimRouter(parent);
  device = await cloud.findDevice(parent, router, '3c:22:fb:00:00:01');
  profile = await parent.addChild();
  await parent.patch(`/devices/${device}`, { profile });
});
afterEach(() => cloud.stop());

async function childAsks(quota?: PartTarget, ask: 'time' | 'help' = 'time'): Promise<Id> {
  const request = newId(cloud.now);
  const header = { id: newId(cloud.now), at: cloud.now, timeSource: 'ntp' } as const;
  const minutes = ask === 'time' ? 15 : 0;
  await cloud.ingest.ingest(router, [
    { ...header, kind: 'request', request, profile, device, ask, minutes, text: '', ...(quota && { quota }) },
  ]);
  return request;
}
const answer = (request: Id, body: { granted: boolean; minutes: number }) =>
  parent.post(`/requests/${request}/answer`, { reply: '', ...body });
const list = async () => requestPageSchema.parse((await parent.get('/requests')).json()).items;

describe('a request for more of one service', () => {
  const YOUTUBE = { kind: 'service', id: 'youtube' } as const;
  const VIDEO = { kind: 'category', id: 'video' } as const;
  const NETWORK = { kind: 'network' } as const;
  const quotaOf = (of: Quota['of'], minutes: number): Quota => ({
    id: newId(),
    of,
    minutes: Array.from({ length: 7 }, () => minutes),
  });
  const setQuotas = async (...quotas: Quota[]) => {
    const { rules } = (await parent.home()).profiles[0] ?? {};
    await parent.patch(`/profiles/${profile}`, { rules: { ...rules, schedules: [], quotas } });
  };
  const use = (of: Quota['of'], minutes: number) =>
    cloud.ingest.ingest(router, [
      {
        id: newId(),
        at: cloud.now,
        timeSource: 'ntp',
        kind: 'usage',
        profile,
        day: new Date(cloud.now + 7 * 60 * MINUTE).toISOString().slice(0, 10),
        of,
        minutes,
      },
    ]);
  const left = async () =>
    Object.fromEntries(
      (await parent.home()).profiles[0]?.quotas.map(({ of, left }) => [of.kind, left]) ?? [],
    );

  test('says which, and granting it adds to that quota alone', async () => {
    await setQuotas(quotaOf(YOUTUBE, 30), quotaOf(NETWORK, 120));
    await use(YOUTUBE, 30);
    await use(NETWORK, 50);
    expect(await left()).toEqual({ service: 0, network: 70 });
    const request = await childAsks(YOUTUBE);
    expect((await parent.home()).openRequests).toMatchObject([{ id: request, quota: YOUTUBE }]);
    cloud.announced.length = 0;
    const response = await answer(request, { granted: true, minutes: 15 });
    expect(response.json()).toMatchObject({ quota: YOUTUBE, answer: { granted: true, minutes: 15 } });
    expect(await left()).toEqual({ service: 15, network: 70 });
    expect((await parent.home()).profiles[0]?.grant).toBeNull();
    expect(cloud.announced).toContainEqual({ router, document: 'policy' });
  });

  test('also makes room in its category, which would keep it closed', async () => {
    await setQuotas(quotaOf(YOUTUBE, 30), quotaOf(VIDEO, 40));
    await use(YOUTUBE, 30);
    await use(VIDEO, 40);
    await answer(await childAsks(YOUTUBE), { granted: true, minutes: 15 });
    expect(await left()).toEqual({ service: 15, category: 15 });
  });

  test('gives nothing when it is refused, or is not limited any more', async () => {
    await setQuotas(quotaOf(YOUTUBE, 30));
    await use(YOUTUBE, 30);
    await answer(await childAsks(YOUTUBE), { granted: false, minutes: 15 });
    expect(await left()).toEqual({ service: 0 });
    const late = await childAsks(YOUTUBE);
    await setQuotas();
    expect((await answer(late, { granted: true, minutes: 15 })).statusCode).toBe(200);
    expect((await parent.home()).profiles[0]).toMatchObject({ bonuses: [], grant: null });
  });

  test('of a router that tells no service is for the network, and help is for nothing', async () => {
    await childAsks();
    await childAsks(YOUTUBE, 'help');
    expect((await list()).map(({ quota }) => quota)).toEqual([null, null]);
  });
});
