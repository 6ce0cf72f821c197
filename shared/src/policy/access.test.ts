import { describe, expect, it } from 'vitest';
import { newId } from '../id.ts';
import {
  type Access,
  type AccessBasis,
  type AccessMode,
  accessAt,
  deviceAccessAt,
  moreOfPart,
  moreTime,
  quotaStandings,
  quotasCountAt,
  spentTargets,
  type Timed,
} from './access.ts';
import { offsetsOf } from './offsets.fixture.ts';
import { NO_LIMIT, nothingUsed, type PartTarget } from './quota.ts';
import type { Schedule } from './schedule.ts';
import { MINUTE } from './zone.ts';

const schedule = (days: number[], start: string, end: string): Schedule => ({
  id: newId(),
  name: 'test',
  mode: 'offline',
  holidays: 'included',
  days,
  start,
  end,
});

describe('access', () => {
  const basis: AccessBasis = { offsets: [{ from: 0, minutes: 7 * 60 }], holidays: [], used: nothingUsed };
  const access = (profile: Timed, now: number) => accessAt(profile, basis, now);
  const evening = Date.UTC(2026, 10, 20, 13, 0); // Friday 20:00 in Hà Nội
  const bedtime = Date.UTC(2026, 10, 20, 14, 0);
  const morning = Date.UTC(2026, 10, 20, 23, 0);
  const none = { quotas: [], quotaReset: '00:00' };
  const base: Timed = {
    id: newId(),
    rules: { ...none, schedules: [schedule([5], '21:00', '06:00')] },
    pause: null,
    grant: null,
    learning: null,
    bonuses: [],
  };

  it('is on until bedtime, and off until the morning', () => {
    expect(access(base, evening)).toEqual({ mode: 'open', online: true, reason: 'free', until: bedtime });
    expect(access(base, bedtime)).toEqual({ mode: 'off', online: false, reason: 'schedule', until: morning });
    expect(access(base, morning).online).toBe(true);
  });

  it('is off while paused; a pause that ends inside bedtime hands over to it', () => {
    const paused = { ...base, pause: { since: evening, until: bedtime + MINUTE } };
    expect(access(paused, evening)).toEqual({ mode: 'off', online: false, reason: 'pause', until: morning });
    const open = { ...base, rules: { ...none, schedules: [] }, pause: { since: evening, until: null } };
    expect(access(open, evening)).toEqual({ mode: 'off', online: false, reason: 'pause', until: null });
  });

  it('lets a grant beat pause and bedtime until it ends', () => {
    const granted = {
      ...base,
      pause: { since: evening, until: null },
      grant: { since: bedtime, until: bedtime + 15 * MINUTE },
    };
    expect(access(granted, bedtime)).toEqual({
      mode: 'open',
      online: true,
      reason: 'grant',
      until: bedtime + 15 * MINUTE,
    });
    expect(access(granted, bedtime + 15 * MINUTE)).toEqual({
      mode: 'off',
      online: false,
      reason: 'pause',
      until: null,
    });
  });

  it('ends however far ahead a grant or a pause does, as where the clock is weeks behind until it is set', () => {
    const far = evening + 30 * 24 * 60 * MINUTE;
    const granted = { ...base, pause: { since: 0, until: null }, grant: { since: 0, until: far } };
    expect(access(granted, evening)).toEqual({ mode: 'open', online: true, reason: 'grant', until: far });
    // Then a Sunday at 20:00, after which the next bedtime is on Friday the 25th.
    const scheduled = { ...granted, pause: null };
    const next = Date.UTC(2026, 11, 25, 14, 0);
    expect(access(scheduled, evening)).toEqual({ mode: 'open', online: true, reason: 'grant', until: next });
    const paused = { ...base, pause: { since: 0, until: far } };
    expect(access(paused, evening)).toEqual({ mode: 'off', online: false, reason: 'pause', until: far });
  });

  it('has no end where nothing ends it, and no beginning where every hour is off', () => {
    expect(access({ ...base, rules: { ...none, schedules: [] } }, evening).until).toBeNull();
    const never = {
      ...base,
      rules: { ...none, schedules: [schedule([1, 2, 3, 4, 5, 6, 7], '00:00', '00:00')] },
    };
    expect(access(never, evening)).toEqual({ mode: 'off', online: false, reason: 'schedule', until: null });
  });

  it('adds minutes to where access would have ended', () => {
    expect(moreTime(base, basis, evening, 15)).toEqual({
      kind: 'grant',
      grant: { since: bedtime, until: bedtime + 15 * MINUTE },
    });
    expect(moreTime(base, basis, bedtime + 5 * MINUTE, 15)).toMatchObject({
      grant: { until: bedtime + 20 * MINUTE },
    });
    expect(moreTime({ ...base, rules: { ...none, schedules: [] } }, basis, evening, 15)).toBeUndefined();
  });
});

