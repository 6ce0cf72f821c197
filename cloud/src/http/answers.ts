import { createCipheriv, createDecipheriv, createHmac, hkdfSync, randomBytes } from 'node:crypto';
import { KhienError } from '@khien/shared/error';
import type { Id, Instant } from '@khien/shared/id';
import { DAY, MINUTE } from '@khien/shared/policy';
import type { Db } from '../store/open.ts';

/** For how long a request may be asked again, milliseconds. */
export const ANSWERS_KEPT = DAY;
/** A request that is not answered after this long is not under way any more: far longer than any takes. */
const UNDER_WAY = MINUTE;
/** Answers of an account that are kept at a time. */
const MAX_OF_ACCOUNT = 1_000;
/** With so many the keys of the account's programs may no more: a program keeps no parent from a pause. */
const MAX_WITH_KEYS = 500;
/** How fingerprints of this form begin. */
const FORM = 'h1:';
const NONCE = 12;
const TAG = 16;

/** A request that is to be answered once, however often it is sent. */
export interface Once {
  /** The account or the API key. */
  readonly caller: Id;
  readonly account: Id;
  readonly household: Id;
  /** `Idempotency-Key`, as the client chose it. */
  readonly key: string;
  /** What it asks for. */
  readonly content: string;
}

export interface KeptAnswer {
  readonly status: number;
  readonly body: string;
}

/** What a request asks for; another with the same key is a mistake of who sends it. */
export function contentOf(method: string, url: string, body: unknown): string {
  return JSON.stringify([method, url, body ?? null]);
}

/**
 * Of the client's key, so that what the store holds of an answer opens without it to nobody: answers may hold secrets that
 * are told once (RFC 5869).
 */
function derive({ caller, key }: Once, use: 'name' | 'answer' | 'content'): Buffer {
  return Buffer.from(hkdfSync('sha256', key, caller, `khien idempotency ${use}`, 32));
}

/** Bodies may hold secrets too: without the client's key nobody finds out, by trying, what was asked (RFC 2104). */
function fingerprintOf(once: Once): string {
  return FORM + createHmac('sha256', derive(once, 'content')).update(once.content).digest('hex');
}

/** Fingerprints of an older version, which are there for a day after an upgrade, tell nothing. */
function isOther(fingerprint: string, once: Once): boolean {
  return fingerprint.startsWith(FORM) && fingerprint !== fingerprintOf(once);
}

function idOf(once: Once): string {
  return derive(once, 'name').toString('base64url');
}

/**
 * Takes the key for this request: undefined where it is the first and is to be done now. Of many that come at once one is.
 *
 * @throws KhienError `IDEMPOTENCY_KEY_REUSED`, `IDEMPOTENCY_KEY_IN_USE`, `OUTCOME_UNKNOWN`, `TOO_MANY_REQUESTS`
 */
export async function beginOnce(db: Db, once: Once, now: Instant): Promise<KeptAnswer | undefined> {
  const id = idOf(once);
  const { caller, account, household } = once;
  await db
    .deleteFrom('answer')
    .where('id', '=', id)
    .where('created_at', '<=', now - ANSWERS_KEPT)
    .execute();
  const kept = await db
    .selectFrom('answer')
    .select((eb) => eb.fn.countAll().as('count'))
    .where('account', '=', account)
    .where('id', '!=', id)
    .executeTakeFirstOrThrow();
  if (Number(kept.count) >= (caller === account ? MAX_OF_ACCOUNT : MAX_WITH_KEYS)) {
    throw new KhienError('TOO_MANY_REQUESTS', 'too many idempotency keys within a day');
  }
  const { numInsertedOrUpdatedRows } = await db
    .insertInto('answer')
    .values({ id, account, household, fingerprint: fingerprintOf(once), created_at: now })
    .onConflict((conflict) => conflict.column('id').doNothing())
    .executeTakeFirst();
  return numInsertedOrUpdatedRows === 1n ? undefined : readAnswer(db, once, now);
}

async function readAnswer(db: Db, once: Once, now: Instant): Promise<KeptAnswer> {
  const row = await db.selectFrom('answer').selectAll().where('id', '=', idOf(once)).executeTakeFirst();
  if (row !== undefined && isOther(row.fingerprint, once)) {
    throw new KhienError('IDEMPOTENCY_KEY_REUSED', 'another request was sent with this key');
  }
  if (row === undefined || (row.status === null && now - row.created_at < UNDER_WAY)) {
    throw new KhienError('IDEMPOTENCY_KEY_IN_USE', 'the request is under way; ask again');
  }
  if (row.status === null || row.sealed === null) {
    throw new KhienError('OUTCOME_UNKNOWN', 'the request broke off; look at what is there now');
  }
  return { status: row.status, body: unseal(derive(once, 'answer'), row.sealed) };
}

/** What the request was answered, from now on to be answered again. */
export async function endOnce(db: Db, once: Once, { status, body }: KeptAnswer): Promise<void> {
  await db
    .updateTable('answer')
    .set({ status, sealed: seal(derive(once, 'answer'), body) })
    .where('id', '=', idOf(once))
    .execute();
}

/** The request was refused and changed nothing: the same key may be used again. */
export async function forgetOnce(db: Db, once: Once): Promise<void> {
  await db.deleteFrom('answer').where('id', '=', idOf(once)).where('status', 'is', null).execute();
}

/** AES-256-GCM; the key is of one answer alone, the nonce random. */
function seal(key: Buffer, text: string): string {
  const nonce = randomBytes(NONCE);
  const cipher = createCipheriv('aes-256-gcm', key, nonce);
  const sealed = Buffer.concat([cipher.update(text, 'utf8'), cipher.final()]);
  return Buffer.concat([nonce, cipher.getAuthTag(), sealed]).toString('base64');
}

function unseal(key: Buffer, text: string): string {
  const bytes = Buffer.from(text, 'base64');
  const decipher = createDecipheriv('aes-256-gcm', key, bytes.subarray(0, NONCE));
  decipher.setAuthTag(bytes.subarray(NONCE, NONCE + TAG));
  return decipher.update(bytes.subarray(NONCE + TAG), undefined, 'utf8') + decipher.final('utf8');
}
