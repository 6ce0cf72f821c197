import {
  type Insertable,
  type InsertQueryBuilder,
  type InsertResult,
  PostgresAdapter,
  type RawBuilder,
  type SelectType,
  sql,
} from 'kysely';
import type { Db } from './open.ts';
import type { Tables } from './tables.ts';

type Column<T extends keyof Tables> = keyof Tables[T] & string;
type ColumnOf<T extends keyof Tables, V> = {
  [C in Column<T>]: SelectType<Tables[T][C]> extends V | null ? C : never;
}[Column<T>];

/** All that the rows have; another column is left at its default. */
export interface Columns<T extends keyof Tables> {
  readonly texts: readonly ColumnOf<T, string>[];
  readonly numbers: readonly ColumnOf<T, number>[];
}

type Row<T extends keyof Tables> = Readonly<Partial<Record<Column<T>, unknown>>>;

/** What JSON can say and a text of PostgreSQL cannot hold: U+0000, and halves of surrogate pairs. */
const UNSTORABLE = /\\u(?:0000|d[89a-f])/;
/** Any of JSON but of a quotation mark and a backslash. */
const OTHER_ESCAPE = /\\[^"\\]/;

/**
 * Inserts rows that come as one parameter, or one of each column, so that a statement for thousands is as short as for one:
 * with parameters of their own it takes longer to build and to prepare than to run, and there can be 32,766 of them.
 */
export function insertSet<T extends keyof Tables & string>(
  db: Db,
  table: T,
  { texts, numbers }: Columns<T>,
  rows: readonly (Insertable<Tables[T]> & Row<T>)[],
): InsertQueryBuilder<Tables, T, InsertResult> {
  return db
    .insertInto(table)
    .columns([...texts, ...numbers])
    .expression(selectSet(db, { texts, numbers }, rows));
}

/** Sets the columns of rows that are there, by their `id`, which is among them; rows and statement as in `insertSet`. */
export async function updateSet<T extends keyof Tables & string>(
  db: Db,
  table: T,
  { texts, numbers }: Columns<T>,
  rows: readonly Readonly<Partial<Record<Column<T>, string | number | null>>>[],
): Promise<void> {
  const set = [...texts, ...numbers].filter((name) => name !== 'id');
  const assignments = set.map((name) => sql`${sql.id(name)} = ${sql.id('told', name)}`);
  await sql`
    update ${sql.id(table)} set ${sql.join(assignments)} from (${selectSet(db, { texts, numbers }, rows)}) as told
    where ${sql.id(table, 'id')} = ${sql.id('told', 'id')}`.execute(db);
}

function selectSet<T extends keyof Tables>(
  db: Db,
  { texts, numbers }: Columns<T>,
  rows: readonly Row<T>[],
): RawBuilder<unknown> {
  if (db.getExecutor().adapter instanceof PostgresAdapter) {
    const names = [...texts, ...numbers].map((name) => sql.id(name));
    const arrays = [
      ...texts.map((name) => sql`${arrayOf(rows.map((row) => row[name]))}::text[]`),
      ...numbers.map((name) => sql`${arrayOf(rows.map((row) => row[name]))}::bigint[]`),
    ];
    return sql`select * from unnest(${sql.join(arrays)}) as told(${sql.join(names)})`;
  }
  const named = [...texts, ...numbers].map((name) => sql`value ->> ${sql.lit(name)} as ${sql.id(name)}`);
  // Without a condition `on conflict` is taken for one of a join (sqlite.org/lang_upsert.html).
  return sql`select ${sql.join(named)} from json_each(${jsonOf(rows)}) where true`;
}

/**
 * Written as PostgreSQL reads an array, which takes it a third of the time that JSON does
 * (postgresql.org/docs/current/arrays.html#ARRAYS-IO). JSON writes it the same but for brackets and most of its escapes.
 */
function arrayOf(values: readonly unknown[]): string {
  const json = JSON.stringify(values);
  return OTHER_ESCAPE.test(json) ? `{${values.map(elementOf).join()}}` : `{${json.slice(1, -1)}}`;
}

function elementOf(value: unknown): string {
  return typeof value === 'string' ? `"${value.replace(/["\\]/g, '\\$&')}"` : JSON.stringify(value ?? null);
}

function jsonOf(rows: readonly unknown[]): string {
  const json = JSON.stringify(rows);
  return UNSTORABLE.test(json) ? JSON.stringify(rows, (_key, value) => storable(value)) : json;
}

function storable(value: unknown): unknown {
  return typeof value === 'string'
    ? value.replaceAll('\0', '\uFFFD').replace(/\p{Surrogate}/gu, '\uFFFD')
    : value;
}
