import { randomBytes } from 'node:crypto';
import { longClaimCodeFrom } from '@khien/shared/enrolment';
import { type Id, type Instant, newId } from '@khien/shared/id';
import { DAY } from '@khien/shared/policy';
import type { Selectable } from 'kysely';
import type { Db, Trx } from '../store/open.ts';
import type { StockTable } from '../store/tables.ts';
import { claimHash, OF_A_TRANSFER } from './claim-hash.ts';

/*
 * Routers that are known by their key: those that a provider's manifest named, and those that a family has let go for
 * another one. Such a router gets its certificate at first contact, with nobody's help, and waits for its family. `stock`
 * always holds the id that it has in its next home: what was told to the one before is of no use there.
 */

/** How long the next family has to enter the code that the last one was given. */
export const TRANSFER_TIME = 30 * DAY;

export type Stocked = Selectable<StockTable>;

/** The router with this key, if it is known without a family. */
export function findByKey(db: Db, publicKey: string): Promise<Stocked | undefined> {
  return db.selectFrom('stock').selectAll().where('public_key', '=', publicKey).executeTakeFirst();
}

/** Whether a router with this id and key may wait at the edge for its family. */
export async function isWaiting(db: Db, router: Id, publicKey: string): Promise<boolean> {
  return (await findByKey(db, publicKey))?.router === router;
}

/** Whether this key was stolen or copied. */
export async function isRevoked(db: Db, publicKey: string): Promise<boolean> {
  const row = await db
    .selectFrom('revoked_key')
    .select('revoked_at')
    .where('public_key', '=', publicKey)
    .executeTakeFirst();
  return row !== undefined;
}

/** The router with this code, normalised: one that a family was given, or one that is printed on a router. */
export async function findByCode(db: Db, code: string, now: Instant): Promise<Stocked | undefined> {
  const transferred = await db
    .selectFrom('stock')
    .selectAll()
    .where('transfer', '=', await claimHash(code, OF_A_TRANSFER))
    .where('transfer_until', '>', now)
    .executeTakeFirst();
  if (transferred !== undefined) return transferred;
  const isps = await db.selectFrom('isp').select('name').orderBy('name').execute();
  const hashes = await Promise.all(isps.map(({ name }) => claimHash(code, name)));
  if (hashes.length === 0) return undefined;
  return db.selectFrom('stock').selectAll().where('claim', 'in', hashes).executeTakeFirst();
}

/** A family has claimed it: the code it was given is used up, and its next home knows it by another id. */
export async function claimed(trx: Trx, { public_key, isp }: Stocked, now: Instant): Promise<void> {
  await trx
    .updateTable('stock')
    .set({
      router: newId(now),
      transfer: null,
      // It may not have been in contact since it was let go; until it has, its key is known.
      transfer_until: isp === null ? now + TRANSFER_TIME : null,
    })
    .where('public_key', '=', public_key)
    .execute();
}

/**
 * A family lets a router go for another one.
 *
 * @returns the code by which the next family claims it
 */
export async function offer(
  trx: Trx,
  { public_key, model }: Pick<Stocked, 'public_key' | 'model'>,
  now: Instant,
): Promise<{ code: string; until: Instant }> {
  const code = longClaimCodeFrom(randomBytes(11));
  const until = now + TRANSFER_TIME;
  const transfer = await claimHash(code, OF_A_TRANSFER);
  await trx
    .insertInto('stock')
    .values({ public_key, router: newId(now), model, transfer, transfer_until: until, added_at: now })
    .onConflict((conflict) => conflict.column('public_key').doUpdateSet({ transfer, transfer_until: until }))
    .execute();
  return { code, until };
}

/** Nothing is enrolled with this key any more. */
export async function revoke(trx: Trx, publicKey: string, now: Instant): Promise<void> {
  await trx.deleteFrom('stock').where('public_key', '=', publicKey).execute();
  await trx.deleteFrom('enrolment').where('public_key', '=', publicKey).execute();
  await trx
    .insertInto('revoked_key')
    .values({ public_key: publicKey, revoked_at: now })
    .onConflict((conflict) => conflict.column('public_key').doNothing())
    .execute();
}

/** Forgets codes that nobody entered in time, and routers that are known for no other reason. */
export async function sweepStock(db: Db, now: Instant): Promise<void> {
  await db.deleteFrom('stock').where('transfer_until', '<=', now).where('isp', 'is', null).execute();
  await db
    .updateTable('stock')
    .set({ transfer: null, transfer_until: null })
    .where('transfer_until', '<=', now)
    .execute();
}
