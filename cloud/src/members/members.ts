import { KhienError } from '@khien/shared/error';
import type { Id } from '@khien/shared/id';
import { notFound } from '../http/problem.ts';
import type { Role } from '../rights/right.ts';
import type { Db, Trx } from '../store/open.ts';
import type { MemberView } from './schema.ts';

/** In the order in which they have joined. */
export async function listMembers(db: Db, household: Id, me: Id): Promise<MemberView[]> {
  const rows = await db
    .selectFrom('member')
    .innerJoin('account', 'account.id', 'member.account')
    .select(['member.account', 'account.name', 'member.role', 'member.joined_at as joinedAt'])
    .where('member.household', '=', household)
    .orderBy('member.joined_at')
    .orderBy('member.account')
    .execute();
  return rows.map((row) => ({ ...row, me: row.account === me }));
}

/**
 * To be called in `ofHousehold`, as the next. Whoever is an owner no more has no open invitations, no keys and no webhooks either.
 *
 * @throws KhienError `NOT_FOUND`, `LAST_OWNER`
 */
export async function changeRole(trx: Trx, household: Id, account: Id, role: Role): Promise<void> {
  const { numUpdatedRows } = await trx
    .updateTable('member')
    .set({ role })
    .where('household', '=', household)
    .where('account', '=', account)
    .executeTakeFirst();
  if (numUpdatedRows === 0n) throw notFound('member');
  if (role === 'owner') return;
  await keepOwner(trx, household);
  await endAsOwner(trx, household, account);
}

/** @throws KhienError `NOT_FOUND`, `LAST_OWNER` */
export async function removeMember(trx: Trx, household: Id, account: Id): Promise<void> {
  const { numDeletedRows } = await trx
    .deleteFrom('member')
    .where('household', '=', household)
    .where('account', '=', account)
    .executeTakeFirst();
  if (numDeletedRows === 0n) throw notFound('member');
  await keepOwner(trx, household);
  await endAsOwner(trx, household, account);
}

async function keepOwner(trx: Trx, household: Id): Promise<void> {
  const owner = await trx
    .selectFrom('member')
    .select('account')
    .where('household', '=', household)
    .where('role', '=', 'owner')
    .executeTakeFirst();
  if (owner === undefined) throw new KhienError('LAST_OWNER', 'make somebody else an owner first');
}

/** What somebody made as an owner. */
async function endAsOwner(trx: Trx, household: Id, account: Id): Promise<void> {
  await trx
    .deleteFrom('invitation')
    .where('household', '=', household)
    .where('invited_by', '=', account)
    .execute();
  for (const table of ['api_key', 'webhook'] as const) {
    await trx.deleteFrom(table).where('household', '=', household).where('account', '=', account).execute();
  }
}
