import type { Instant } from '@khien/shared/id';
import {
  type Access,
  accessAt,
  type Profile,
  type Schedule,
  windowsOf,
  type ZoneOffset,
} from '@khien/shared/policy';

export interface ChildStatus extends Access {
  /** Whole minutes until `until`, rounded up; null where that is. */
  readonly minutesLeft: number | null;
  /** The schedule that has it off now. */
  readonly schedule: Schedule | undefined;
}

/** What the child's page says of the network at `now`. */
export function childStatus(profile: Profile, offsets: readonly ZoneOffset[], now: Instant): ChildStatus {
  const access = accessAt(profile, offsets, now);
  return {
    ...access,
    minutesLeft: access.until === null ? null : Math.ceil((access.until - now) / 60_000),
    schedule:
      access.reason === 'schedule'
        ? profile.rules.schedules.find((schedule) => windowsOf([schedule], offsets, now, now + 1).length > 0)
        : undefined,
  };
}
