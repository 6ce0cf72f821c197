import { createHash, randomBytes } from 'node:crypto';
import { type Id, type Instant, newId } from '@khien/shared/id';
import { DAY, MINUTE } from '@khien/shared/policy';
import { notFound } from '../http/problem.ts';
import type { Db } from '../store/open.ts';
import type { Client } from './client.ts';
import type { SessionView } from './schema.ts';

/** A session ends this long after its last use. */
export const SESSION_LIFETIME = 30 * DAY;
/** Its end is moved, and its use noted, at most this often, so that reading does not write each time. */
const RENEW_AFTER = DAY;
const NOTE_AFTER = 15 * MINUTE;
/** More than a person has browsers: the one that was not used for the longest goes. */
const SESSIONS_OF_AN_ACCOUNT = 50;

export interface Session {
  readonly id: Id;
  readonly tokenHash: string;
  readonly account: Id;
  /** When whoever uses it last proved to be the account's owner; 0 for never. */
  readonly authenticatedAt: Instant;
  /** It was begun with a recovery code and is good for nothing but a new way to sign in. */
  readonly recovering: boolean;
}

/** How a session begins. */
export interface SignedIn {
  readonly account: Id;
  /** Whether the user was verified, and not only somebody who holds an unlocked phone. */
  readonly verified: boolean;
  readonly recovering?: boolean;
  readonly client: Client;
}

/** The cookie holds 256 random bits; the store holds only their hash. */
function hashOf(token: string): string {
  return createHash('sha256').update(token).digest('hex');
}

/** Returns the token for the cookie. What is left of the account's ended sessions goes. */
export async function beginSession(db: Db, signedIn: SignedIn, now: Instant): Promise<string> {
  const { account, verified, recovering = false, client } = signedIn;
  const token = randomBytes(32).toString('base64url');
  await db.deleteFrom('session').where('account', '=', account).where('expires_at', '<=', now).execute();
  await db
    .insertInto('session')
    .values({
      token_hash: hashOf(token),
      id: newId(now),
      account,
      created_at: now,
      used_at: now,
      authenticated_at: verified ? now : 0,
      expires_at: now + SESSION_LIFETIME,
      ...client,
      recovering: recovering ? 1 : 0,
    })
    .execute();
  const newest = db
    .selectFrom('session')
    .select('token_hash')
    .where('account', '=', account)
    .orderBy('used_at', 'desc')
    .orderBy('id', 'desc')
    .limit(SESSIONS_OF_AN_ACCOUNT);
  await db
    .deleteFrom('session')
    .where('account', '=', account)
    .where('token_hash', 'not in', newest)
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
    .select(['id', 'account', 'authenticated_at', 'expires_at', 'used_at', 'recovering'])
    .where('token_hash', '=', tokenHash)
    .where('expires_at', '>', now)
    .executeTakeFirst();
  if (row === undefined) return undefined;

  const renewed = row.expires_at - now < SESSION_LIFETIME - RENEW_AFTER;
  if (renewed || now - row.used_at >= NOTE_AFTER) {
    await db
      .updateTable('session')
      .set({ used_at: now, ...(renewed ? { expires_at: now + SESSION_LIFETIME } : {}) })
      .where('token_hash', '=', tokenHash)
      .execute();
  }
  const session = {
    id: row.id,
    tokenHash,
    account: row.account,
    authenticatedAt: row.authenticated_at,
    recovering: row.recovering === 1,
  };
  return { session, renewed };
}

export async function isOpen(db: Db, session: Pick<Session, 'tokenHash'>, now: Instant): Promise<boolean> {
  const row = await db
    .selectFrom('session')
    .select('account')
    .where('token_hash', '=', session.tokenHash)
    .where('expires_at', '>', now)
    .executeTakeFirst();
  return row !== undefined;
}

/** Newest use first. */
export async function listSessions(db: Db, session: Session, now: Instant): Promise<SessionView[]> {
  const rows = await db
    .selectFrom('session')
    .select(['id', 'created_at', 'used_at', 'browser', 'system'])
    .where('account', '=', session.account)
    .where('expires_at', '>', now)
    .orderBy('used_at', 'desc')
    .orderBy('id', 'desc')
    .execute();
  return rows.map(({ id, browser, system, created_at, used_at }) => {
    const current = id === session.id;
    return { id, current, browser, system, createdAt: created_at, usedAt: current ? now : used_at };
  });
}

export async function endSession(db: Db, session: Session): Promise<void> {
  await db.deleteFrom('session').where('token_hash', '=', session.tokenHash).execute();
}

/** @throws KhienError `NOT_FOUND`, also for a session of another account */
export async function endSessionById(db: Db, account: Id, id: Id): Promise<void> {
  const { numDeletedRows } = await db
    .deleteFrom('session')
    .where('account', '=', account)
    .where('id', '=', id)
    .executeTakeFirst();
  if (numDeletedRows === 0n) throw notFound('session');
}

/** All of the account's sessions but this one, where one is given. */
export async function endOtherSessions(db: Db, account: Id, kept?: Session): Promise<void> {
  await db
    .deleteFrom('session')
    .where('account', '=', account)
    .where('token_hash', '<>', kept?.tokenHash ?? '')
    .execute();
}

/** Whoever uses the session has just proved to be the account's owner; a session of recovery becomes a full one. */
export async function markAuthenticated(db: Db, session: Session, now: Instant): Promise<void> {
  await db
    .updateTable('session')
    .set({ authenticated_at: now, recovering: 0 })
    .where('token_hash', '=', session.tokenHash)
    .execute();
}