const HANOI = [{ from: 0, minutes: 7 * 60 }];
/** Local time in Hà Nội on a day of November 2026; the 16th is a Monday. */
const at = (day: number, time: string) => Date.parse(`2026-11-${day}T${time}:00+07:00`);
const NETWORK = newId();
const GAMES = newId();
const child: Timed = {
  id: newId(),
  rules: { schedules: [], quotas: [], quotaReset: '00:00' },
  pause: null,
  grant: null,
  learning: null,
  bonuses: [],
};
const every = [1, 2, 3, 4, 5, 6, 7];
const window = (mode: Schedule['mode'], start: string, end: string, more: Partial<Schedule> = {}) => ({
  ...schedule(every, start, end),
  mode,
  ...more,
});
const withRules = (rules: Partial<Timed['rules']>, more: Partial<Timed> = {}): Timed => ({
  ...child,
  ...more,
  rules: { ...child.rules, ...rules },
});
const network = (minutes: number) => ({
  id: NETWORK,
  of: { kind: 'network' as const },
  minutes: every.map(() => minutes),
});
const games = (minutes: number) => ({
  id: GAMES,
  of: { kind: 'category' as const, id: 'games' },
  minutes: every.map(() => minutes),
});
const basisOf = (used: Record<string, number> = {}, more: Partial<AccessBasis> = {}): AccessBasis => ({
  offsets: HANOI,
  holidays: [],
  used: (_child, quota) => used[quota] ?? 0,
  ...more,
});
const NOON = at(16, '12:00');

describe('the first rule that applies decides', () => {
  const spent = basisOf({ [NETWORK]: 60 });
  const ever = { since: NOON, until: null };
  const grant = { since: NOON, until: NOON + MINUTE };
  const offline = window('offline', '11:00', '13:00');
  const study = window('learning', '11:00', '13:00');
  const free = window('free', '11:00', '13:00');
  const quotas = [network(60)];
  it.each<[Access['reason'], AccessMode, string, Timed]>([
    [
      'grant',
      'open',
      'a grant',
      withRules({ schedules: [offline, study], quotas }, { grant, pause: ever, learning: ever }),
    ],
    [
      'pause',
      'off',
      'a pause',
      withRules({ schedules: [offline, study], quotas }, { pause: ever, learning: ever }),
    ],
    [
      'schedule',
      'off',
      'an offline window',
      withRules({ schedules: [study, offline, free], quotas }, { learning: ever }),
    ],
    [
      'learning',
      'learning',
      'the learning mode',
      withRules({ schedules: [study, free], quotas }, { learning: ever }),
    ],
    ['study-time', 'learning', 'a learning window', withRules({ schedules: [free, study], quotas })],
    ['free', 'open', 'a free window', withRules({ schedules: [free], quotas })],
    ['quota', 'off', 'a spent quota', withRules({ quotas })],
    ['free', 'open', 'nothing', withRules({ quotas: [games(0)] })],
  ])('%s: %s, by %s', (reason, mode, _what, profile) => {
    expect(accessAt(profile, spent, NOON)).toMatchObject({ reason, mode, online: mode !== 'off' });
    const paused = deviceAccessAt({ pause: ever }, profile, spent, NOON);
    expect(paused).toEqual({ reason: 'device-pause', mode: 'off', online: false, until: null });
  });
});

