import { type Insertable, type InsertQueryBuilder, type InsertResult, PostgresAdapter, sql } from 'kysely';
import type { Db } from './open.ts';
import type { Tables } from './tables.ts';

type Column<T extends keyof Tables> = keyof Tables[T] & string;

/** All that the rows have; another column is left at its default. */
export interface Columns<T extends keyof Tables> {
  readonly texts: readonly Column<T>[];
  readonly numbers: readonly Column<T>[];
}

/** What JSON can say and a text of PostgreSQL cannot hold: U+0000, and halves of surrogate pairs. */
const UNSTORABLE = /\\u(?:0000|d[89a-f])/;

/**
 * Inserts rows that come as one parameter, so that a statement for thousands is as short as for one: with parameters of
 * their own it takes longer to build and to prepare than to run, and there can be 32,766 of them.
 */
export function insertSet<T extends keyof Tables & string>(
  db: Db,
  table: T,
  { texts, numbers }: Columns<T>,
  rows: readonly Insertable<Tables[T]>[],
): InsertQueryBuilder<Tables, T, InsertResult> {
  const names = [...texts, ...numbers];
  const json = jsonOf(rows);
  const isPostgres = db.getExecutor().adapter instanceof PostgresAdapter;
  return db
    .insertInto(table)
    .columns(names)
    .expression(
      isPostgres
        ? sql`select * from json_to_recordset(${json}::json) as told(${sql.join([
            ...texts.map((name) => sql`${sql.id(name)} text`),
            ...numbers.map((name) => sql`${sql.id(name)} bigint`),
          ])})`
        : // Without a condition `on conflict` is taken for one of a join (sqlite.org/lang_upsert.html).
          sql`select ${sql.join(names.map((name) => sql`value ->> ${sql.lit(name)}`))}
            from json_each(${json}) where true`,
    );
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
