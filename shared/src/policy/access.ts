import type { Id, Instant } from '../id.ts';
import type { Device, Grant, Pause, Profile } from './policy.ts';
import { type Quota, type QuotaDay, type QuotaTarget, quotaDayAt, quotaMinutes, type Used } from './quota.ts';
import { type Calendar, type Schedule, type ScheduleMode, type Window, windowsOf } from './schedule.ts';
import { DAY, MINUTE } from './zone.ts';

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
 * What `minutes` more make. They start when access would end, which is now for a child who is off; where a quota would
 * end it, they are added to that. Undefined where access does not end, so that there is nothing to lengthen.
 */
export function moreTime(
  profile: Timed,
  basis: AccessBasis,
  now: Instant,
  minutes: number,
): MoreTime | undefined {
  const course = new AccessCourse(profile, basis, now);
  const { online } = course.access();
  const end = online ? course.end() : now;
  if (end === null) return undefined;
  const quota = profile.rules.quotas.find(({ of }) => of.kind === 'network');
  if (online && quota !== undefined && course.at(end).reason === 'quota') {
    return { kind: 'bonus', quota: quota.id, minutes };
  }
  return { kind: 'grant', grant: { since: now, until: end + minutes * MINUTE } };
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
    const used = basis.used(profile.id, quota.id);
    return { quota, day, limit, used, left: limit === null ? null : Math.max(limit - used, 0) };
  });
}

/** Whether minutes count against quotas at `now`: not in an extra time, in the learning mode, or in a free window. */
export function quotasCountAt(profile: Timed, calendar: Calendar, now: Instant): boolean {
  if (holds(profile.grant, now) || holds(profile.learning, now)) return false;
  const resting = profile.rules.schedules.filter(({ mode }) => mode !== 'offline');
  return resting.length === 0 || windowsOf(resting, calendar, now, now + 1).length === 0;
}

/** What is blocked at `now` because its quota is spent; the network's own quota is not in it. */
export function spentTargets(
  profile: Timed,
  basis: AccessBasis,
  now: Instant,
): { readonly quota: Id; readonly of: QuotaTarget }[] {
  if (!quotasCountAt(profile, basis, now)) return [];
  return quotaStandings(profile, basis, now)
    .filter(({ quota, left }) => quota.of.kind !== 'network' && left === 0)
    .map(({ quota }) => ({ quota: quota.id, of: quota.of }));
}

/** A child's access from `now` on, as far as it is known. */
class AccessCourse {
  readonly #profile: Timed;
  readonly #basis: AccessBasis;
  readonly #now: Instant;
  readonly #windows: Readonly<Record<ScheduleMode, readonly Window[]>>;
  /** From when on the network's quota is spent, in the quota day that each is in. */
  readonly #spent: Window[] = [];
  readonly #horizons: readonly Instant[];
  readonly #quota: Quota | undefined;

  constructor(profile: Timed, basis: AccessBasis, now: Instant) {
    this.#profile = profile;
    this.#basis = basis;
    this.#now = now;
    // An extra time or a pause decides alone until it ends, which may be far ahead where the clock has yet to be set.
    this.#horizons = [now, ...this.#ends().filter((end) => end >= now + HORIZON)];
    this.#windows = {
      offline: this.#windowsOf('offline'),
      learning: this.#windowsOf('learning'),
      free: this.#windowsOf('free'),
    };
    this.#quota = profile.rules.quotas.find(({ of }) => of.kind === 'network');
    for (const from of this.#horizons) this.#spend(from);
  }

  access(): Access {
    const { mode, reason } = this.at(this.#now);
    const until = this.#edges().find((edge) => this.at(edge).mode !== mode) ?? null;
    return { mode, online: mode !== 'off', reason, until };
  }

  /** When the network goes off, for a child that is online; null where it does not. */
  end(): Instant | null {
    return this.#edges().find((edge) => this.at(edge).mode === 'off') ?? null;
  }

  at(instant: Instant): Standing {
    const before = this.#beforeQuota(instant);
    if (before !== undefined) return before;
    if (inside(this.#spent, instant)) return { mode: 'off', reason: 'quota' };
    return { mode: 'open', reason: 'free' };
  }

  /** What the rules that come before the quotas decide. */
  #beforeQuota(instant: Instant): Standing | undefined {
    if (holds(this.#profile.grant, instant)) return { mode: 'open', reason: 'grant' };
    if (holds(this.#profile.pause, instant)) return { mode: 'off', reason: 'pause' };
    if (inside(this.#windows.offline, instant)) return { mode: 'off', reason: 'schedule' };
    if (holds(this.#profile.learning, instant)) return { mode: 'learning', reason: 'learning' };
    if (inside(this.#windows.learning, instant)) return { mode: 'learning', reason: 'study-time' };
    return undefined;
  }

  /** Walks on from `start`, taking all time that counts as used, and notes when the network's quota is spent. */
  #spend(start: Instant): void {
    const quota = this.#quota;
    if (quota === undefined) return;
    const { rules, bonuses, id } = this.#profile;
    const { offsets, used } = this.#basis;
    for (let at = start; at < start + HORIZON; ) {
      const day = quotaDayAt(rules.quotaReset, offsets, at);
      const limit = quotaMinutes(quota, bonuses, day);
      const today = this.#now >= day.from && this.#now < day.to;
      let left = limit === null ? Number.POSITIVE_INFINITY : limit - (today ? used(id, quota.id) : 0);
      const stops = [...this.#plainEdges().filter((edge) => edge > at && edge < day.to), day.to];
      for (const stop of stops) {
        const counts = this.#beforeQuota(at) === undefined && !inside(this.#windows.free, at);
        if (counts) {
          const spentAt = at + Math.max(left, 0) * MINUTE;
          if (spentAt < stop) this.#spent.push({ from: spentAt, to: stop });
          left -= (stop - at) / MINUTE;
        }
        at = stop;
      }
    }
  }

  /** Every instant ahead at which something may change, in order. */
  #edges(): Instant[] {
    const spent = this.#spent.flatMap(({ from, to }) => [from, to]);
    return [...this.#plainEdges(), ...spent].filter((edge) => edge > this.#now).sort((a, b) => a - b);
  }

  /** Those that do not come of a quota. */
  #plainEdges(): Instant[] {
    const windows = Object.values(this.#windows).flatMap((of) => of.flatMap(({ from, to }) => [from, to]));
    return [...this.#ends(), ...windows]
      .filter((edge) => this.#horizons.some((from) => edge >= from && edge < from + HORIZON))
      .sort((a, b) => a - b);
  }

  #ends(): Instant[] {
    const { grant, pause, learning } = this.#profile;
    return [grant?.until, pause?.until, learning?.until].filter((end) => typeof end === 'number');
  }

  #windowsOf(mode: ScheduleMode): Window[] {
    const schedules: Schedule[] = this.#profile.rules.schedules.filter((schedule) => schedule.mode === mode);
    if (schedules.length === 0) return [];
    return this.#horizons.flatMap((from) => windowsOf(schedules, this.#basis, from, from + HORIZON));
  }
}

function holds(period: Pick<Pause, 'until'> | null, instant: Instant): boolean {
  return period !== null && (period.until === null || instant < period.until);
}

function inside(windows: readonly Window[], instant: Instant): boolean {
  return windows.some(({ from, to }) => from <= instant && instant < to);
}
