import { type Id, newId } from '@khien/shared/id';
import type { QuotaTarget } from '@khien/shared/policy';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { type Parent, TestCloud } from '../cloud.fixture.ts';
import { MAX_BONUSES } from './bonuses.ts';
import { profileViewSchema } from './schema.ts';

const MINUTE = 60_000;
const HOUR = 60 * MINUTE;
const NETWORK = '01ARZ3NDEKTSV4RRFFQ69G5FA1';
const GAMES = '01ARZ3NDEKTSV4RRFFQ69G5FA2';
const everyDay = (minutes: number) => Array<number>(7).fill(minutes);

let cloud: TestCloud;
let parent: Parent;
let router: Id;
let id: Id;
beforeEach(async () => {
  cloud = await TestCloud.start();
  parent = await cloud.signUp();
  router = await cloud.claimRouter(parent);
  id = await parent.addChild('9-11');
  const device = await cloud.findDevice(parent, router, '3c:22:fb:00:00:01');
  await parent.patch(`/devices/${device}`, { profile: id });
  const { rules } = await profile();
  const quotas = [
    { id: NETWORK, of: { kind: 'network' }, minutes: everyDay(120) },
    { id: GAMES, of: { kind: 'category', id: 'games' }, minutes: everyDay(30) },
  ];
  await parent.patch(`/profiles/${id}`, { rules: { ...rules, schedules: [], quotas, quotaReset: '04:00' } });
  cloud.announced.length = 0;
});
afterEach(() => cloud.stop());

const profile = async () => {
  const found = (await parent.home()).profiles.find((one) => one.id === id);
  if (found === undefined) throw new Error('there is no profile');
  return found;
};
/** The router tells how much was used on the day of the test. */
const use = (of: QuotaTarget, minutes: number) =>
  cloud.ingest.ingest(router, [
    {
      id: newId(),
      at: cloud.now,
      timeSource: 'ntp',
      kind: 'usage',
      profile: id,
      day: new Date(cloud.now + 3 * HOUR).toISOString().slice(0, 10),
      of,
      minutes,
    },
  ]);
const network = { kind: 'network' } as const;
const policyOf = async () => {
  const documents = await cloud.documents.stored(cloud.store.db, router);
  const signed = documents.find(({ kind }) => kind === 'policy')?.signed ?? '{}';
  return JSON.parse(signed).document.body.profiles[0];
};

describe('quotas', () => {
  test('stand as the router told, and say as of when', async () => {
    expect((await profile()).quotas).toEqual([
      {
        id: NETWORK,
        of: network,
        day: '2026-06-01',
        resetsAt: Date.parse('2026-06-02T04:00:00+07:00'),
        limit: 120,
        used: 0,
        left: 120,
        asOf: null,
      },
      expect.objectContaining({ id: GAMES, limit: 30, asOf: null }),
    ]);
    await use(network, 50);
    const told = cloud.now;
    cloud.now += HOUR;
    expect(await profile()).toMatchObject({
      quotas: [{ used: 50, left: 70, asOf: told }, { used: 0 }],
      access: { mode: 'open', until: cloud.now + 70 * MINUTE },
    });
    await use(network, 130);
    expect(await profile()).toMatchObject({
      quotas: [{ used: 130, left: 0 }, {}],
      access: { mode: 'off', reason: 'quota', until: Date.parse('2026-06-02T04:00:00+07:00') },
    });
    cloud.now = Date.parse('2026-06-02T04:00:00+07:00');
    expect(await profile()).toMatchObject({
      quotas: [{ used: 0, asOf: null }, {}],
      access: { mode: 'open' },
    });
  });

  test.each([
    ['of a service that is none', { of: { kind: 'service', id: 'nonsense' } }, '/rules/quotas/1/of/id'],
    ['of a category that is none', { of: { kind: 'category', id: 'nonsense' } }, '/rules/quotas/1/of/id'],
    ['of what has one', { of: { kind: 'network' } }, '/rules/quotas'],
    ['with the id of another', { id: NETWORK }, '/rules/quotas/1/id'],
    ['of six days', { minutes: [1, 2, 3, 4, 5, 6] }, '/rules/quotas/1/minutes'],
    ['of more than a day', { minutes: everyDay(1441) }, '/rules/quotas/1/minutes/0'],
  ])('cannot be %s', async (_what, change, pointer) => {
    const { rules } = await profile();
    const quotas = [rules.quotas[0], { ...rules.quotas[1], ...change }];
    const response = await parent.patch(`/profiles/${id}`, { rules: { ...rules, quotas } });
    expect(response.json()).toMatchObject({ code: 'INVALID_INPUT' });
    expect(response.json().fields).toContainEqual({ pointer, message: expect.any(String) });
    expect((await profile()).rules).toEqual(rules);
  });
});

