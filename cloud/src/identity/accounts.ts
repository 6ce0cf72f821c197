import { KhienError } from '@khien/shared/error';
import { type Id, type Instant, newId } from '@khien/shared/id';
import type { z } from 'zod';
import type { Db, Trx } from '../store/open.ts';
import type { Account, signUpSchema } from './schema.ts';

/**
 * Makes the account, its household and the membership that ties them.
 *
 * @throws KhienError `EMAIL_TAKEN`
 */
export async function createAccount(
  trx: Trx,
  input: z.output<typeof signUpSchema>,
  passwordHash: string,
  now: Instant,
): Promise<Id> {
  const account = newId(now);
  const household = newId(now);
  const inserted = await trx
    .insertInto('account')
    .values({
      id: account,
      email: input.email,
      name: input.name,
      language: input.language,
      password_hash: passwordHash,
      created_at: now,
    })
    .onConflict((conflict) => conflict.column('email').doNothing())
    .executeTakeFirst();
  if (inserted.numInsertedOrUpdatedRows !== 1n) {
    throw new KhienError('EMAIL_TAKEN', 'there is an account with this email');
  }
  await trx
    .insertInto('household')
    .values({ id: household, ...input.household, language: input.language, created_at: now })
    .execute();
  await trx.insertInto('member').values({ household, account, role: 'owner' }).execute();
  return account;
}

export function findByEmail(db: Db, email: string): Promise<{ id: Id; password_hash: string } | undefined> {
  return db
    .selectFrom('account')
    .select(['id', 'password_hash'])
    .where('email', '=', email)
    .executeTakeFirst();
}

export async function loadAccount(db: Db, id: Id): Promise<Account> {
  const account = await db
    .selectFrom('account')
    .select(['id', 'email', 'name', 'language'])
    .where('id', '=', id)
    .executeTakeFirstOrThrow();
  const households = await db
    .selectFrom('member')
    .innerJoin('household', 'household.id', 'member.household')
    .select(['household.id', 'household.name'])
    .where('member.account', '=', id)
    .orderBy('household.id')
    .execute();
  return { ...account, households };
}
