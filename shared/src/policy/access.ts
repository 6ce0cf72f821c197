import type { Instant } from '../id.ts';
import type { Grant, Profile } from './policy.ts';
import { windowsOf } from './schedule.ts';
import type { ZoneOffset } from './zone.ts';

/** How far ahead schedules are looked at. They repeat weekly; a week and a day covers every pattern. */
const HORIZON = 8 * 24 * 3600 * 1000;

/** Why a child's network is on or off, in the order in which the rules are asked: the first that applies decides. */
export type AccessReason = 'grant' | 'pause' | 'schedule' | 'free';

export interface Access {
  readonly online: boolean;
  readonly reason: AccessReason;
  /** The next instant at which `online` changes by itself; null where nothing that is known now will change it. */
  readonly until: Instant | null;
}

type Timed = Pick<Profile, 'pause' | 'grant'> & { rules: Pick<Profile['rules'], 'schedules'> };

/**
 * Whether a child's network is on at `now`, why, and until when. Pure: the lease in the kernel, the child's page and
 * the parent's phone all come from here.
 *
 * Precedence: a grant (extra time) beats a pause, a pause beats the schedules, and without any of them it is on.
 */
export function accessAt(profile: Timed, offsets: readonly ZoneOffset[], now: Instant): Access {
  const ends = [profile.grant?.until, profile.pause?.until].filter((end) => typeof end === 'number');
  // An extra time or a pause decides alone until it ends, which may be far ahead where the clock has yet to be set.
  const horizons = [now, ...ends.filter((end) => end >= now + HORIZON)];
  const windows = horizons.flatMap((from) =>
    windowsOf(profile.rules.schedules, offsets, from, from + HORIZON),
  );
  const at = (instant: Instant): Pick<Access, 'online' | 'reason'> => {
    if (profile.grant !== null && instant < profile.grant.until) return { online: true, reason: 'grant' };
    if (profile.pause !== null && (profile.pause.until === null || instant < profile.pause.until)) {
      return { online: false, reason: 'pause' };
    }
    if (windows.some((window) => window.from <= instant && instant < window.to)) {
      return { online: false, reason: 'schedule' };
    }
    return { online: true, reason: 'free' };
  };

  const present = at(now);
  const edges = [...ends, ...windows.flatMap(({ from, to }) => [from, to])]
    .filter((edge) => edge > now && horizons.some((from) => edge >= from && edge < from + HORIZON))
    .sort((a, b) => a - b);
  const until = edges.find((edge) => at(edge).online !== present.online) ?? null;
  return { ...present, until };
}

/**
 * The grant that `minutes` more make: they start when access would end, which is now for a child who is off.
 * Undefined where access does not end, so that there is nothing to lengthen.
 */
export function grantMore(
  profile: Timed,
  offsets: readonly ZoneOffset[],
  now: Instant,
  minutes: number,
): Grant | undefined {
  const access = accessAt(profile, offsets, now);
  if (access.online && access.until === null) return undefined;
  const end = access.online && access.until !== null ? access.until : now;
  return { since: now, until: end + minutes * 60_000 };
}
