import { KhienError } from '@khien/shared/error';
import type { Id, Instant } from '@khien/shared/id';
import type { z } from 'zod';
import { isDuplicate } from '../store/duplicate.ts';
import type { Db, Trx } from '../store/open.ts';
import type { Account, accountChangeSchema, newcomerSchema } from './schema.ts';
import type { Session } from './sessions.ts';

export type Newcomer = Pick<z.output<typeof newcomerSchema>, 'name' | 'language'> & { email: string | null };

/** @throws KhienError `EMAIL_TAKEN` */
export async function createAccount(
  trx: Trx,
  id: Id,
  { name, language, email }: Newcomer,
  now: Instant,
): Promise<void> {
  const inserted = await trx
    .insertInto('account')
    .values({ id, email, name, language, created_at: now })
    .onConflict((conflict) => conflict.column('email').doNothing())
    .executeTakeFirst();
  if (inserted.numInsertedOrUpdatedRows !== 1n) throw emailTaken();
}

/** @throws KhienError `EMAIL_TAKEN` */
export async function changeAccount(
  db: Db,
  id: Id,
  change: z.output<typeof accountChangeSchema>,
): Promise<void> {
  try {
    await db
      .updateTable('account')
      .set({ id, ...change })
      .where('id', '=', id)
      .execute();
  } catch (error) {
    throw isDuplicate(error) ? emailTaken() : error;
  }
}

function emailTaken(): KhienError {
  return new KhienError('EMAIL_TAKEN', 'there is an account with this email');
}

function accountGone(): KhienError {
  return new KhienError('UNAUTHENTICATED', 'the account is not there any more');
}

/**
 * Keeps others from changing at the same time by what this account may be signed in to.
 *
 * @param gone what is thrown where it was deleted meanwhile
 * @throws KhienError `UNAUTHENTICATED` where it was, unless told otherwise
 */
export function lockAccount(
  trx: Trx,
  id: Id,
  gone: () => KhienError = accountGone,
): Promise<{ email: string | null; name: string }> {
  return trx
    .updateTable('account')
    .set((expression) => ({ name: expression.ref('name') }))
    .where('id', '=', id)
    .returning(['email', 'name'])
    .executeTakeFirstOrThrow(gone);
}

/** @throws KhienError `UNAUTHENTICATED` where it was deleted meanwhile */
export async function loadAccount(
  db: Db,
  { account: id, recovering }: Pick<Session, 'account' | 'recovering'>,
): Promise<Account> {
  const account = await db
    .selectFrom('account')
    .select(['id', 'email', 'name', 'language'])
    .where('id', '=', id)
    .executeTakeFirstOrThrow(accountGone);
  const households = await db
    .selectFrom('member')
    .innerJoin('household', 'household.id', 'member.household')
    .select(['household.id', 'household.name', 'member.role'])
    .where('member.account', '=', id)
    .orderBy('household.id')
    .execute();
  return { ...account, households, recovering };
}
