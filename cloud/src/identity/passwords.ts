import type { Id, Instant } from '@khien/shared/id';
import type { Db } from '../store/open.ts';
import { hashPassword, verifyPassword } from './password.ts';
import type { Security } from './schema.ts';

/** Checking against this takes as long as checking a real one, so that time does not tell what is known. */
const decoy = hashPassword('nobody signs in with this');

/** Takes its place where there is one. */
export async function setPassword(db: Db, account: Id, hash: string, now: Instant): Promise<void> {
  await db
    .insertInto('password')
    .values({ account, hash, changed_at: now })
    .onConflict((conflict) => conflict.column('account').doUpdateSet({ hash, changed_at: now }))
    .execute();
}

export async function dropPassword(db: Db, account: Id): Promise<void> {
  await db.deleteFrom('password').where('account', '=', account).execute();
}

export async function isPasswordOf(db: Db, account: Id, password: string): Promise<boolean> {
  const row = await db
    .selectFrom('password')
    .select('hash')
    .where('account', '=', account)
    .executeTakeFirst();
  const right = await verifyPassword(row?.hash ?? (await decoy), password);
  return row !== undefined && right;
}

/** The account that this email and password open; it takes as long where there is none. */
export async function accountOfPassword(db: Db, email: string, password: string): Promise<Id | undefined> {
  const row = await db
    .selectFrom('account')
    .innerJoin('password', 'password.account', 'account.id')
    .select(['account.id', 'password.hash'])
    .where('account.email', '=', email)
    .executeTakeFirst();
  const right = await verifyPassword(row?.hash ?? (await decoy), password);
  return row !== undefined && right ? row.id : undefined;
}

/** Null for an account of passkeys alone. */
export async function passwordOf(db: Db, account: Id): Promise<Security['password']> {
  const row = await db
    .selectFrom('password')
    .select('changed_at')
    .where('account', '=', account)
    .executeTakeFirst();
  return row === undefined ? null : { changedAt: row.changed_at };
}
