import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { type Instant, newId } from '../id.ts';
import { type Access, type AccessMode, accessAt, type Timed } from './access.ts';
import type { Holiday } from './holiday.ts';
import { offsetsOf, YEAR, zones } from './offsets.fixture.ts';
import { NO_LIMIT } from './quota.ts';
import type { Schedule } from './schedule.ts';
import { DAY, MINUTE, offsetAt, type ZoneOffset } from './zone.ts';

/*
 * A year, minute by minute, of a child that is online whenever it may be, by a reading of the rules that knows the wall
 * clock alone. What `accessAt` says at any minute has to hold until exactly the minute that it says.
 */

const CHILD = newId();
const NETWORK = newId();
const DAY_MINUTES = 24 * 60;
/** In between changes it is asked again every so many steps, at ever other times of day. */
const LOOK_AGAIN = 397;
/** Around a change of the clock an hour that happens twice, or never, may fall either way, and so may a day's minutes. */
const AFTER_CHANGE = 26 * 60 * MINUTE;
const BEFORE_CHANGE = 2 * 60 * MINUTE;

interface Home {
  readonly profile: Timed;
  readonly holidays: readonly Holiday[];
}

const onGrid = (last: number, grid: number) =>
  fc.integer({ min: 0, max: Math.floor(last / grid) }).map((n) => n * grid);
const timeOn = (grid: number) =>
  onGrid(DAY_MINUTES - 1, grid).map((minute) => new Date(minute * MINUTE).toISOString().slice(11, 16));
const scheduleOn = (grid: number): fc.Arbitrary<Schedule> =>
  fc.record({
    id: fc.constant(newId()),
    name: fc.constant('x'),
    mode: fc.constantFrom('offline', 'learning', 'free'),
    days: fc.uniqueArray(fc.integer({ min: 1, max: 7 }), { minLength: 1, maxLength: 7 }),
    start: timeOn(grid),
    end: fc.oneof({ weight: 4, arbitrary: timeOn(grid) }, { weight: 1, arbitrary: fc.constant('00:00') }),
    holidays: fc.constantFrom('included', 'excluded', 'only'),
  });
const holiday: fc.Arbitrary<Holiday> = fc
  .tuple(fc.integer({ min: 0, max: 364 }), fc.integer({ min: 0, max: 20 }))
  .map(([first, length]) => ({ name: 'x', from: dateOf(first), to: dateOf(first + length) }));

/** All of it begins and ends at multiples of `grid` minutes. */
function homeOn(grid: number): fc.Arbitrary<Home> {
  const instant = (last: Instant) =>
    onGrid((last - YEAR.from) / MINUTE, grid).map((minute) => YEAR.from + minute * MINUTE);
  const soonOrFar = fc.oneof(instant(YEAR.from + 3 * DAY), instant(YEAR.from + 60 * DAY));
  const period = soonOrFar.map((until) => ({ since: YEAR.from, until }));
  const minutes = fc.oneof(
    { weight: 3, arbitrary: onGrid(400, grid) },
    { weight: 1, arbitrary: fc.constant(NO_LIMIT) },
  );
  const quotas = fc
    .option(fc.array(minutes, { minLength: 7, maxLength: 7 }), { freq: 4 })
    .map((week) => (week === null ? [] : [{ id: NETWORK, of: { kind: 'network' as const }, minutes: week }]));
  return fc.record({
    holidays: fc.array(holiday, { maxLength: 6 }),
    profile: fc.record({
      id: fc.constant(CHILD),
      pause: fc.option(period, { freq: 1 }),
      learning: fc.option(period, { freq: 1 }),
      grant: fc.option(
        fc.tuple(soonOrFar, soonOrFar).map(([a, b]) => ({ since: Math.min(a, b), until: Math.max(a, b) })),
        { freq: 1 },
      ),
      bonuses: fc.array(
        fc.record({
          id: fc.constant(newId()),
          quota: fc.constantFrom(NETWORK, newId()),
          minutes: onGrid(90, grid).map((minutes) => minutes + grid),
          at: instant(YEAR.to),
          reason: fc.constant(''),
        }),
        { maxLength: 8 },
      ),
      rules: fc.record({
        schedules: fc.array(scheduleOn(grid), { maxLength: 6 }),
        quotaReset: timeOn(grid),
        quotas,
      }),
    }),
  });
}

function dateOf(day: number): string {
  return new Date(YEAR.from + day * DAY).toISOString().slice(0, 10);
}

/** The child's year by the wall clock: which mode it is in at a minute, when all time that it has is used. */
class Walk {
  readonly #home: Home;
  readonly #offsets: readonly ZoneOffset[];
  readonly #schedules: readonly { of: Schedule; start: number; end: number }[];
  readonly #step: number;
  /** Minute of the day. */
  readonly #reset: number;
  readonly #limits = new Map<number, number>();
  readonly #holidays = new Map<number, boolean>();
  #quotaDay = Number.NaN;
  /** Minutes of the quota day before the step that was asked for last. */
  usedBefore = 0;
  #used = 0;

