import { newId } from '@khien/shared/id';
import { presets } from '@khien/shared/policy';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { type Parent, TestCloud } from '../cloud.fixture.ts';
import { deviceViewSchema, homeSchema, profileViewSchema } from './schema.ts';

const MINUTE = 60_000;

let cloud: TestCloud;
let parent: Parent;
beforeEach(async () => {
  cloud = await TestCloud.start();
  parent = await cloud.signUp();
});
afterEach(() => cloud.stop());

const profile = async () => {
  const [first] = (await parent.home()).profiles;
  if (first === undefined) throw new Error('there is no profile');
  return first;
};

describe('a new household', () => {
  test('is empty, and is as its parent said', async () => {
    const response = await parent.get('');
    expect(response.json()).toEqual({
      id: parent.household,
      name: 'Nhà',
      zone: 'Asia/Ho_Chi_Minh',
      language: 'vi',
      newDevices: 'ask',
      now: cloud.now,
      routers: [],
      eventsDropped: 0,
      profiles: [],
      devices: [],
      openRequests: [],
      proposals: [],
      alerts: [],
      holidays: [],
    });
    expect(response.headers['cache-control']).toBe('no-store');
  });

  test('changes its name, zone and language; what is not named stays', async () => {
    const response = await parent.patch('', { name: 'Nhà bà', language: 'en' });
    expect(homeSchema.parse(response.json())).toMatchObject({
      name: 'Nhà bà',
      language: 'en',
      zone: 'Asia/Ho_Chi_Minh',
    });
    expect((await parent.patch('', { zone: 'Mars/Olympus' })).json()).toMatchObject({
      code: 'INVALID_INPUT',
      fields: [{ pointer: '/zone' }],
    });
    expect((await parent.patch('', {})).statusCode).toBe(200);
    expect((await parent.home()).name).toBe('Nhà bà');
  });
});

describe('a child', () => {
  test('starts with the preset of its age, in the language of the household', async () => {
    const response = await parent.post('/profiles', { name: '  Minh ', ageBand: '6-8' });
    expect(response.statusCode).toBe(201);
    const made = profileViewSchema.parse(response.json());
    expect(made).toMatchObject({
      name: 'Minh',
      ageBand: '6-8',
      pause: null,
      grant: null,
      learning: null,
      bonuses: [],
      devices: [],
      access: { online: true, reason: 'free' },
    });
    expect(made.rules.blockedCategories).toEqual(presets['6-8'].blockedCategories);
    expect(made.rules.schedules[0]?.name).toBe('Giờ ngủ');
    expect(await profile()).toEqual(made);
  });

  test('changes by whole rules or back to a preset', async () => {
    const id = await parent.addChild('9-11');
    const { rules } = await profile();
    const own = { ...rules, blockedServices: ['tiktok'], blockedNames: ['example.com'], schedules: [] };
    await parent.patch(`/profiles/${id}`, { rules: own, name: 'An' });
    expect(await profile()).toMatchObject({ name: 'An', ageBand: '9-11', rules: own });
    await parent.patch(`/profiles/${id}`, { ageBand: '12-14' });
    expect(await profile()).toMatchObject({ ageBand: '12-14', rules: own });
    await parent.patch(`/profiles/${id}`, { adoptPreset: true });
    expect((await profile()).rules).toMatchObject({
      blockedServices: [],
      blockedCategories: presets['12-14'].blockedCategories,
    });
  });

  test('has safe search as its preset says, until a parent changes it', async () => {
    const id = await parent.addChild('12-14');
    const { rules } = await profile();
    expect(rules).toMatchObject({ safeSearch: true, youtube: 'moderate' });
    await parent.patch(`/profiles/${id}`, {
      rules: { ...rules, safeSearch: false, youtube: 'strict', quotas: [], quotaReset: '00:00' },
    });
    expect((await profile()).rules).toEqual({
      ...rules,
      safeSearch: false,
      youtube: 'strict',
      quotas: [],
      quotaReset: '00:00',
    });
  });

  test('stored or sent before there were safe search and quotas has none', async () => {
    const id = await parent.addChild('9-11');
    const { safeSearch, youtube, quotas, quotaReset, ...earlier } = (await profile()).rules;
    expect([safeSearch, youtube, quotas.length, quotaReset]).toEqual([true, 'strict', 2, '04:00']);
    const none = { ...earlier, safeSearch: false, youtube: 'open', quotas: [], quotaReset: '00:00' };
    const stored = cloud.store.db.updateTable('profile').set({ rules: JSON.stringify(earlier) });
    await stored.where('id', '=', id).execute();
    expect((await profile()).rules).toEqual(none);
    await parent.patch(`/profiles/${id}`, { rules: earlier });
    expect((await profile()).rules).toEqual(none);
  });

  test.each([
    ['a mode of YouTube that is none', { youtube: 'off' }, '/rules/youtube'],
    ['a service that is none', { blockedServices: ['tiktok', 'nonsense'] }, '/rules/blockedServices/1'],
    ['a category that is none', { blockedCategories: ['nonsense'] }, '/rules/blockedCategories/0'],
    ['a name that is none', { blockedNames: ['EXAMPLE.com'] }, '/rules/blockedNames/0'],
    ['two schedules of one id', { schedules: ['x', 'y'].map(() => night) }, '/rules/schedules/1/id'],
  ])('cannot be given %s', async (_what, change, pointer) => {
    const id = await parent.addChild();
    const { rules } = await profile();
    const response = await parent.patch(`/profiles/${id}`, { rules: { ...rules, ...change } });
    expect(response.statusCode).toBe(400);
    expect(response.json()).toMatchObject({ code: 'INVALID_INPUT', fields: [{ pointer }] });
    expect((await profile()).rules).toEqual(rules);
  });

  test('that is removed leaves no trace, and its devices are nobody’s', async () => {
    const id = await parent.addChild();
    const router = await cloud.claimRouter(parent);
    const device = await cloud.findDevice(parent, router, '3c:22:fb:00:00:01');
    await parent.patch(`/devices/${device}`, { profile: id });
    const header = { at: cloud.now, timeSource: 'ntp', profile: id, device } as const;
    await cloud.ingest.ingest(router, [
      { ...header, id: newId(), kind: 'request', request: newId(), ask: 'help', minutes: 0, text: 'secret' },
      {
        ...header,
        id: newId(),
        kind: 'blocked',
        burst: newId(),
        target: { kind: 'service', id: 'tiktok', name: 'tiktok.com' },
        count: 2,
        firstAt: cloud.now,
        lastAt: cloud.now,
      },
    ]);
    expect((await parent.delete(`/profiles/${id}`)).statusCode).toBe(204);
    expect(await parent.home()).toMatchObject({
      profiles: [],
      openRequests: [],
      devices: [{ profile: null }],
    });
    const { db } = cloud.store;
    for (const table of ['burst', 'request'] as const) {
      expect(await db.selectFrom(table).selectAll().execute()).toEqual([]);
    }
    expect(JSON.stringify(await db.selectFrom('event').selectAll().execute())).not.toContain(id);
    expect((await parent.delete(`/profiles/${id}`)).statusCode).toBe(404);
  });

  test('is one of 64 at most', async () => {
    for (let i = 0; i < 64; i += 1) await parent.addChild();
    const response = await parent.post('/profiles', { name: 'one more', ageBand: '0-5' });
    expect(response.statusCode).toBe(409);
    expect(response.json()).toMatchObject({ code: 'LIMIT_REACHED' });
  });
});