describe('minutes that were used', () => {
  const profile = withRules({ quotas: [network(60), games(30)], quotaReset: '04:00' });
  const tomorrow = at(17, '09:00');
  /** All of today's time, and nothing of any other day's. */
  const basis = basisOf(
    {},
    { used: (_child, _quota, when) => (when >= at(16, '04:00') && when < at(17, '04:00') ? 90 : 0) },
  );

  it('are of their quota day: a pause into the next one ends with that day’s time', () => {
    const paused = deviceAccessAt({ pause: { since: NOON, until: tomorrow } }, profile, basis, NOON);
    expect(paused).toMatchObject({ reason: 'device-pause', until: tomorrow });
    const tonight = at(16, '20:00');
    const short = deviceAccessAt({ pause: { since: NOON, until: tonight } }, profile, basis, NOON);
    expect(short).toMatchObject({ reason: 'device-pause', until: at(17, '04:00') });
  });

  it('are asked for with the instant that is looked at', () => {
    expect(accessAt(profile, basis, tomorrow)).toMatchObject({ online: true, until: at(17, '10:00') });
    expect(quotaStandings(profile, basis, NOON)).toMatchObject([
      { used: 90, left: 0 },
      { used: 90, left: 0 },
    ]);
    expect(quotaStandings(profile, basis, tomorrow)).toMatchObject([
      { used: 0, left: 60 },
      { used: 0, left: 30 },
    ]);
    expect(spentTargets(profile, basis, NOON)).toHaveLength(1);
    expect(spentTargets(profile, basis, tomorrow)).toEqual([]);
  });
});

describe('a quota of the network', () => {
  const profile = withRules({ quotas: [network(60)], quotaReset: '04:00' });
  it('ends access after the minutes that are left, until the day is over', () => {
    expect(accessAt(profile, basisOf({ [NETWORK]: 20 }), NOON)).toMatchObject({
      mode: 'open',
      until: at(16, '12:40'),
    });
    expect(accessAt(profile, basisOf({ [NETWORK]: 60 }), NOON)).toEqual({
      mode: 'off',
      online: false,
      reason: 'quota',
      until: at(17, '04:00'),
    });
    // At night the day before goes on.
    expect(accessAt(profile, basisOf({ [NETWORK]: 90 }), at(16, '03:59')).until).toBe(at(16, '04:00'));
  });

  it('has the minutes of the weekday on which its day begins, and none of a day without a limit', () => {
    const week = { ...network(60), minutes: [60, 30, NO_LIMIT, NO_LIMIT, NO_LIMIT, NO_LIMIT, NO_LIMIT] };
    const weekly = withRules({ quotas: [week], quotaReset: '04:00' });
    const limits = (when: number) => quotaStandings(weekly, basisOf(), when).map(({ limit }) => limit);
    expect([limits(at(17, '03:00')), limits(at(17, '05:00')), limits(at(18, '05:00'))]).toEqual([
      [60],
      [30],
      [null],
    ]);
    expect(accessAt(weekly, basisOf(), at(18, '05:00')).until).toBe(at(23, '05:00'));
  });

  it('is not used up by what is off, by study, or in free time', () => {
    const rest = [
      window('offline', '12:10', '13:00'),
      window('learning', '13:00', '14:00'),
      window('free', '14:00', '15:00'),
    ];
    const resting = withRules({ schedules: rest, quotas: [network(60)] });
    const course: [string, Access['reason']][] = [
      ['12:00', 'free'],
      ['12:10', 'schedule'],
      ['13:00', 'study-time'],
      ['14:00', 'free'],
      ['15:00', 'free'],
    ];
    for (const [time, reason] of course) {
      expect(accessAt(resting, basisOf({ [NETWORK]: 10 }), at(16, time)).reason, time).toBe(reason);
    }
    expect(accessAt(resting, basisOf({ [NETWORK]: 10 }), at(16, '14:00')).until).toBe(at(16, '15:50'));
  });

  it('is lengthened by the bonuses of its day, and of no other day or quota', () => {
    const bonus = (quota: string, when: number) => ({
      id: newId(),
      quota,
      minutes: 15,
      at: when,
      reason: '',
    });
    const all = [
      bonus(NETWORK, at(16, '04:00')),
      bonus(NETWORK, at(16, '11:00')),
      bonus(NETWORK, at(16, '03:59')),
      bonus(GAMES, NOON),
    ];
    const rewarded = { ...profile, bonuses: all };
    expect(quotaStandings(rewarded, basisOf({ [NETWORK]: 70 }), NOON)).toMatchObject([
      { limit: 90, used: 70, left: 20 },
    ]);
    expect(accessAt(rewarded, basisOf({ [NETWORK]: 70 }), NOON).until).toBe(at(16, '12:20'));
    const unlimited = withRules({ quotas: [network(NO_LIMIT)] }, { bonuses: all });
    expect(quotaStandings(unlimited, basisOf(), NOON)).toMatchObject([{ limit: null, left: null }]);
  });

  it('is spent also where more was used than there is, and never has less than nothing left', () => {
    expect(quotaStandings(profile, basisOf({ [NETWORK]: 300 }), NOON)).toMatchObject([
      { used: 300, left: 0 },
    ]);
  });

  it.each([
    ['23 hours', Date.parse('2026-03-29T00:00:00+01:00'), 23],
    ['25 hours', Date.parse('2026-10-25T00:00:00+02:00'), 25],
  ])('in Berlin on the day of %s resets at local midnight', (_what, midnight, hours) => {
    const berlin = basisOf({ [NETWORK]: 60 }, { offsets: offsetsOf('Europe/Berlin') });
    const daily = withRules({ quotas: [network(60)] });
    expect(accessAt(daily, berlin, midnight).until).toBe(midnight + hours * 60 * MINUTE);
    expect(accessAt(daily, berlin, midnight - 1).until).toBe(midnight);
  });
});

