import type { Id, Instant } from '../id.ts';
import type { Device, Grant, Pause, Profile } from './policy.ts';
import {
  NO_LIMIT,
  type PartTarget,
  type Quota,
  type QuotaDay,
  quotaDayAt,
  quotaMinutes,
  sameTarget,
  type Used,
} from './quota.ts';
import { type Calendar, type ScheduleMode, scheduleModes, type Window, windowsOf } from './schedule.ts';
import { DAY, instantOfLocal, MINUTE } from './zone.ts';

/** How far ahead is looked. Schedules and quotas repeat weekly; a week and a day covers every pattern. */
const HORIZON = 8 * DAY;

/** open: all that the rules of names allow. learning: only what study needs. */
export type AccessMode = 'open' | 'learning' | 'off';

/** Why a child's network is as it is, in the order in which the rules are asked: the first that applies decides. */
export const accessReasons = [
  'device-pause',
  'grant',
  'pause',
  'schedule',
  'learning',
  'study-time',
  'quota',
  'free',
] as const;
export type AccessReason = (typeof accessReasons)[number];

export interface Access {
  readonly mode: AccessMode;
  /** Whether `mode` is not `off`. */
  readonly online: boolean;
  readonly reason: AccessReason;
  /** The next instant at which `mode` changes by itself; null where nothing that is known now will change it. */
  readonly until: Instant | null;
}

/** What access is computed by, apart from the child's own rules. */
export interface AccessBasis extends Calendar {
  readonly used: Used;
}

export type Timed = Pick<Profile, 'id' | 'pause' | 'grant' | 'learning' | 'bonuses'> & {
  readonly rules: Pick<Profile['rules'], 'schedules' | 'quotas' | 'quotaReset'>;
};

type Standing = Pick<Access, 'mode' | 'reason'>;

/**
 * Whether a child's network is on at `now`, in which mode, why, and until when. Pure: the lease in the kernel, the
 * child's page and the parent's phone all come from here.
 *
 * Precedence: a grant (extra time) beats a pause, a pause beats the schedules, an offline window the learning mode of one
 * tap, that a learning window, that a spent quota of the whole network, and without any of them it is on. Quotas rest
 * during a grant, in the learning mode and in free windows. `until` takes all other time to come as used.
 */
export function accessAt(profile: Timed, basis: AccessBasis, now: Instant): Access {
  return new AccessCourse(profile, basis, now).access();
}

/** `accessAt` for one device of the child: its own pause beats everything. */
export function deviceAccessAt(
  device: Pick<Device, 'pause'>,
  profile: Timed,
  basis: AccessBasis,
  now: Instant,
): Access {
  const { pause } = device;
  const access = accessAt(profile, basis, now);
  if (!holds(pause, now)) {
    return access;
  }
  const until = pause?.until ?? null;
  if (until === null) return { mode: 'off', online: false, reason: 'device-pause', until: null };
  const after = accessAt(profile, basis, until);
  return {
    mode: 'off',
    online: false,
    reason: 'device-pause',
    until: after.online ? until : after.until,
  };
}

/** More time for a child: an extra time, or minutes more of the quota that would end access first. */
export type MoreTime =
  | { readonly kind: 'grant'; readonly grant: Grant }
  | { readonly kind: 'bonus'; readonly quota: Id; readonly minutes: number };

/**
 * What `minutes` more make. They start when open access would end, which is now for a child who is off or studies; where
 * a quota would end it, they are added to that. Undefined where access does not end, so that there is nothing to lengthen.
 */
export function moreTime(
  profile: Timed,
  basis: AccessBasis,
  now: Instant,
  minutes: number,
): MoreTime | undefined {
  const course = new AccessCourse(profile, basis, now);
  const end = course.end();
  if (end === undefined) return undefined;
  const quota = profile.rules.quotas.find(({ of }) => of.kind === 'network');
  if (end.from > now && end.reason === 'quota' && quota !== undefined) {
    return { kind: 'bonus', quota: quota.id, minutes };
  }
  const since = holds(profile.grant, now) ? Math.min(profile.grant?.since ?? end.from, end.from) : end.from;
  return { kind: 'grant', grant: { since, until: end.from + minutes * MINUTE } };
}

/**
 * What `minutes` more of a service or category add to its quotas: to its own, and to that of a service's category as much as
 * lacks there, since either ends it. What was used beyond a limit, as after one was lowered, is made up for. Empty where
 * nothing ends it today.
 *
 * @param categoryOf the category of a service
 */
export function moreOfPart(
  profile: Timed,
  basis: AccessBasis,
  now: Instant,
  of: PartTarget,
  minutes: number,
  categoryOf: (service: string) => string | undefined,
): { readonly quota: Id; readonly minutes: number }[] {
  const category = of.kind === 'service' ? categoryOf(of.id) : undefined;
  return quotaStandings(profile, basis, now).flatMap(({ quota, limit, used }) => {
    if (limit === null) return [];
    const left = Math.ceil(limit - used);
    if (sameTarget(quota.of, of)) return [{ quota: quota.id, minutes: bonusOf(minutes - Math.min(left, 0)) }];
    const isWider = quota.of.kind === 'category' && quota.of.id === category;
    return isWider && left < minutes ? [{ quota: quota.id, minutes: bonusOf(minutes - left) }] : [];
  });
}

