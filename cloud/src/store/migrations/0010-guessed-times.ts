import type { Kysely } from 'kysely';

/** What parents are shown of a moment also says whether the router's clock knew it. */
export async function up(db: Kysely<unknown>): Promise<void> {
  for (const table of ['burst', 'request']) {
    await db.schema
      .alterTable(table)
      .addColumn('at_guessed', 'integer', (column) => column.notNull().defaultTo(0))
      .execute();
  }
}