describe('quotas of services and categories', () => {
  const profile = withRules({ quotas: [network(60), games(30)] });
  const spent = basisOf({ [GAMES]: 30 });
  const targets = (of: Timed, when = NOON, basis = spent) => spentTargets(of, basis, when);
  it('end no access, and block what they are of while they are spent', () => {
    expect(accessAt(profile, spent, NOON).mode).toBe('open');
    expect(targets(profile)).toEqual([{ quota: GAMES, of: { kind: 'category', id: 'games' } }]);
    expect(targets(profile, NOON, basisOf({ [GAMES]: 29 }))).toEqual([]);
  });

  it('rest in an extra time that has begun, in the learning mode, and in free and learning windows', () => {
    const period = { since: NOON, until: NOON + MINUTE };
    expect(targets({ ...profile, grant: period })).toEqual([]);
    expect(targets({ ...profile, learning: period })).toEqual([]);
    expect(targets({ ...profile, grant: period }, NOON + MINUTE)).toHaveLength(1);
    for (const mode of ['free', 'learning'] as const) {
      const rules = { ...profile.rules, schedules: [window(mode, '11:00', '12:00')] };
      expect(targets({ ...profile, rules }, at(16, '11:59'))).toEqual([]);
      expect(targets({ ...profile, rules })).toHaveLength(1);
    }
  });

  it('go on until an extra time begins that is added to bedtime', () => {
    const bedtime = withRules({ schedules: [window('offline', '21:00', '06:00')], quotas: [games(30)] });
    const more = moreTime(bedtime, spent, NOON, 15);
    if (more?.kind !== 'grant') throw new Error('no grant');
    const granted = { ...bedtime, grant: more.grant };
    expect(quotasCountAt(granted, spent, at(16, '20:59'))).toBe(true);
    expect(targets(granted, at(16, '20:59'))).toHaveLength(1);
    expect(quotasCountAt(granted, spent, at(16, '21:00'))).toBe(false);
    expect(accessAt(granted, spent, NOON)).toMatchObject({ mode: 'open', until: at(16, '21:15') });
    const again = moreTime(granted, spent, NOON, 15);
    expect(again).toEqual({ kind: 'grant', grant: { since: at(16, '21:00'), until: at(16, '21:30') } });
  });
});

