import { serviceById } from '@khien/shared/catalogue';
import type { Id, Instant } from '@khien/shared/id';
import { moreOfPart, moreTime, type PartTarget, type Profile, type ZoneOffset } from '@khien/shared/policy';
import type { Trx } from '../store/open.ts';
import { addBonus } from './bonuses.ts';
import { loadBasis } from './profile-view.ts';
import { saveProfile } from './profiles.ts';

interface Child {
  readonly household: Id;
  readonly profile: Profile;
  readonly offsets: readonly ZoneOffset[];
}

/**
 * Gives a child `minutes` more, as `moreTime` says: an extra time, or a bonus where a quota would end its access. Returns
 * false where access does not end, so that there is nothing to lengthen.
 *
 * @throws KhienError `LIMIT_REACHED`
 */
export async function giveMoreTime(
  trx: Trx,
  to: Child,
  minutes: number,
  given: { readonly by: Id; readonly now: Instant },
): Promise<boolean> {
  const { household, profile, offsets } = to;
  const basis = await loadBasis(trx, household, offsets, [profile], given.now);
  const more = moreTime(profile, basis, given.now, minutes);
  if (more === undefined) return false;
  if (more.kind === 'grant') {
    await saveProfile(trx, household, { ...profile, grant: more.grant });
  } else {
    const { quota, minutes } = more;
    await addBonus(trx, { household, profile: profile.id }, { quota, minutes, reason: '' }, given);
  }
  return true;
}

/**
 * Gives a child `minutes` more of a service or category, as `moreOfPart` says: bonuses of today.
 *
 * @throws KhienError `LIMIT_REACHED`
 */
export async function giveMoreOf(
  trx: Trx,
  to: Child,
  of: PartTarget,
  minutes: number,
  given: { readonly by: Id; readonly now: Instant },
): Promise<void> {
  const { household, profile, offsets } = to;
  const basis = await loadBasis(trx, household, offsets, [profile], given.now);
  const bonuses = moreOfPart(profile, basis, given.now, of, minutes, (id) => serviceById(id)?.category);
  for (const bonus of bonuses) {
    await addBonus(trx, { household, profile: profile.id }, { ...bonus, reason: '' }, given);
  }
}
