import type { Instant } from '@khien/shared/id';
import {
  type AccessBasis,
  type Device,
  deviceAccessAt,
  type PartTarget,
  type Policy,
  type Profile,
  spentTargets,
} from '@khien/shared/policy';
import type { Askable } from './request-form.ts';

/**
 * What a child on this device can ask more time of now: of the network where that is off or will be, and while it is on of
 * every service and category whose time of today is used up, and which is not blocked besides. Empty where nothing is limited.
 */
export function askableNow(
  { profile, device }: { readonly profile: Profile; readonly device: Pick<Device, 'pause'> },
  basis: AccessBasis & Pick<Policy, 'services'>,
  now: Instant,
): Askable[] {
  const { online, until } = deviceAccessAt(device, profile, basis, now);
  if (!online) return [null];
  const parts = spentTargets(profile, basis, now).flatMap(({ of }) =>
    isBlocked(of, profile, basis) ? [] : [of],
  );
  return until === null ? parts : [...parts, null];
}

function isBlocked(of: PartTarget, { rules }: Profile, { services }: Pick<Policy, 'services'>): boolean {
  if (of.kind === 'category') return rules.blockedCategories.includes(of.id);
  const category = services.find(({ id }) => id === of.id)?.category;
  return (
    rules.blockedServices.includes(of.id) ||
    (category !== undefined && rules.blockedCategories.includes(category))
  );
}