describe('more of a service or category', () => {
  const OF_GAME = newId();
  const minecraft = { kind: 'service', id: 'minecraft' } as const;
  const games30 = games(30);
  const ofGame = { id: OF_GAME, of: minecraft, minutes: games30.minutes };
  const profile = withRules({ quotas: [network(60), games30, ofGame] });
  const categoryOf = (service: string) => (service === 'minecraft' ? 'games' : undefined);
  const more = (used: Record<string, number>, of: PartTarget = minecraft, child: Timed = profile) =>
    moreOfPart(child, basisOf(used), NOON, of, 15, categoryOf);

  it('is minutes more of its own quota, and of its category what lacks there', () => {
    expect(more({ [OF_GAME]: 30 })).toEqual([{ quota: OF_GAME, minutes: 15 }]);
    expect(more({ [OF_GAME]: 30, [GAMES]: 30 })).toEqual([
      { quota: GAMES, minutes: 15 },
      { quota: OF_GAME, minutes: 15 },
    ]);
    expect(more({ [OF_GAME]: 30, [GAMES]: 20 })).toEqual([
      { quota: GAMES, minutes: 5 },
      { quota: OF_GAME, minutes: 15 },
    ]);
    expect(more({ [OF_GAME]: 30, [GAMES]: 30 }, { kind: 'category', id: 'games' })).toEqual([
      { quota: GAMES, minutes: 15 },
    ]);
  });

  it('makes up for what was used beyond a limit that was lowered, so that it opens', () => {
    for (const used of [30, 50, 50.5, 30.4]) {
      const bonuses = more({ [OF_GAME]: used, [GAMES]: 10 }).map((bonus) => ({
        ...bonus,
        id: newId(),
        at: NOON,
        reason: '',
      }));
      const after = quotaStandings({ ...profile, bonuses }, basisOf({ [OF_GAME]: used }), NOON);
      const left = after.find(({ quota }) => quota.id === OF_GAME)?.left ?? 0;
      expect(left).toBeGreaterThan(14);
      expect(left).toBeLessThanOrEqual(15);
    }
    expect(more({ [OF_GAME]: 5000 })).toEqual([{ quota: OF_GAME, minutes: NO_LIMIT }]);
  });

  it('is nothing where nothing ends it today', () => {
    expect(more({ [OF_GAME]: 30 }, { kind: 'service', id: 'youtube' })).toEqual([]);
    const unlimited = { ...ofGame, minutes: ofGame.minutes.map(() => NO_LIMIT) };
    expect(more({ [OF_GAME]: 30 }, minecraft, withRules({ quotas: [unlimited] }))).toEqual([]);
  });
});

describe('more time in the learning mode', () => {
  const basis = basisOf({});
  const study = withRules({
    schedules: [window('learning', '18:00', '20:00'), window('offline', '21:00', '06:00')],
  });

  it('is open at once, for those minutes alone', () => {
    const more = moreTime(study, basis, at(16, '18:30'), 15);
    expect(more).toEqual({ kind: 'grant', grant: { since: at(16, '18:30'), until: at(16, '18:45') } });
    if (more?.kind !== 'grant') throw new Error('no grant');
    const granted = { ...study, grant: more.grant };
    expect(accessAt(granted, basis, at(16, '18:31'))).toMatchObject({ mode: 'open', until: at(16, '18:45') });
    expect(accessAt(granted, basis, at(16, '18:45')).mode).toBe('learning');
  });

  it('puts a study time off that is about to begin', () => {
    expect(moreTime(study, basis, at(16, '17:50'), 15)).toMatchObject({
      grant: { since: at(16, '18:00'), until: at(16, '18:15') },
    });
  });
});

