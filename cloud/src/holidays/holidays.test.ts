import { DAY, policyBodySchema } from '@khien/shared/policy';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { type Parent, TestCloud } from '../cloud.fixture.ts';
import { MAX_HOLIDAYS } from './holidays.ts';
import { publicHolidays } from './public-holidays.ts';
import { holidayListSchema, holidayViewSchema, publicHolidaySchema } from './schema.ts';

const summer = { name: 'Nghỉ hè', from: '2026-06-01', to: '2026-08-31' };

let cloud: TestCloud;
let parent: Parent;
beforeEach(async () => {
  cloud = await TestCloud.start();
  parent = await cloud.signUp();
});
afterEach(() => cloud.stop());

const add = async (holiday: object) =>
  holidayViewSchema.parse((await parent.post('/holidays', holiday)).json());
const list = async () => holidayListSchema.parse((await parent.get('/holidays')).json());

describe('a household’s holidays', () => {
  test('are added, changed and removed, and the routers hear of it', async () => {
    const router = await cloud.claimRouter(parent);
    const inPolicy = async () => {
      const documents = await cloud.documents.stored(cloud.store.db, router);
      const signed = documents.find(({ kind }) => kind === 'policy')?.signed ?? '{}';
      return policyBodySchema.parse(JSON.parse(signed).document.body).holidays;
    };
    const tet = await add({ name: 'Tết', from: '2027-02-01', to: '2027-02-14' });
    await add(summer);
    expect((await list()).items).toMatchObject([summer, { name: 'Tết' }]);
    expect((await parent.home()).holidays).toEqual((await list()).items);
    expect(await inPolicy()).toEqual([summer, { name: 'Tết', from: '2027-02-01', to: '2027-02-14' }]);

    const later = { name: 'Tết', from: '2027-02-02', to: '2027-02-12' };
    expect((await parent.put(`/holidays/${tet.id}`, later)).json()).toEqual({ id: tet.id, ...later });
    expect((await parent.delete(`/holidays/${tet.id}`)).statusCode).toBe(204);
    expect((await parent.delete(`/holidays/${tet.id}`)).statusCode).toBe(404);
    expect(await inPolicy()).toEqual([summer]);
  });

  test('that are over are no longer there', async () => {
    await add({ ...summer, to: '2026-06-10' });
    cloud.now = Date.parse('2026-06-10T20:00:00+07:00');
    expect((await list()).items).toHaveLength(1);
    cloud.now += 3 * DAY;
    expect((await list()).items).toEqual([]);
  });

  test.each([
    ['ends before it begins', { ...summer, to: '2026-05-31' }, '/to'],
    ['is on no day of the calendar', { ...summer, from: '2026-02-30' }, '/from'],
    ['is longer than a year', { ...summer, to: '2027-06-02' }, '/to'],
    ['has no name', { ...summer, name: ' ' }, '/name'],
    ['is no date', { ...summer, to: 'tomorrow' }, '/to'],
  ])('cannot be one that %s', async (_what, holiday, pointer) => {
    const response = await parent.post('/holidays', holiday);
    expect(response.json()).toMatchObject({ code: 'INVALID_INPUT' });
    expect(response.json().fields).toContainEqual({ pointer, message: expect.any(String) });
    expect((await list()).items).toEqual([]);
  });

  test('are as many as a policy holds at most, those that are over not counted', async () => {
    const week = { ...summer, to: '2026-06-07' };
    for (let i = 0; i < MAX_HOLIDAYS; i += 1) await add(week);
    expect((await parent.post('/holidays', summer)).json()).toMatchObject({ code: 'LIMIT_REACHED' });
    cloud.now = Date.parse('2026-06-15');
    expect((await parent.post('/holidays', summer)).statusCode).toBe(201);
    expect((await list()).items).toHaveLength(1);
  });

  test('are nobody else’s', async () => {
    const mine = await add(summer);
    const theirs = await cloud.signUp();
    expect((await theirs.put(`/holidays/${mine.id}`, summer)).statusCode).toBe(404);
    expect((await theirs.delete(`/holidays/${mine.id}`)).statusCode).toBe(404);
    expect((await theirs.home()).holidays).toEqual([]);
    expect((await list()).items).toHaveLength(1);
  });
});

describe('public holidays', () => {
  const offered = async () => (await list()).offered.map(({ id }) => id);
  test('of the year to come are offered until the household has something on their days', async () => {
    expect(await offered()).toEqual([
      'vn-2026-national-day',
      'vn-2027-new-year',
      'vn-2027-tet',
      'vn-2027-hung-kings',
      'vn-2027-reunification',
    ]);
    await add({ name: 'Nghỉ Tết', from: '2027-02-01', to: '2027-02-14' });
    expect(await offered()).not.toContain('vn-2027-tet');
    expect((await parent.home()).holidays).toHaveLength(1);
  });

  test('are dated, in order, each once, with their source', () => {
    for (const holiday of publicHolidays) expect(publicHolidaySchema.parse(holiday)).toEqual(holiday);
    const dates = publicHolidays.map(({ from }) => from);
    expect(dates).toEqual([...dates].sort());
    expect(new Set(publicHolidays.map(({ id }) => id)).size).toBe(publicHolidays.length);
  });

  test('of the moon are on its days', () => {
    // Days since a new moon (6 January 2000, 18:14 UTC) at midnight of the first day, in Viet Nam.
    const age = (date: string) => {
      const days = (Date.parse(`${date}T00:00:00+07:00`) - Date.UTC(2000, 0, 6, 18, 14)) / DAY;
      return ((days % 29.530588) + 29.530588) % 29.530588;
    };
    // The mean moon is within 14 hours of the true one; the day of the new moon is the month's first.
    for (const { id, from } of publicHolidays.filter(({ source }) => source.includes('âm lịch'))) {
      const firstOfMonth = id.endsWith('-tet') ? Date.parse(from) + DAY : Date.parse(from) - 9 * DAY;
      const at = age(new Date(firstOfMonth).toISOString().slice(0, 10));
      expect(Math.min(at, 29.53 - at), id).toBeLessThan(1.6);
    }
  });
});
