import { type Id, newId } from '@khien/shared/id';
import { DAY, MINUTE } from '@khien/shared/policy';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { type Parent, TestCloud } from '../cloud.fixture.ts';
import { zoneOffsets } from '../documents/zone-offsets.ts';
import { ZoneClock } from '../zone/clock.ts';
import { makeWeeks } from './rounds.ts';
import { weeklyListSchema } from './schema.ts';
import { weekBefore, weekDue } from './week.ts';

const HOUR = 60 * MINUTE;

describe('the week that is due', () => {
  const due = (zone: string, iso: string) => {
    const now = Date.parse(iso);
    const offsets = zoneOffsets(zone, now);
    const { week, next } = weekDue(offsets, now);
    const before = weekBefore(offsets, week);
    return {
      monday: week.monday,
      hours: (week.to - week.from) / HOUR,
      next: new Date(next).toISOString(),
      before: before.monday,
      meets: before.to === week.from,
      sunday: week.days.at(-1),
    };
  };

  test.each([
    // A Monday in Viet Nam, before and from seven.
    ['Asia/Ho_Chi_Minh', '2026-06-08T06:59:59+07:00', '2026-05-25', '2026-06-08T00:00:00.000Z', 168],
    ['Asia/Ho_Chi_Minh', '2026-06-08T07:00:00+07:00', '2026-06-01', '2026-06-15T00:00:00.000Z', 168],
    ['Asia/Ho_Chi_Minh', '2026-06-14T23:59:59+07:00', '2026-06-01', '2026-06-15T00:00:00.000Z', 168],
    // The clock is put forward on Sunday 29 March, and back on Sunday 25 October.
    ['Europe/Berlin', '2026-03-30T07:00:00+02:00', '2026-03-23', '2026-04-06T05:00:00.000Z', 167],
    ['Europe/Berlin', '2026-03-28T12:00:00+01:00', '2026-03-16', '2026-03-30T05:00:00.000Z', 168],
    ['Europe/Berlin', '2026-10-26T07:00:00+01:00', '2026-10-19', '2026-11-02T06:00:00.000Z', 169],
  ])('in %s at %s is that of %s', (zone, now, monday, next, hours) => {
    const found = due(zone, now);
    expect(found).toMatchObject({ monday, next, hours, meets: true });
    expect(Date.parse(monday) - Date.parse(found.before)).toBe(7 * DAY);
    expect(Date.parse(found.sunday ?? '') - Date.parse(monday)).toBe(6 * DAY);
  });
});

