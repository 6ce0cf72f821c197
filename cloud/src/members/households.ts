import { KhienError } from '@khien/shared/error';
import { type Id, type Instant, newId } from '@khien/shared/id';
import type { z } from 'zod';
import { lockAccount } from '../identity/accounts.ts';
import type { householdRequestSchema } from '../identity/schema.ts';
import type { Role } from '../rights/right.ts';
import type { Trx } from '../store/open.ts';

/** Homes that one person has a say in: the own, the grandparents', … */
const HOUSEHOLDS_OF_AN_ACCOUNT = 10;
/** People of one household. */
export const MEMBERS_OF_A_HOUSEHOLD = 20;

/** A new household, of which the account is the owner. @throws KhienError what {@link addMember} throws */
export async function foundHousehold(
  trx: Trx,
  account: Id,
  form: z.output<typeof householdRequestSchema> & { language: 'vi' | 'en' },
  now: Instant,
): Promise<Id> {
  const household = newId(now);
  await trx
    .insertInto('household')
    .values({ id: household, ...form, created_at: now })
    .execute();
  await addMember(trx, { household, account, role: 'owner' }, now);
  return household;
}

/**
 * To be called while nobody else changes the household's members. Households of the account are counted with the account
 * locked: they may be made many at once.
 *
 * @throws KhienError `ALREADY_MEMBER`, `LIMIT_REACHED`, `UNAUTHENTICATED` where the account was deleted meanwhile
 */
export async function addMember(
  trx: Trx,
  member: { household: Id; account: Id; role: Role },
  now: Instant,
): Promise<void> {
  await lockAccount(trx, member.account);
  const rows = await trx
    .selectFrom('member')
    .select(['household', 'account'])
    .where((either) =>
      either.or([either('household', '=', member.household), either('account', '=', member.account)]),
    )
    .execute();
  const people = rows.filter(({ household }) => household === member.household);
  const homes = rows.filter(({ account }) => account === member.account);
  if (people.some(({ account }) => account === member.account)) {
    throw new KhienError('ALREADY_MEMBER', 'the account belongs to the household already');
  }
  if (people.length >= MEMBERS_OF_A_HOUSEHOLD || homes.length >= HOUSEHOLDS_OF_AN_ACCOUNT) {
    throw new KhienError('LIMIT_REACHED', 'the household or the account has as many as it can have');
  }
  await trx
    .insertInto('member')
    .values({ ...member, joined_at: now })
    .execute();
}
