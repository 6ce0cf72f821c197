import type { Instant } from '@khien/shared/id';
import { sql } from 'kysely';
import { appliedSteps } from '../store/migrate.ts';
import type { Engine, Store, Trx } from '../store/open.ts';
import { endLine, headerLine, rowLine, tableLine } from './format.ts';
import { parentsFirst } from './table-order.ts';

const ROWS_AT_ONCE = 1_000;

type AnyRow = Readonly<Record<string, unknown>>;

/** Told after each table. */
export type Progress = (table: string, rows: number) => void;

/**
 * The lines of a backup of the whole store as it was at one instant, while others go on writing to it. What is in memory is
 * a thousand rows.
 *
 * @throws KhienError `STORE_UNAVAILABLE`, `BACKUP_VALUE`
 */
export async function* backupLines(store: Store, at: Instant, progress?: Progress): AsyncGenerator<string> {
  const trx = await store.db.startTransaction().setIsolationLevel('repeatable read').execute();
  try {
    yield headerLine(await appliedSteps(trx), at);
    let total = 0;
    for (const { table, columns } of await parentsFirst(store.engine, trx)) {
      yield tableLine(table, columns);
      let rows = 0;
      for await (const row of rowsOf(store.engine, trx, table)) {
        yield rowLine(columns.map((column) => row[column]));
        rows += 1;
      }
      progress?.(table, rows);
      total += rows;
    }
    yield endLine(total);
  } finally {
    await trx.rollback().execute();
  }
}

async function* rowsOf(engine: Engine, trx: Trx, table: string): AsyncGenerator<AnyRow> {
  if (engine === 'sqlite') {
    const rows = trx.selectFrom(sql<AnyRow>`${sql.table(table)}`.as('row')).selectAll();
    yield* rows.stream();
    return;
  }
  await sql`declare backup no scroll cursor for select * from ${sql.table(table)}`.execute(trx);
  const next = sql<AnyRow>`fetch ${sql.lit(ROWS_AT_ONCE)} from backup`;
  for (let page = await next.execute(trx); page.rows.length > 0; page = await next.execute(trx)) {
    yield* page.rows;
  }
  await sql`close backup`.execute(trx);
}