describe('a bonus', () => {
  const give = (body: object, by = parent) => by.post(`/profiles/${id}/bonuses`, body);
  test('adds to its quota for today, reaches the router, and can be taken back', async () => {
    await use({ kind: 'category', id: 'games' }, 30);
    const response = await give({ quota: GAMES, minutes: 20, reason: ' Rửa bát ' });
    expect(profileViewSchema.parse(response.json())).toMatchObject({
      bonuses: [{ quota: GAMES, minutes: 20, at: cloud.now, reason: 'Rửa bát' }],
      quotas: [{}, { limit: 50, used: 30, left: 20 }],
    });
    expect((await policyOf()).bonuses).toMatchObject([{ quota: GAMES, minutes: 20, reason: 'Rửa bát' }]);
    const [bonus] = (await profile()).bonuses;
    const undone = await parent.delete(`/profiles/${id}/bonuses/${bonus?.id}`);
    expect(undone.json()).toMatchObject({ bonuses: [], quotas: [{}, { limit: 30 }] });
    expect((await parent.delete(`/profiles/${id}/bonuses/${bonus?.id}`)).statusCode).toBe(404);
    expect((await policyOf()).bonuses).toEqual([]);
  });

  test('of yesterday counts no more, and leaves the policy', async () => {
    await give({ quota: GAMES, minutes: 20 });
    cloud.now += 24 * HOUR;
    expect(await profile()).toMatchObject({ bonuses: [], quotas: [{}, { limit: 30 }] });
    cloud.now += 24 * HOUR;
    await parent.put(`/profiles/${id}/pause`, { minutes: 1 });
    expect((await policyOf()).bonuses).toEqual([]);
  });

  test('goes with its quota', async () => {
    await give({ quota: GAMES, minutes: 20 });
    const { rules } = await profile();
    await parent.patch(`/profiles/${id}`, { rules: { ...rules, quotas: [] } });
    expect((await policyOf()).bonuses).toEqual([]);
  });

  test.each([
    ['a quota of nobody', { quota: newId(), minutes: 5 }, '/quota'],
    ['no minutes', { quota: GAMES, minutes: 0 }, '/minutes'],
    ['more than a day', { quota: GAMES, minutes: 1441 }, '/minutes'],
    ['a reason of two lines', { quota: GAMES, minutes: 5, reason: 'a\nb' }, '/reason'],
    ['a long reason', { quota: GAMES, minutes: 5, reason: 'a'.repeat(201) }, '/reason'],
  ])('cannot be of %s', async (_what, body, pointer) => {
    expect((await give(body)).json()).toMatchObject({ code: 'INVALID_INPUT', fields: [{ pointer }] });
    expect((await profile()).bonuses).toEqual([]);
  });

  test('of two parents at once is two, up to a limit', async () => {
    await Promise.all([give({ quota: GAMES, minutes: 1 }), give({ quota: GAMES, minutes: 2 })]);
    expect((await profile()).quotas[1]).toMatchObject({ limit: 33 });
    for (let i = 2; i < MAX_BONUSES; i += 1) await give({ quota: GAMES, minutes: 1 });
    expect((await give({ quota: GAMES, minutes: 1 })).json()).toMatchObject({ code: 'LIMIT_REACHED' });
  });

  test('is not given to, nor taken from, a child of others', async () => {
    await give({ quota: GAMES, minutes: 20 });
    const [bonus] = (await profile()).bonuses;
    const theirs = await cloud.signUp();
    expect((await give({ quota: GAMES, minutes: 20 }, theirs)).statusCode).toBe(404);
    expect((await theirs.delete(`/profiles/${id}/bonuses/${bonus?.id}`)).statusCode).toBe(404);
    const brother = await parent.addChild();
    expect((await parent.delete(`/profiles/${brother}/bonuses/${bonus?.id}`)).statusCode).toBe(404);
    expect((await profile()).bonuses).toHaveLength(1);
  });
});