/** As much as a bonus can be. */
function bonusOf(minutes: number): number {
  return Math.min(minutes, NO_LIMIT);
}

/** A quota as it stands in the quota day of now. */
export interface QuotaStanding {
  readonly quota: Quota;
  readonly day: QuotaDay;
  /** Minutes of the day with what was added; null where there is no limit on that day. */
  readonly limit: number | null;
  readonly used: number;
  /** Minutes left, not below 0; null without a limit. */
  readonly left: number | null;
}

/** Every quota of a child as it stands now, in the order of the rules. */
export function quotaStandings(profile: Timed, basis: AccessBasis, now: Instant): QuotaStanding[] {
  const day = quotaDayAt(profile.rules.quotaReset, basis.offsets, now);
  return profile.rules.quotas.map((quota) => {
    const limit = quotaMinutes(quota, profile.bonuses, day);
    const used = basis.used(profile.id, quota.id, now);
    return { quota, day, limit, used, left: limit === null ? null : Math.max(limit - used, 0) };
  });
}

/** Whether minutes count against quotas at `now`: not in an extra time that has begun, in the learning
 * mode, or in a free window. */
export function quotasCountAt(profile: Timed, calendar: Calendar, now: Instant): boolean {
  const { grant, learning } = profile;
  if ((holds(grant, now) && hasBegun(grant, now)) || holds(learning, now)) return false;
  const resting = profile.rules.schedules.filter(({ mode }) => mode !== 'offline');
  return resting.length === 0 || windowsOf(resting, calendar, now, now + 1).length === 0;
}

/** What is blocked at `now` because its quota is spent; the network's own quota is not in it. */
export function spentTargets(
  profile: Timed,
  basis: AccessBasis,
  now: Instant,
): { readonly quota: Id; readonly of: PartTarget }[] {
  if (!quotasCountAt(profile, basis, now)) return [];
  return quotaStandings(profile, basis, now).flatMap(({ quota: { id, of }, left }) =>
    of.kind !== 'network' && left === 0 ? [{ quota: id, of }] : [],
  );
}

/** A span in which access is the same; it lasts until the next begins. */
interface Stretch extends Standing {
  readonly from: Instant;
}

/** A child's access from `now` on, walked as far as is asked for. */
class AccessCourse {
  readonly #profile: Timed;
  readonly #basis: AccessBasis;
  readonly #now: Instant;
  readonly #quota: Quota | undefined;
  #day: QuotaDay | undefined;
  /** Minutes of the network's quota that are left in `#day`. */
  #left = Number.POSITIVE_INFINITY;

  constructor(profile: Timed, basis: AccessBasis, now: Instant) {
    this.#profile = profile;
    this.#basis = basis;
    this.#now = now;
    this.#quota = profile.rules.quotas.find(({ of }) => of.kind === 'network');
  }

  access(): Access {
    let first: Stretch | undefined;
    let until: Instant | null = null;
    for (const stretch of this.#stretches()) {
      first ??= stretch;
      if (stretch.mode === first.mode) continue;
      until = stretch.from;
      break;
    }
    const { mode, reason } = first ?? OPEN;
    return { mode, online: mode !== 'off', reason, until };
  }