describe('holidays', () => {
  const holidays = [{ name: 'Tết', from: '2026-11-17', to: '2026-11-18' }];
  const basis = basisOf({}, { holidays });
  const online = (profile: Timed, day: number, time: string) =>
    accessAt(profile, basis, at(day, time)).online;
  it('leave a bedtime out on the eve of a free day, and keep it on the eve of a school day', () => {
    const profile = withRules({ schedules: [window('offline', '21:00', '06:00', { holidays: 'excluded' })] });
    // The 16th is the eve; the night of the 18th ends on the 19th, a school day.
    expect(['16', '17', '18', '19'].map((day) => online(profile, Number(day), '22:00'))).toEqual([
      true,
      true,
      false,
      false,
    ]);
    expect(['16', '17', '18', '19'].map((day) => online(profile, Number(day), '05:00'))).toEqual([
      false,
      true,
      true,
      false,
    ]);
    expect(accessAt(profile, basis, at(16, '12:00')).until).toBe(at(18, '21:00'));
  });

  it('have windows of their own', () => {
    const profile = withRules({ schedules: [window('offline', '10:00', '11:00', { holidays: 'only' })] });
    expect([16, 17, 18, 19].map((day) => online(profile, day, '10:30'))).toEqual([true, false, false, true]);
  });

  it('that are weeks away are known of', () => {
    const far = basisOf({}, { holidays: [{ name: 'Tết', from: '2027-02-05', to: '2027-02-09' }] });
    const profile = withRules({ schedules: [window('offline', '10:00', '11:00', { holidays: 'only' })] });
    expect(accessAt(profile, far, NOON).until).toBe(Date.parse('2027-02-05T10:00:00+07:00'));
  });
});

it('what comes in the week after a tap ends is known of, however late in this week it ends', () => {
  const mondays = { ...network(NO_LIMIT), minutes: [0, ...every.slice(1).map(() => NO_LIMIT)] };
  const period = { since: NOON, until: at(24, '11:00') };
  for (const tap of [{ grant: period }, { learning: period }]) {
    const { mode, until } = accessAt(withRules({ quotas: [mondays] }, tap), basisOf(), NOON);
    expect([mode, until]).toEqual('grant' in tap ? ['open', at(30, '00:00')] : ['learning', period.until]);
  }
});

describe('a pause of one device', () => {
  it('ends into what the child has then', () => {
    const profile = withRules({ schedules: [window('offline', '13:00', '14:00')] });
    const pause = (time: string) => ({ pause: { since: NOON, until: at(16, time) } });
    const until = (time: string) => deviceAccessAt(pause(time), profile, basisOf(), NOON).until;
    expect([until('12:30'), until('13:30')]).toEqual([at(16, '12:30'), at(16, '14:00')]);
    expect(deviceAccessAt(pause('12:00'), profile, basisOf(), NOON)).toMatchObject({
      mode: 'open',
      until: at(16, '13:00'),
    });
  });
});

describe('more time', () => {
  it('is a bonus where a quota ends access before anything else does, a grant where it does not', () => {
    const profile = withRules({ schedules: [window('offline', '21:00', '06:00')], quotas: [network(60)] });
    const more = (used: number, when: number) => moreTime(profile, basisOf({ [NETWORK]: used }), when, 15);
    expect(more(20, NOON)).toEqual({ kind: 'bonus', quota: NETWORK, minutes: 15 });
    expect(more(20, at(16, '20:30'))).toMatchObject({ kind: 'grant', grant: { since: at(16, '21:00') } });
  });

  it('begins now for a child whose quota is spent, and does not count', () => {
    const profile = withRules({ quotas: [network(60)] });
    const spent = basisOf({ [NETWORK]: 60 });
    const more = moreTime(profile, spent, NOON, 15);
    expect(more).toEqual({ kind: 'grant', grant: { since: NOON, until: NOON + 15 * MINUTE } });
  });
});
