import { setImmediate as breathe } from 'node:timers/promises';
import { type RawBuilder, sql } from 'kysely';
import type { Store } from '../store/open.ts';
import type { Tables } from '../store/tables.ts';

/** Rows that one statement deletes: with SQLite, which works while nothing else can, some 10 ms. */
const PORTION = 500;

export type Swept = Pick<Store, 'db' | 'engine'>;

/**
 * Deletes rows a portion at a time: however many there are, no statement takes longer than one may, and what others want of
 * the store is done in between.
 *
 * @param old which rows, as a condition
 */
export async function deleteInPortions(
  { db, engine }: Swept,
  table: keyof Tables,
  old: RawBuilder<unknown>,
): Promise<void> {
  const from = sql`from ${sql.table(table)} where ${old} limit ${sql.lit(PORTION)}`;
  // Where a row is: sqlite.org/lang_createtable.html#rowid, postgresql.org/docs/current/ddl-system-columns.html
  const portion =
    engine === 'postgres'
      ? sql`ctid = any(array(select ctid ${from}))`
      : sql`rowid in (select rowid ${from})`;
  const remove = sql`delete from ${sql.table(table)} where ${portion}`;
  while (Number((await remove.execute(db)).numAffectedRows ?? 0) === PORTION) await breathe();
}
