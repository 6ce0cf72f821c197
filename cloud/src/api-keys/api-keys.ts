import { KhienError } from '@khien/shared/error';
import { type Id, type Instant, newId } from '@khien/shared/id';
import { MINUTE } from '@khien/shared/policy';
import { audit } from '../audit/audit.ts';
import { invalidInput, notFound } from '../http/problem.ts';
import type { Db, Trx } from '../store/open.ts';
import { type ApiKeyRequest, type ApiKeyView, keyScopeListSchema, LONGEST_LIFE } from './schema.ts';
import type { KeyScope } from './scope.ts';
import { isToken, newToken, tokenHash } from './token.ts';

const KEYS_OF_A_HOUSEHOLD = 10;
/** Its use is noted at most this often, so that reading does not write each time. */
const NOTE_AFTER = 15 * MINUTE;

/** A program that asks in a household's name. */
export interface ApiKey {
  readonly id: Id;
  readonly household: Id;
  /** In whose name it acts. */
  readonly account: Id;
  readonly scopes: readonly KeyScope[];
}

/** Who changes the keys, and when. */
interface By {
  readonly household: Id;
  readonly account: Id;
  readonly now: Instant;
}

/** To be called in `ofHousehold`. Returns the key, of which nothing but the hash is kept. @throws KhienError `LIMIT_REACHED`, `INVALID_INPUT` */
export async function createApiKey(
  trx: Trx,
  { household, account, now }: By,
  { name, scopes, expiresAt }: ApiKeyRequest,
): Promise<{ readonly id: Id; readonly token: string }> {
  if (expiresAt !== undefined && (expiresAt <= now || expiresAt > now + LONGEST_LIFE)) {
    throw invalidInput('/expiresAt', 'from now on, and within a year');
  }
  if ((await listApiKeys(trx, household, now)).length >= KEYS_OF_A_HOUSEHOLD) {
    throw new KhienError('LIMIT_REACHED', `a household has ${KEYS_OF_A_HOUSEHOLD} keys at most`);
  }
  const id = newId(now);
  const token = newToken();
  await trx
    .insertInto('api_key')
    .values({
      id,
      household,
      account,
      name,
      scopes: JSON.stringify([...new Set(scopes)]),
      token_hash: tokenHash(token),
      created_at: now,
      expires_at: expiresAt ?? null,
    })
    .execute();
  await audit(trx, household, { kind: 'api-key-added', by: account, about: name }, now);
  return { id, token };
}

/** Oldest first. */
export async function listApiKeys(db: Db, household: Id, now: Instant): Promise<ApiKeyView[]> {
  const rows = await db
    .selectFrom('api_key')
    .innerJoin('account', 'account.id', 'api_key.account')
    .selectAll('api_key')
    .select('account.name as made_by')
    .where('household', '=', household)
    .where((eb) => eb.or([eb('expires_at', 'is', null), eb('expires_at', '>', now)]))
    .orderBy('api_key.id')
    .execute();
  return rows.map((row) => ({
    id: row.id,
    name: row.name,
    scopes: keyScopeListSchema.parse(JSON.parse(row.scopes)),
    madeBy: row.made_by,
    createdAt: row.created_at,
    usedAt: row.used_at,
    expiresAt: row.expires_at,
  }));
}

/** @throws KhienError `NOT_FOUND` */
export async function revokeApiKey(trx: Trx, { household, account, now }: By, id: Id): Promise<void> {
  const gone = await trx
    .deleteFrom('api_key')
    .where('household', '=', household)
    .where('id', '=', id)
    .returning('name')
    .executeTakeFirst();
  if (gone === undefined) throw notFound('key');
  await audit(trx, household, { kind: 'api-key-removed', by: account, about: gone.name }, now);
}

function selectUsable(db: Db, now: Instant) {
  return db
    .selectFrom('api_key')
    .select(['id', 'household', 'account', 'scopes', 'used_at'])
    .where((eb) => eb.or([eb('expires_at', 'is', null), eb('expires_at', '>', now)]));
}

/** Undefined for one that was revoked or has expired. */
export function findApiKey(db: Db, id: Id, now: Instant): Promise<{ readonly id: Id } | undefined> {
  return selectUsable(db, now).where('id', '=', id).executeTakeFirst();
}

/** @throws KhienError `API_KEY_MISTYPED`, `API_KEY_UNKNOWN` also for one that was revoked or has expired */
export async function useApiKey(db: Db, token: string, now: Instant): Promise<ApiKey> {
  if (!isToken(token)) throw new KhienError('API_KEY_MISTYPED', 'this is not a whole key');
  const row = await selectUsable(db, now).where('token_hash', '=', tokenHash(token)).executeTakeFirst();
  if (row === undefined) throw new KhienError('API_KEY_UNKNOWN', 'the key was revoked or has expired');
  if (row.used_at === null || now - row.used_at >= NOTE_AFTER) {
    await db.updateTable('api_key').set({ used_at: now }).where('id', '=', row.id).execute();
  }
  const { id, household, account } = row;
  return { id, household, account, scopes: keyScopeListSchema.parse(JSON.parse(row.scopes)) };
}
