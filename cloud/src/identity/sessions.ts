import { createHash, randomBytes } from 'node:crypto';
import type { Id, Instant } from '@khien/shared/id';
import { DAY } from '@khien/shared/policy';
import type { Db } from '../store/open.ts';

/** A session ends this long after its last use. */
export const SESSION_LIFETIME = 30 * DAY;
/** Its end is moved at most this often, so that reading does not write each time. */
const RENEW_AFTER = DAY;

export interface Session {
  readonly tokenHash: string;
  readonly account: Id;
}

/** The cookie holds 256 random bits; the store holds only their hash. */
function hashOf(token: string): string {
  return createHash('sha256').update(token).digest('hex');
}

/** Returns the token for the cookie. What is left of the account's ended sessions goes. */
export async function beginSession(db: Db, account: Id, now: Instant): Promise<string> {
  const token = randomBytes(32).toString('base64url');
  await db.deleteFrom('session').where('account', '=', account).where('expires_at', '<=', now).execute();
  await db
    .insertInto('session')
    .values({ token_hash: hashOf(token), account, created_at: now, expires_at: now + SESSION_LIFETIME })
    .execute();
  return token;
}

/** The session that a cookie opens, and whether this use moved its end, so that the cookie is to be set again. */
export async function useSession(
  db: Db,
  token: string,
  now: Instant,
): Promise<{ session: Session; renewed: boolean } | undefined> {
  const tokenHash = hashOf(token);
  const row = await db
    .selectFrom('session')
    .select(['account', 'expires_at'])
    .where('token_hash', '=', tokenHash)
    .where('expires_at', '>', now)
    .executeTakeFirst();
  if (row === undefined) return undefined;

  const renewed = row.expires_at - now < SESSION_LIFETIME - RENEW_AFTER;
  if (renewed) {
    await db
      .updateTable('session')
      .set({ expires_at: now + SESSION_LIFETIME })
      .where('token_hash', '=', tokenHash)
      .execute();
  }
  return { session: { tokenHash, account: row.account }, renewed };
}

export async function isOpen(db: Db, session: Session, now: Instant): Promise<boolean> {
  const row = await db
    .selectFrom('session')
    .select('account')
    .where('token_hash', '=', session.tokenHash)
    .where('expires_at', '>', now)
    .executeTakeFirst();
  return row !== undefined;
}

export async function endSession(db: Db, session: Session): Promise<void> {
  await db.deleteFrom('session').where('token_hash', '=', session.tokenHash).execute();
}