describe('switching off and on', () => {
  let id: string;
  beforeEach(async () => {
    id = await parent.addChild('9-11');
  });
  const pause = (minutes: number | null) => parent.put(`/profiles/${id}/pause`, { minutes });
  const grant = (minutes: number) => parent.post(`/profiles/${id}/grant`, { minutes });

  test('a pause lasts as long as it was meant to', async () => {
    const response = profileViewSchema.parse((await pause(30)).json());
    expect(response).toMatchObject({
      pause: { since: cloud.now, until: cloud.now + 30 * MINUTE },
      access: { online: false, reason: 'pause', until: cloud.now + 30 * MINUTE },
    });
    cloud.now += 30 * MINUTE;
    expect(await profile()).toMatchObject({ pause: null, access: { online: true, reason: 'free' } });
  });

  test('a pause without an end lasts until it is taken back', async () => {
    await pause(null);
    cloud.now += 20 * 24 * 60 * MINUTE;
    expect(await profile()).toMatchObject({ pause: { until: null }, access: { online: false, until: null } });
    await parent.delete(`/profiles/${id}/pause`);
    expect(await profile()).toMatchObject({ pause: null, access: { online: true } });
  });

  test('more time in a pause starts now, and then the pause goes on', async () => {
    await pause(null);
    await grant(15);
    expect(await profile()).toMatchObject({
      grant: { until: cloud.now + 15 * MINUTE },
      access: { online: true, reason: 'grant', until: cloud.now + 15 * MINUTE },
    });
    cloud.now += 15 * MINUTE;
    expect(await profile()).toMatchObject({ grant: null, access: { online: false, reason: 'pause' } });
  });

  test('more time before bedtime starts at bedtime, and adds up', async () => {
    // 9-11 on a Monday: bedtime at 21:00.
    const bedtime = Date.UTC(2026, 5, 1, 14);
    await parent.patch(`/profiles/${id}`, { rules: { ...(await profile()).rules, quotas: [] } });
    await grant(15);
    expect((await profile()).access).toEqual({
      mode: 'open',
      online: true,
      reason: 'grant',
      until: bedtime + 15 * MINUTE,
    });
    await grant(15);
    expect((await profile()).access.until).toBe(bedtime + 30 * MINUTE);
    await parent.delete(`/profiles/${id}/grant`);
    expect((await profile()).access.until).toBe(bedtime);
  });

  test('a new pause ends the extra time', async () => {
    await grant(60);
    await pause(10);
    expect(await profile()).toMatchObject({ grant: null, access: { online: false, reason: 'pause' } });
  });

  test('a child whose network does not end cannot be given more', async () => {
    const { rules } = await profile();
    await parent.patch(`/profiles/${id}`, { rules: { ...rules, schedules: [], quotas: [] } });
    const response = await grant(15);
    expect(response.statusCode).toBe(409);
    expect(response.json()).toMatchObject({ code: 'NOTHING_TO_EXTEND' });
  });

  test('what is decided at once is decided one after the other', async () => {
    await pause(null);
    const responses = await Promise.all(Array.from({ length: 6 }, () => grant(10)));
    expect(responses.map((response) => response.statusCode)).toEqual(Array(6).fill(200));
    expect((await profile()).access.until).toBe(cloud.now + 60 * MINUTE);
  });
});