  constructor(home: Home, offsets: readonly ZoneOffset[], step: number) {
    this.#home = home;
    this.#step = step;
    this.#offsets = offsets;
    const minuteOf = (time: string) => Number(time.slice(0, 2)) * 60 + Number(time.slice(3));
    this.#reset = minuteOf(home.profile.rules.quotaReset);
    this.#schedules = home.profile.rules.schedules.map((of) => ({
      of,
      start: minuteOf(of.start),
      end: minuteOf(of.end),
    }));
  }

  /** The mode in the step that begins at `at`; those before must have been asked for. */
  step(at: Instant): AccessMode {
    const { profile } = this.#home;
    const local = this.#local(at);
    const quotaDay = this.#quotaDayOf(local);
    if (quotaDay !== this.#quotaDay) this.#used = 0;
    this.#quotaDay = quotaDay;
    this.usedBefore = this.#used;

    const day = Math.floor(local / DAY_MINUTES);
    const minute = local - day * DAY_MINUTES;
    const inside = (mode: Schedule['mode']) => this.#isInside(mode, day, minute);
    const granted = profile.grant !== null && at < profile.grant.until;
    const paused = profile.pause !== null && at < (profile.pause.until ?? Number.POSITIVE_INFINITY);
    const tapped = profile.learning !== null && at < (profile.learning.until ?? Number.POSITIVE_INFINITY);

    const off = paused || inside('offline');
    const study = tapped || inside('learning');
    const counts = !off && !study && !inside('free') && !(granted && at >= (profile.grant?.since ?? 0));
    const spent = counts && this.#used >= this.#limit(quotaDay);
    if (counts && (granted || !spent)) this.#used += this.#step;
    if (granted) return 'open';
    if (off) return 'off';
    if (study) return 'learning';
    return spent ? 'off' : 'open';
  }

  #local(at: Instant): number {
    return at / MINUTE + offsetAt(this.#offsets, at);
  }

  #quotaDayOf(local: number): number {
    return Math.floor((local - this.#reset) / DAY_MINUTES);
  }

  #limit(quotaDay: number): number {
    const known = this.#limits.get(quotaDay);
    if (known !== undefined) return known;
    const { rules, bonuses } = this.#home.profile;
    const minutes = rules.quotas[0]?.minutes[(((quotaDay + 3) % 7) + 7) % 7] ?? NO_LIMIT;
    const added = bonuses
      .filter(({ quota, at }) => quota === NETWORK && this.#quotaDayOf(this.#local(at)) === quotaDay)
      .reduce((sum, bonus) => sum + bonus.minutes, 0);
    const limit = minutes === NO_LIMIT ? Number.POSITIVE_INFINITY : minutes + added;
    this.#limits.set(quotaDay, limit);
    return limit;
  }

  #isInside(mode: Schedule['mode'], day: number, minute: number): boolean {
    return this.#schedules.some(({ of, start, end }) => {
      if (of.mode !== mode) return false;
      const startsOn = (started: number) => of.days.includes(((started + 3) % 7) + 1);
      // Of a night, both halves are of the morning's day.
      if (end === 0 || end > start) {
        return startsOn(day) && minute >= start && (end === 0 || minute < end) && this.#holdsOn(of, day);
      }
      if (minute >= start && startsOn(day) && this.#holdsOn(of, day + 1)) return true;
      return minute < end && startsOn(day - 1) && this.#holdsOn(of, day);
    });
  }

  #holdsOn({ holidays }: Schedule, day: number): boolean {
    if (holidays === 'included') return true;
    let free = this.#holidays.get(day);
    if (free === undefined) {
      const date = new Date(day * DAY).toISOString().slice(0, 10);
      free = this.#home.holidays.some(({ from, to }) => date >= from && date <= to);
      this.#holidays.set(day, free);
    }
    return (holidays === 'only') === free;
  }
}

describe.each(zones)('in %s', (zone) => {
  const offsets = offsetsOf(zone);
  const changes = offsets.slice(1).map(({ from }) => from);
  const mayFallEitherWay = (at: Instant) =>
    changes.some((change) => at >= change - BEFORE_CHANGE && at < change + AFTER_CHANGE);

  it.each([
    [1, 1],
    [5, 6],
  ])(
    'access is as a walk over a year in steps of %i min finds it, and changes when it says',
    (step, numRuns) => {
      fc.assert(
        fc.property(homeOn(step), (home) => {
          expect(disagreements(home, step)).toEqual([]);
        }),
        { numRuns, seed: 20261121 + zones.indexOf(zone) },
      );
    },
    120_000,
  );

  function disagreements({ profile, holidays }: Home, step: number): string[] {
    const walk = new Walk({ profile, holidays }, offsets, step);
    const wrong: string[] = [];
    let asked = YEAR.from;
    // What was used is known of the quota day of the minute that is walked alone.
    const used = (_child: string, _quota: string, at: Instant) =>
      at === asked ? walk.usedBefore : Number.NaN;
    const basis = { offsets, holidays, used };
    const saidAt = (at: Instant): Access => {
      asked = at;
      return accessAt(profile, basis, at);
    };
    let said: Access | undefined;
    let before: AccessMode | undefined;
    for (let at = YEAR.from; at < YEAR.to && wrong.length < 3; at += step * MINUTE) {
      const mode = walk.step(at);
      if (mayFallEitherWay(at)) {
        said = undefined;
      } else {
        said ??= saidAt(at);
        const due = said.until !== null && at >= said.until;
        if (due && before === mode) wrong.push(`${text(at)} changes nothing`);
        if (due || at % (LOOK_AGAIN * step * MINUTE) === 0) {
          const now = saidAt(at);
          if (!due && now.until !== said.until && !nearChange(now.until, said.until)) {
            wrong.push(`${text(at)} until ${text(now.until)}, said before ${text(said.until)}`);
          }
          said = now;
        }
        if (said.mode !== mode) wrong.push(`${text(at)} is ${mode}, not ${said.mode}`);
      }
      before = mode;
    }
    return wrong;
  }

  function nearChange(...instants: (Instant | null)[]): boolean {
    return instants.some((at) => at !== null && mayFallEitherWay(at));
  }
});

function text(at: Instant | null): string {
  return at === null ? 'ever' : new Date(at).toISOString();
}
