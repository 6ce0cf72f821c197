import { type Id, newId } from '@khien/shared/id';
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

async function childAsks(ask: 'time' | 'help', minutes: number, text = ''): Promise<Id> {
  const request = newId(cloud.now);
  const header = { id: newId(cloud.now), at: cloud.now, timeSource: 'ntp' } as const;
  await cloud.ingest.ingest(router, [
    { ...header, kind: 'request', request, profile, device, ask, minutes, text },
  ]);
  return request;
}
const answer = (request: Id, body: { granted: boolean; minutes: number; reply?: string }) =>
  parent.post(`/requests/${request}/answer`, { reply: '', ...body });
const list = async () => requestPageSchema.parse((await parent.get('/requests')).json()).items;
const access = async () => (await parent.home()).profiles[0]?.access;

describe('a request', () => {
  test('is on the home screen until it is answered, and in the list for ever', async () => {
    const first = await childAsks('time', 15, 'con làm bài xong rồi');
    cloud.now += MINUTE;
    const second = await childAsks('help', 0, 'help');
    expect((await parent.home()).openRequests.map(({ id }) => id)).toEqual([first, second]);
    await answer(first, { granted: false, minutes: 0, reply: 'Ăn cơm đã' });
    expect((await parent.home()).openRequests.map(({ id }) => id)).toEqual([second]);
    expect(await list()).toMatchObject([
      { id: second, ask: 'help', answer: null },
      {
        id: first,
        ask: 'time',
        minutes: 15,
        text: 'con làm bài xong rồi',
        answer: { granted: false, minutes: 0, reply: 'Ăn cơm đã', at: cloud.now, by: 'Lan' },
      },
    ]);
  });

  test('for time that is granted turns the network on, and the router is told', async () => {
    await parent.put(`/profiles/${profile}/pause`, { minutes: null });
    const request = await childAsks('time', 30);
    cloud.announced.length = 0;
    const response = await answer(request, { granted: true, minutes: 20 });
    expect(response.json()).toMatchObject({ id: request, answer: { granted: true, minutes: 20, by: 'Lan' } });
    expect(await access()).toEqual({
      mode: 'open',
      online: true,
      reason: 'grant',
      until: cloud.now + 20 * MINUTE,
    });
    expect(cloud.announced).toEqual([
      { router, document: 'policy' },
      { household: parent.household, changed: 'home' },
      { household: parent.household, changed: 'requests' },
    ]);
  });

  test('that is refused changes nothing, whatever minutes were sent', async () => {
    await parent.put(`/profiles/${profile}/pause`, { minutes: null });
    const request = await childAsks('time', 30);
    const response = await answer(request, { granted: false, minutes: 20 });
    expect(response.json()).toMatchObject({ answer: { granted: false, minutes: 0 } });
    expect(await access()).toMatchObject({ online: false, reason: 'pause' });
  });

  test('for time that has become needless is answered all the same', async () => {
    const { rules } = (await parent.home()).profiles[0] ?? {};
    await parent.patch(`/profiles/${profile}`, { rules: { ...rules, schedules: [], quotas: [] } });
    const request = await childAsks('time', 30);
    expect((await answer(request, { granted: true, minutes: 30 })).statusCode).toBe(200);
    expect(await access()).toEqual({ mode: 'open', online: true, reason: 'free', until: null });
  });

  test('cannot be granted without a minute, but a call for help can', async () => {
    const time = await childAsks('time', 30);
    expect((await answer(time, { granted: true, minutes: 0 })).json()).toMatchObject({
      code: 'INVALID_INPUT',
      fields: [{ pointer: '/minutes' }],
    });
    const help = await childAsks('help', 0);
    expect((await answer(help, { granted: true, minutes: 0 })).statusCode).toBe(200);
  });

  test('is answered once, by whoever is first, and time is given once', async () => {
    await parent.put(`/profiles/${profile}/pause`, { minutes: null });
    const request = await childAsks('time', 30);
    const responses = await Promise.all(
      [true, false, true, true].map((granted) => answer(request, { granted, minutes: 30 })),
    );
    const codes = responses.map((response) => response.statusCode);
    expect(codes.filter((code) => code === 200)).toHaveLength(1);
    expect(codes.filter((code) => code === 409)).toHaveLength(3);
    expect(responses.find((response) => response.statusCode === 409)?.json()).toMatchObject({
      code: 'ALREADY_ANSWERED',
    });
    expect((await access())?.until).toBe(codes[1] === 200 ? null : cloud.now + 30 * MINUTE);
  });
});

test('requests come page by page, none twice and none left out while new ones come', async () => {
  const asked: Id[] = [];
  for (let minute = 0; minute < 5; minute += 1) {
    cloud.now += MINUTE;
    asked.unshift(await childAsks('time', 15));
  }
  const page = async (query: string) =>
    requestPageSchema.parse((await parent.get(`/requests?limit=2${query}`)).json());
  const first = await page('');
  cloud.now += MINUTE;
  await childAsks('time', 15);
  const second = await page(`&before=${first.next}`);
  const third = await page(`&before=${second.next}`);
  const got = [first, second, third].flatMap(({ items }) => items.map(({ id }) => id));
  expect(got).toEqual(asked);
  expect(third.next).toBeNull();
});