describe('devices', () => {
  test('have the best name there is, and the vendor of real addresses only', async () => {
    const router = await cloud.claimRouter(parent);
    const apple = await cloud.findDevice(parent, router, '3c:22:fb:00:00:01');
    await cloud.findDevice(parent, router, '02:11:22:33:44:55');
    await cloud.findDevice(parent, router, '06:11:22:33:44:55', 'pixel-8');
    const { devices } = await parent.home();
    expect(devices.map(({ name, vendor, privateAddress }) => ({ name, vendor, privateAddress }))).toEqual([
      { name: 'Apple, Inc.', vendor: 'Apple, Inc.', privateAddress: false },
      { name: '02:11:22:33:44:55', vendor: null, privateAddress: true },
      { name: 'pixel-8', vendor: null, privateAddress: true },
    ]);
    await parent.patch(`/devices/${apple}`, { name: 'Máy của Mai' });
    expect((await parent.home()).devices[0]?.name).toBe('Máy của Mai');
    await parent.patch(`/devices/${apple}`, { name: null });
    expect((await parent.home()).devices[0]?.name).toBe('Apple, Inc.');
  });

  test('are given to a child and taken back', async () => {
    const router = await cloud.claimRouter(parent);
    const device = await cloud.findDevice(parent, router, '3c:22:fb:00:00:01');
    const child = await parent.addChild();
    const given = await parent.patch(`/devices/${device}`, { profile: child });
    expect(deviceViewSchema.parse(given.json()).profile).toBe(child);
    expect((await profile()).devices).toEqual([device]);
    await parent.patch(`/devices/${device}`, { name: 'Tablet' });
    expect((await profile()).devices).toEqual([device]);
    await parent.patch(`/devices/${device}`, { profile: null });
    expect((await profile()).devices).toEqual([]);
  });

  test('cannot be given to a child of another household', async () => {
    const router = await cloud.claimRouter(parent);
    const device = await cloud.findDevice(parent, router, '3c:22:fb:00:00:01');
    const other = await cloud.signUp();
    const theirs = await other.addChild();
    const response = await parent.patch(`/devices/${device}`, { profile: theirs, name: 'mine' });
    expect(response.statusCode).toBe(404);
    expect((await parent.home()).devices[0]).toMatchObject({ profile: null, name: 'Apple, Inc.' });
  });
});

describe('routers hear of it', () => {
  const wanted = async () => (await parent.home()).routers[0]?.policyWanted;

  test('with each change that concerns them, after it is committed, and not otherwise', async () => {
    const router = await cloud.claimRouter(parent);
    const device = await cloud.findDevice(parent, router, '3c:22:fb:00:00:01');
    const child = await parent.addChild();
    await parent.patch(`/devices/${device}`, { profile: child });
    const before = (await wanted()) ?? 0;
    cloud.announced.length = 0;

    await parent.put(`/profiles/${child}/pause`, { minutes: 5 });
    expect(cloud.announced).toEqual([
      { router, document: 'policy' },
      { household: parent.household, changed: 'home' },
    ]);
    expect(await wanted()).toBe(before + 1);

    cloud.announced.length = 0;
    await parent.patch('', { name: 'Another name' });
    expect(cloud.announced).toEqual([{ household: parent.household, changed: 'home' }]);
    expect(await wanted()).toBe(before + 1);
  });

  test('and when documents cannot be made nothing is changed', async () => {
    const child = await parent.addChild();
    cloud.announced.length = 0;
    const { rebuild } = cloud.documents;
    cloud.documents.rebuild = () => Promise.reject(new Error('disk full'));
    const response = await parent.put(`/profiles/${child}/pause`, { minutes: 5 });
    cloud.documents.rebuild = rebuild;
    expect(response.statusCode).toBe(500);
    expect(response.json()).toEqual({
      type: 'about:blank',
      title: 'Something went wrong',
      status: 500,
      code: 'UNEXPECTED',
    });
    expect((await profile()).pause).toBeNull();
    expect(cloud.announced).toEqual([]);
  });
});

const night = {
  id: '01ARZ3NDEKTSV4RRFFQ69G5FAV',
  name: 'Night',
  mode: 'offline',
  holidays: 'included',
  days: [1],
  start: '21:00',
  end: '06:00',
};