describe('a household', () => {
  let cloud: TestCloud;
  let parent: Parent;
  let router: Id;
  let device: Id;
  let profile: Id;
  beforeEach(async () => {
    cloud = await TestCloud.start();
    // Monday, 25 May 2026, noon in Viet Nam.
    cloud.now = Date.UTC(2026, 4, 25, 5);
    parent = await cloud.signUp();
    router = await cloud.claimRouter(parent);
    device = await cloud.findDevice(parent, router, '3c:22:fb:00:00:01');
    profile = await parent.addChild();
    await parent.patch(`/devices/${device}`, { profile });
    await cloud.store.db.deleteFrom('notification').execute();
  });
  afterEach(() => cloud.stop());

  const header = () => ({ id: newId(cloud.now), at: cloud.now, timeSource: 'ntp' }) as const;
  const burst = () => ({
    profile,
    device,
    burst: newId(cloud.now),
    firstAt: cloud.now,
    lastAt: cloud.now,
  });
  const deps = () => ({
    store: cloud.store,
    changes: cloud.changes,
    zones: new ZoneClock(),
    now: () => cloud.now,
  });
  const weeks = async (of = parent) => weeklyListSchema.parse((await of.get('/weekly')).json()).items;
  const told = () =>
    cloud.store.db
      .selectFrom('notification')
      .select(['subject', 'push_at'])
      .where('kind', '=', 'weekly')
      .orderBy('sequence')
      .execute();

  async function liveAWeek(): Promise<void> {
    const usage = (day: string, minutes: number) =>
      ({ ...header(), kind: 'usage', profile, day, of: { kind: 'network' }, minutes }) as const;
    const target = { kind: 'service', id: 'tiktok', name: 'tiktok.com' } as const;
    await cloud.ingest.ingest(router, [
      { ...header(), ...burst(), kind: 'blocked', target, count: 5 },
      { ...header(), ...burst(), kind: 'bypass', method: 'doh', service: null, count: 2 },
      usage('2026-05-25', 30),
    ]);
    // The next week: Tuesday, 2 June.
    cloud.now = Date.UTC(2026, 5, 2, 5);
    const [quota] = (await parent.home()).profiles[0]?.rules.quotas ?? [];
    await parent.post(`/profiles/${profile}/bonuses`, { quota: quota?.id, minutes: 20, reason: '' });
    const asked = newId(cloud.now);
    await cloud.ingest.ingest(router, [
      usage('2026-06-01', 60),
      usage('2026-06-02', 45),
      { ...header(), ...burst(), kind: 'blocked', target, count: 3 },
      {
        ...header(),
        ...burst(),
        kind: 'blocked',
        target: { kind: 'category', id: 'gambling', name: 'x.vn' },
        count: 4,
      },
      { ...header(), ...burst(), kind: 'bypass', method: 'vpn', service: null, count: 1 },
      { ...header(), kind: 'quota-spent', profile, of: { kind: 'network' }, minutes: 120 },
      { ...header(), kind: 'request', request: asked, profile, device, ask: 'time', minutes: 15, text: '' },
      { ...header(), kind: 'request', request: newId(), profile, device, ask: 'help', minutes: 0, text: '' },
    ]);
    await parent.post(`/requests/${asked}/answer`, { granted: false, minutes: 0, reply: '' });
    cloud.now += DAY;
    await cloud.ingest.ingest(router, [
      { ...header(), kind: 'quota-spent', profile, of: { kind: 'network' }, minutes: 120 },
      { ...header(), kind: 'quota-spent', profile, of: { kind: 'network' }, minutes: 120 },
    ]);
    await cloud.findDevice(parent, router, '02:00:00:00:00:10');
  }

  test('is told on Monday morning what the week was like, in sums', async () => {
    await liveAWeek();
    cloud.now = Date.parse('2026-06-08T07:00:00+07:00');
    expect(await weeks()).toEqual([]);
    await makeWeeks(deps());
    const [newest, before] = await weeks();
    expect(newest).toEqual({
      week: '2026-06-01',
      createdAt: cloud.now,
      newDevices: 1,
      children: [
        {
          profile,
          days: [
            { day: '2026-06-01', minutes: 60 },
            { day: '2026-06-02', minutes: 45 },
            ...['03', '04', '05', '06', '07'].map((day) => ({ day: `2026-06-${day}`, minutes: null })),
          ],
          minutes: 105,
          minutesBefore: 30,
          blocked: { service: 3, category: 4, name: 0, quota: 0, learning: 0 },
          blockedBefore: 5,
          bypass: { tries: 1, methods: ['vpn'] },
          bypassBefore: 2,
          quotas: [{ of: { kind: 'network' }, days: 2 }],
          bonuses: { count: 1, minutes: 20 },
          requests: { granted: 0, refused: 1, open: 0 },
        },
      ],
    });
    expect(before).toMatchObject({ week: '2026-05-25', children: [{ minutes: 30, minutesBefore: null }] });
    expect(await told()).toEqual([{ subject: '2026-06-01', push_at: cloud.now }]);
  });

  test('has each week once, by however many look, also after its zone was changed', async () => {
    cloud.now = Date.parse('2026-06-08T07:00:00+07:00');
    await Promise.all([makeWeeks(deps()), makeWeeks(deps()), makeWeeks(deps())]);
    cloud.now += HOUR;
    expect(await makeWeeks(deps())).toBe(0);
    await parent.patch('', { zone: 'America/New_York' });
    await makeWeeks(deps());
    await parent.patch('', { zone: 'Pacific/Auckland' });
    await makeWeeks(deps());
    expect((await weeks()).map(({ week }) => week)).toEqual(['2026-06-01', '2026-05-25']);
    expect(await told()).toHaveLength(1);
  });

  test('is told late of what it missed, and of the newest alone, without a push when that is old news', async () => {
    cloud.now = Date.parse('2026-06-01T07:00:00+07:00');
    await makeWeeks(deps());
    // The cloud was away for two Mondays.
    cloud.now = Date.parse('2026-06-18T09:00:00+07:00');
    await makeWeeks(deps());
    expect((await weeks()).map(({ week }) => week)).toEqual(['2026-06-08', '2026-06-01', '2026-05-25']);
    expect(await told()).toEqual([
      { subject: '2026-05-25', push_at: Date.parse('2026-06-01T07:00:00+07:00') },
      { subject: '2026-06-08', push_at: null },
    ]);
  });

  test('without a child or a router has no weeks; what a child had goes with the child', async () => {
    const empty = await cloud.signUp();
    cloud.now = Date.parse('2026-06-08T07:00:00+07:00');
    await makeWeeks(deps());
    expect(await weeks(empty)).toEqual([]);
    expect((await weeks()).flatMap(({ children }) => children)).toHaveLength(2);
    await parent.delete(`/profiles/${profile}`);
    expect((await weeks()).flatMap(({ children }) => children)).toEqual([]);
  });
});
