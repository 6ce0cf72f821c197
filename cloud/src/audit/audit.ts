import { type Id, type Instant, newId } from '@khien/shared/id';
import { MINUTE } from '@khien/shared/policy';
import type { Db } from '../store/open.ts';
import type { AuditTable } from '../store/tables.ts';
import type { ActingAs, AuditKind, Look } from './schema.ts';

const HOUR = 60 * MINUTE;

/** In which hour it is: what is looked at for hours is written once in each. */
export function hourOf(now: Instant): number {
  return Math.floor(now / HOUR);
}

/** Something that changed who may see what of a household, or took data out of it. */
export interface AuditEntry {
  readonly kind: AuditKind;
  /** The account that did it; null for a command on the server. */
  readonly by: Id | null;
  /** A member, unless told. */
  readonly actingAs?: ActingAs;
  /** Whom or what it is about, as people call it. */
  readonly about?: string | null;
}

/** Writes into the log that the household reads. In the transaction of what it tells of, so that neither is without the other. */
export async function audit(db: Db, household: Id, entry: AuditEntry, now: Instant): Promise<void> {
  await db
    .insertInto('audit')
    .values({
      id: newId(now),
      household,
      at: now,
      account: entry.by,
      name: entry.by === null ? '' : await nameOf(db, entry.by),
      acting_as: entry.actingAs ?? 'member',
      kind: entry.kind,
      about: entry.about ?? null,
    })
    .execute();
}

/** Somebody who looks at a household without being its member. */
export interface Onlooker {
  readonly account: Id;
  readonly name: string;
  readonly actingAs: 'worker' | 'operator';
  /** The organisation, or the internet provider. */
  readonly organisation: string;
}

/** Writes that somebody looked, once an hour for each household and kind of look. Before anything is answered. */
export async function auditLook(
  db: Db,
  households: readonly Id[],
  onlooker: Onlooker,
  look: Look,
  now: Instant,
): Promise<void> {
  if (households.length === 0) return;
  const hour = hourOf(now);
  const rows = [...new Set(households)].map(
    (household): AuditTable => ({
      id: newId(now),
      household,
      at: now,
      account: onlooker.account,
      name: onlooker.name,
      acting_as: onlooker.actingAs,
      organisation: onlooker.organisation,
      kind: 'looked',
      about: look,
      once: [household, onlooker.account, onlooker.actingAs, look, hour].join('/'),
    }),
  );
  await db
    .insertInto('audit')
    .values(rows)
    .onConflict((conflict) => conflict.column('once').doNothing())
    .execute();
}

export async function nameOf(db: Db, account: Id): Promise<string> {
  const row = await db.selectFrom('account').select('name').where('id', '=', account).executeTakeFirst();
  return row?.name ?? '';
}
