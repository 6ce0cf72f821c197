import type { Instant } from '@khien/shared/id';
import {
  type Access,
  type AccessBasis,
  type AccessMode,
  accessAt,
  type Device,
  deviceAccessAt,
  type Profile,
  type Schedule,
  windowsOf,
} from '@khien/shared/policy';

export interface ChildStatus extends Access {
  /** The mode from `until` on; null where that is. */
  readonly next: AccessMode | null;
  /** Whole minutes until `until`, rounded up; null where that is. */
  readonly minutesLeft: number | null;
  /** The schedule that makes it so now. */
  readonly schedule: Schedule | undefined;
}

/** What the child's page says of the network of one of the child's devices at `now`. */
export function childStatus(
  { profile, device }: { readonly profile: Profile; readonly device: Pick<Device, 'pause'> },
  basis: AccessBasis,
  now: Instant,
): ChildStatus {
  const access = deviceAccessAt(device, profile, basis, now);
  const { until } = access;
  return {
    ...access,
    next: until === null ? null : modeAfter(profile, access, basis, until),
    minutesLeft: until === null ? null : Math.ceil((until - now) / 60_000),
    schedule: scheduleOf(profile, access, basis, now),
  };
}

/** By then a device's own pause is over, and where rules alone change nothing a quota has been spent. */
function modeAfter(profile: Profile, { mode }: Access, basis: AccessBasis, until: Instant): AccessMode {
  const next = accessAt(profile, basis, until).mode;
  return next === mode ? 'off' : next;
}

function scheduleOf(
  profile: Profile,
  { reason, online }: Access,
  basis: AccessBasis,
  now: Instant,
): Schedule | undefined {
  if (reason !== 'schedule' && reason !== 'study-time') return undefined;
  return profile.rules.schedules.find(
    (schedule) =>
      schedule.mode === (online ? 'learning' : 'offline') &&
      windowsOf([schedule], basis, now, now + 1).length > 0,
  );
}