describe('more time', () => {
  const grant = (minutes: number) => parent.post(`/profiles/${id}/grant`, { minutes });
  test('before a quota ends access is a bonus of it', async () => {
    await use(network, 110);
    expect((await grant(15)).json()).toMatchObject({
      grant: null,
      bonuses: [{ quota: NETWORK, minutes: 15, reason: '' }],
      access: { mode: 'open', until: cloud.now + 25 * MINUTE },
    });
    await grant(15);
    expect((await profile()).quotas[0]).toMatchObject({ limit: 150, left: 40 });
  });

  test('when it is spent begins now', async () => {
    await use(network, 120);
    expect((await grant(15)).json()).toMatchObject({
      grant: { since: cloud.now, until: cloud.now + 15 * MINUTE },
      bonuses: [],
      access: { mode: 'open', reason: 'grant' },
    });
  });

  test('that a child asked for is given in the same way, once', async () => {
    await use(network, 110);
    const request = newId();
    const header = { id: newId(), at: cloud.now, timeSource: 'ntp', profile: id } as const;
    const device = (await parent.home()).devices[0]?.id ?? '';
    await cloud.ingest.ingest(router, [
      { ...header, kind: 'request', request, device, ask: 'time', minutes: 30, text: '' },
    ]);
    const answer = () =>
      parent.post(`/requests/${request}/answer`, { granted: true, minutes: 30, reply: 'Ừ\ncon' });
    const answers = await Promise.all([answer(), answer()]);
    expect(answers.map(({ statusCode }) => statusCode).sort()).toEqual([200, 409]);
    expect((await profile()).bonuses).toMatchObject([{ quota: NETWORK, minutes: 30 }]);
  });
});

describe('the learning mode', () => {
  test('lasts as long as it was meant to, and sends the router what study needs', async () => {
    expect(JSON.stringify(await cloud.documents.stored(cloud.store.db, router))).not.toContain('hoc247.net');
    const response = await parent.put(`/profiles/${id}/learning`, { minutes: 45 });
    expect(response.json()).toMatchObject({
      learning: { since: cloud.now, until: cloud.now + 45 * MINUTE },
      access: { mode: 'learning', online: true, reason: 'learning', until: cloud.now + 45 * MINUTE },
    });
    expect(await policyOf()).toMatchObject({ learning: { until: cloud.now + 45 * MINUTE } });
    expect(JSON.stringify(await cloud.documents.stored(cloud.store.db, router))).toContain('hoc247.net');
    cloud.now += 45 * MINUTE;
    expect(await profile()).toMatchObject({ learning: null, access: { mode: 'open' } });
  });

  test('ends when it is ended', async () => {
    await parent.put(`/profiles/${id}/learning`, { minutes: null });
    expect((await parent.delete(`/profiles/${id}/learning`)).json()).toMatchObject({ learning: null });
    expect((await policyOf()).learning).toBeNull();
  });

  test('is not for children of others, and not for ever in minutes', async () => {
    const theirs = await cloud.signUp();
    expect((await theirs.put(`/profiles/${id}/learning`, { minutes: 5 })).statusCode).toBe(404);
    expect((await theirs.delete(`/profiles/${id}/learning`)).statusCode).toBe(404);
    expect((await parent.put(`/profiles/${id}/learning`, { minutes: 10_081 })).statusCode).toBe(400);
    expect((await parent.put(`/profiles/${id}/learning`, {})).statusCode).toBe(400);
  });
});