  /** From when on, and why, not all is open: now for a child who is off or studies; undefined where nothing ends it. */
  end(): Stretch | undefined {
    for (const stretch of this.#stretches()) if (stretch.mode !== 'open') return stretch;
    return undefined;
  }

  *#stretches(): Generator<Stretch> {
    this.#day = undefined;
    for (const span of this.#spans()) {
      const windows = this.#windowsIn(span);
      let at = span.from;
      for (const stop of [...this.#edgesIn(span, windows), span.to]) {
        if (stop > at) yield* this.#between(at, stop, windows);
        at = stop;
      }
    }
  }

  /** From one edge to the next, where the network's quota alone can change anything. */
  *#between(from: Instant, to: Instant, windows: Windows): Generator<Stretch> {
    const { grant } = this.#profile;
    const decided = this.#beforeQuota(from, windows, grant);
    const quota = this.#quota;
    if (quota === undefined) {
      yield { from, ...(decided ?? OPEN) };
      return;
    }
    // Until an extra time begins, what is used counts as if it were not there.
    const using = hasBegun(grant, from) ? decided : this.#beforeQuota(from, windows, null);
    const counts = using === undefined && !inside(windows.free, from);
    for (let at = from; at < to; ) {
      const end = Math.min(this.#quotaDay(quota, at).to, to);
      const spentAt = at + Math.max(this.#left, 0) * MINUTE;
      if (counts) this.#left -= (end - at) / MINUTE;
      const isSpent = counts && decided === undefined;
      if (!isSpent || spentAt > at) yield { from: at, ...(decided ?? OPEN) };
      if (isSpent && spentAt < end) yield { from: Math.max(at, spentAt), ...SPENT };
      at = end;
    }
  }

  /** What the rules that come before the quotas decide. */
  #beforeQuota(instant: Instant, windows: Windows, grant: Grant | null): Standing | undefined {
    const { pause, learning } = this.#profile;
    if (holds(grant, instant)) return { mode: 'open', reason: 'grant' };
    if (holds(pause, instant)) return { mode: 'off', reason: 'pause' };
    if (inside(windows.offline, instant)) return { mode: 'off', reason: 'schedule' };
    if (holds(learning, instant)) return { mode: 'learning', reason: 'learning' };
    if (inside(windows.learning, instant)) return { mode: 'learning', reason: 'study-time' };
    return undefined;
  }

  /** The quota day of `at`; where it is another than before, its minutes are counted down anew. */
  #quotaDay(quota: Quota, at: Instant): QuotaDay {
    if (this.#day !== undefined && at >= this.#day.from && at < this.#day.to) return this.#day;
    const { rules, bonuses, id } = this.#profile;
    const day = quotaDayAt(rules.quotaReset, this.#basis.offsets, at);
    const limit = quotaMinutes(quota, bonuses, day);
    const isToday = this.#now >= day.from && this.#now < day.to;
    const used = isToday ? this.#basis.used(id, quota.id, this.#now) : 0;
    this.#left = limit === null ? Number.POSITIVE_INFINITY : limit - used;
    this.#day = day;
    return day;
  }

  /** What is walked: a day, which most often says it all, the rest of the week, and what makes later weeks differ. */
  *#spans(): Generator<Window> {
    const tomorrow = this.#now + DAY;
    yield { from: this.#now, to: tomorrow };
    let walked = tomorrow;
    for (const { from, to } of [{ from: tomorrow, to: this.#now + HORIZON }, ...this.#unlikeWeeks()]) {
      const start = Math.max(from, walked);
      walked = Math.max(walked, to);
      if (start < walked) yield { from: start, to: walked };
    }
  }

  /** What is decided by a tap changes when it ends, and what is decided by schedules where holidays are. */
  #unlikeWeeks(): Window[] {
    const { rules } = this.#profile;
    const { holidays, offsets } = this.#basis;
    const ends = this.#ends().map((end) => ({ from: end, to: end + HORIZON }));
    const askHolidays = rules.schedules.some((schedule) => schedule.holidays !== 'included');
    if (!askHolidays) return ends.sort(byStart);
    const free = holidays.map(({ from, to }) => ({
      // A day earlier for the window of the eve, and one for the zone.
      from: instantOfLocal(offsets, Date.parse(from)) - 2 * DAY,
      to: instantOfLocal(offsets, Date.parse(to)) + DAY + HORIZON,
    }));
    return [...ends, ...free].sort(byStart);
  }

  #edgesIn({ from, to }: Window, windows: Windows): Instant[] {
    const edges = this.#ends().filter((edge) => edge > from && edge < to);
    for (const mode of scheduleModes) {
      for (const window of windows[mode]) {
        if (window.from > from && window.from < to) edges.push(window.from);
        if (window.to > from && window.to < to) edges.push(window.to);
      }
    }
    return edges.sort((a, b) => a - b);
  }

  #ends(): Instant[] {
    const { grant, pause, learning } = this.#profile;
    const ends = [grant?.since, grant?.until, pause?.until, learning?.until];
    return ends.filter((end) => typeof end === 'number');
  }

  #windowsIn({ from, to }: Window): Windows {
    const { schedules } = this.#profile.rules;
    const of = (mode: ScheduleMode) => {
      const some = schedules.filter((schedule) => schedule.mode === mode);
      return some.length === 0 ? [] : windowsOf(some, this.#basis, from, to);
    };
    return { offline: of('offline'), learning: of('learning'), free: of('free') };
  }
}

type Windows = Readonly<Record<ScheduleMode, readonly Window[]>>;
const OPEN: Standing = { mode: 'open', reason: 'free' };
const SPENT: Standing = { mode: 'off', reason: 'quota' };

/** Of a grant that is queued after the end of access, its time has not come before `since`. */
function hasBegun(grant: Grant | null, instant: Instant): boolean {
  return grant === null || grant.since <= instant;
}

function byStart(a: Window, b: Window): number {
  return a.from - b.from;
}

function holds(period: Pick<Pause, 'until'> | null, instant: Instant): boolean {
  return period !== null && (period.until === null || instant < period.until);
}

function inside(windows: readonly Window[], instant: Instant): boolean {
  return windows.some(({ from, to }) => from <= instant && instant < to);
}
