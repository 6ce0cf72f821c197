import type { Id, Instant } from '@khien/shared/id';
import { type RawBuilder, sql } from 'kysely';
import type { Db } from '../store/open.ts';
import { type ExportedTable, exportedTables } from './exported-tables.ts';

const ROWS_AT_ONCE = 500;

type AnyRow = Readonly<Record<string, unknown>>;

/**
 * All that is kept of a household, as one JSON text in pieces. Each page of rows is read by itself: nobody who is slow to
 * take it keeps others from the store.
 */
export async function* exportHousehold(db: Db, household: Id, now: Instant): AsyncGenerator<string> {
  yield JSON.stringify({ khien: 'household', form: 1, household, at: now }).slice(0, -1);
  yield ',"people":';
  yield JSON.stringify(await peopleOf(db, household));
  yield ',"tables":{';
  for (const [index, exported] of exportedTables.entries()) {
    yield `${index === 0 ? '' : ','}\n${JSON.stringify(exported.table)}:[`;
    yield* rowsOf(db, household, exported);
    yield ']';
  }
  yield '}}\n';
}

/** Those who the ids of accounts in the other tables are. */
function peopleOf(db: Db, household: Id): Promise<AnyRow[]> {
  return db
    .selectFrom('member')
    .innerJoin('account', 'account.id', 'member.account')
    .select(['account.id', 'account.name', 'account.email', 'member.role'])
    .where('member.household', '=', household)
    .orderBy('account.id')
    .execute();
}

async function* rowsOf(db: Db, household: Id, exported: ExportedTable): AsyncGenerator<string> {
  let last: AnyRow | undefined;
  do {
    const page = await pageAfter(db, household, exported, last);
    for (const row of page) {
      yield `${last === undefined ? '\n' : ',\n'}${JSON.stringify(forPeople(exported, row))}`;
      last = row;
    }
    if (page.length < ROWS_AT_ONCE) return;
  } while (last !== undefined);
}

async function pageAfter(
  db: Db,
  household: Id,
  { table, key, by }: ExportedTable,
  last: AnyRow | undefined,
): Promise<readonly AnyRow[]> {
  const columns = sql.join(key.map((column) => sql.ref(column)));
  const own: RawBuilder<unknown> =
    by === 'router'
      ? sql`router in (select id from router where household = ${household})`
      : sql`${sql.ref(by)} = ${household}`;
  // Row values: sqlite.org/rowvalue.html, postgresql.org/docs/current/functions-comparisons.html
  const after =
    last === undefined ? sql`` : sql`and (${columns}) > (${sql.join(key.map((column) => last[column]))})`;
  const { rows } = await sql<AnyRow>`
    select * from ${sql.table(table)} where ${own} ${after} order by ${columns} limit ${sql.lit(ROWS_AT_ONCE)}
  `.execute(db);
  return rows;
}

function forPeople({ json = [], omit = [] }: ExportedTable, row: AnyRow): AnyRow {
  const shown = Object.entries(row).filter(([column]) => !omit.includes(column));
  return Object.fromEntries(
    shown.map(([column, value]) => [
      column,
      json.includes(column) && typeof value === 'string' ? JSON.parse(value) : value,
    ]),
  );
}
