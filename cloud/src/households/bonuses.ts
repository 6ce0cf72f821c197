import { KhienError } from '@khien/shared/error';
import { type Id, type Instant, newId } from '@khien/shared/id';
import { type Bonus, DAY } from '@khien/shared/policy';
import { notFound } from '../http/problem.ts';
import type { Db, Trx } from '../store/open.ts';

/** A bonus counts in one quota day, which lasts 25 hours at most: older ones are of no use to a router. */
export const BONUS_COUNTS = 2 * DAY;
/** As many of lately as a policy document holds of a child. */
export const MAX_BONUSES = 64;

interface BonusRow extends Bonus {
  readonly profile: Id;
}

/** Bonuses of lately, oldest first. */
export function listBonuses(db: Db, household: Id, now: Instant): Promise<BonusRow[]> {
  return db
    .selectFrom('bonus')
    .select(['id', 'profile', 'quota', 'minutes', 'at', 'reason'])
    .where('household', '=', household)
    .where('at', '>', now - BONUS_COUNTS)
    .orderBy('id')
    .execute();
}

/** @throws KhienError `LIMIT_REACHED` */
export async function addBonus(
  trx: Trx,
  to: { readonly household: Id; readonly profile: Id },
  bonus: Pick<Bonus, 'quota' | 'minutes' | 'reason'>,
  given: { readonly by: Id; readonly now: Instant },
): Promise<void> {
  const lately = await listBonuses(trx, to.household, given.now);
  if (lately.filter(({ profile }) => profile === to.profile).length >= MAX_BONUSES) {
    throw new KhienError('LIMIT_REACHED', `a child has ${MAX_BONUSES} bonuses in two days at most`);
  }
  await trx
    .insertInto('bonus')
    .values({ id: newId(given.now), ...to, ...bonus, at: given.now, given_by: given.by })
    .execute();
}

/** @throws KhienError `NOT_FOUND`, also for a bonus of another child */
export async function deleteBonus(trx: Trx, household: Id, profile: Id, id: Id): Promise<void> {
  const { numDeletedRows } = await trx
    .deleteFrom('bonus')
    .where('household', '=', household)
    .where('profile', '=', profile)
    .where('id', '=', id)
    .executeTakeFirst();
  if (numDeletedRows === 0n) throw notFound('bonus');
}
