import type { Instant } from '@khien/shared/id';
import {
  type Access,
  type AccessBasis,
  DAY,
  type Device,
  deviceAccessAt,
  MINUTE,
  type Policy,
  type Profile,
  quotaDayAt,
} from '@khien/shared/policy';
import { quotaChanges } from '../enforce/child-times.ts';
import type { UsedAt } from '../usage/account.ts';

/** A device with its child; undefined where no policy has it. */
export interface ChildDevice {
  readonly profile: Profile;
  readonly device: Device;
}

/** So far ahead is looked for a change; schedules and quotas repeat weekly. */
const HORIZON = 8 * DAY;
const MOST_STEPS = 200;

/** What may be looked at of times to come: what is known now, with all time until then taken as used. */
export function basisAhead(
  policy: Policy,
  used: UsedAt,
  access: Access,
  now: Instant,
  at: Instant,
): AccessBasis {
  const ahead = access.online ? (at - now) / MINUTE : 0;
  return {
    ...policy,
    used: (child, quota) => {
      const reset = policy.profiles.find(({ id }) => id === child)?.rules.quotaReset ?? '00:00';
      const isToday = at < quotaDayAt(reset, policy.offsets, now).to;
      return isToday ? used(child, quota, now) + ahead : used(child, quota, at);
    },
  };
}

/** The first instant after `now` at which `say` says something else than now; null where none is known. */
export function nextChange(
  { profile, device }: ChildDevice,
  now: Instant,
  basisAt: (at: Instant) => AccessBasis,
  say: (at: Instant) => string,
): Instant | null {
  const said = say(now);
  let at = now;
  for (let step = 0; step < MOST_STEPS; step++) {
    const basis = basisAt(at);
    const edges = [
      deviceAccessAt(device, profile, basis, at).until,
      device.pause?.until,
      ...quotaChanges(profile, basis, at),
    ].filter((edge) => typeof edge === 'number' && edge > at);
    const next = Math.min(...edges.map(Number));
    if (next > now + HORIZON) return null;
    at = next;
    if (say(at) !== said) return at;
  }
  return null;
}
