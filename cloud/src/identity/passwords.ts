import type { Id, Instant } from '@khien/shared/id';
import type { Db, Trx } from '../store/open.ts';
import { hashPassword, inTurn, verifyPassword } from './password.ts';
import type { Security } from './schema.ts';

/** Checking against this takes as long as checking a real one, so that time does not tell what is known. */
const decoy = inTurn('known', () => hashPassword('nobody signs in with this'));

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

/** To be called in turn. */
export async function isPasswordOf(db: Db, account: Id, password: string): Promise<boolean> {
  const row = await db
    .selectFrom('password')
    .select('hash')
    .where('account', '=', account)
    .executeTakeFirst();
  const right = await verifyPassword(row?.hash ?? (await decoy), password);
  return row !== undefined && right;
}

/** That somebody knows the password of an account, and which one it was. */
export interface Proof {
  readonly account: Id;
  readonly hash: string;
}

/** The account that this email and password open; it takes as long where there is none. To be called in turn. */
export async function accountOfPassword(db: Db, email: string, password: string): Promise<Proof | undefined> {
  const row = await db
    .selectFrom('account')
    .innerJoin('password', 'password.account', 'account.id')
    .select(['account.id as account', 'password.hash'])
    .where('account.email', '=', email)
    .executeTakeFirst();
  const right = await verifyPassword(row?.hash ?? (await decoy), password);
  return right ? row : undefined;
}

/** Whether it is the account's password still; to be called with the account locked. */
export async function isStill(trx: Trx, { account, hash }: Proof): Promise<boolean> {
  const row = await trx
    .selectFrom('password')
    .select('hash')
    .where('account', '=', account)
    .executeTakeFirst();
  return row?.hash === hash;
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
