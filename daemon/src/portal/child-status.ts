import type { Instant } from '@khien/shared/id';
import {
  type Access,
  type AccessBasis,
  accessAt,
  type Profile,
  type Schedule,
  windowsOf,
} from '@khien/shared/policy';

export interface ChildStatus extends Access {
  /** Whole minutes until `until`, rounded up; null where that is. */
  readonly minutesLeft: number | null;
  /** The schedule that makes it so now. */
  readonly schedule: Schedule | undefined;
}

/** What the child's page says of the network at `now`. */
export function childStatus(profile: Profile, basis: AccessBasis, now: Instant): ChildStatus {
  const access = accessAt(profile, basis, now);
  return {
    ...access,
    minutesLeft: access.until === null ? null : Math.ceil((access.until - now) / 60_000),
    schedule:
      access.reason === 'schedule' || access.reason === 'study-time'
        ? profile.rules.schedules.find(
            (schedule) =>
              schedule.mode === (access.online ? 'learning' : 'offline') &&
              windowsOf([schedule], basis, now, now + 1).length > 0,
          )
        : undefined,
  };
}
