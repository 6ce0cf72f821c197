import type { Instant } from '@khien/shared/id';
import {
  type Access,
  type AccessBasis,
  accessAt,
  DAY,
  type Device,
  deviceAccessAt,
  MINUTE,
  type Profile,
  type QuotaTarget,
  quotaStandings,
  quotasCountAt,
  spentTargets,
  windowsOf,
} from '@khien/shared/policy';

/** What time says of a child now. */
export interface ChildTimes {
  readonly access: Access;
  /** Services and categories whose time of today is used up. */
  readonly spent: readonly { readonly of: QuotaTarget }[];
  /**
   * Where a quota ends access: from when on a lease may end as well. The later end moves on while nothing is used, and a
   * lease that ends between the two need not be renewed. Null where access ends at `access.until`, whatever is used.
   */
  readonly leaseFrom: Instant | null;
  /** When to look again, at the latest: something may be another by then. */
  readonly next: Instant | null;
}

/** A lease is looked at well before it ends, and not more often than that (milliseconds). */
const SHORTEST_WAIT = 10_000;

export function childTimes(profile: Profile, basis: AccessBasis, now: Instant): ChildTimes {
  const access = accessAt(profile, basis, now);
  const leaseFrom = isEndedByQuota(profile, basis, access, now)
    ? now + ((access.until ?? now) - now) / 2
    : null;
  const next = [...quotaChanges(profile, basis, now)];
  if (access.until !== null) next.push(access.until);
  if (leaseFrom !== null) next.push(now + Math.max((leaseFrom - now) / 2, SHORTEST_WAIT));
  return {
    access,
    spent: spentTargets(profile, basis, now),
    leaseFrom,
    next: next.length === 0 ? null : Math.min(...next),
  };
}

/** The same access, but for a device that is paused alone. */
export function deviceAccess(
  device: Pick<Device, 'pause'>,
  profile: Profile,
  access: Access,
  basis: AccessBasis,
  now: Instant,
): Access {
  return device.pause === null ? access : deviceAccessAt(device, profile, basis, now);
}

function isEndedByQuota(
  profile: Profile,
  basis: AccessBasis,
  { online, until }: Access,
  now: Instant,
): boolean {
  const { rules } = profile;
  if (!online || until === null || !rules.quotas.some(({ of }) => of.kind === 'network')) return false;
  const others = rules.quotas.filter(({ of }) => of.kind !== 'network');
  return accessAt({ ...profile, rules: { ...rules, quotas: others } }, basis, now).until !== until;
}

/** When quotas of services and categories may be spent or come back: none of that ends access. */
export function* quotaChanges(profile: Profile, basis: AccessBasis, now: Instant): Generator<Instant> {
  const { grant, learning, rules } = profile;
  const counts = quotasCountAt(profile, basis, now);
  for (const { quota, day, left } of quotaStandings(profile, basis, now)) {
    if (quota.of.kind === 'network') continue;
    yield day.to;
    if (counts && left !== null && left > 0) yield now + left * MINUTE;
  }
  if (rules.quotas.length === 0) return;
  const resting = rules.schedules.filter(({ mode }) => mode !== 'offline');
  const edges = windowsOf(resting, basis, now, now + DAY).flatMap(({ from, to }) => [from, to]);
  for (const edge of [...edges, grant?.since, grant?.until, learning?.until]) {
    if (typeof edge === 'number' && edge > now) yield edge;
  }
}
