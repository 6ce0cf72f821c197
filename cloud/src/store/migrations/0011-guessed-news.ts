import type { Kysely } from 'kysely';

/** What people are told of a moment also says whether the router's clock knew it. */
export async function up(db: Kysely<unknown>): Promise<void> {
  await db.schema
    .alterTable('notification')
    .addColumn('at_guessed', 'integer', (column) => column.notNull().defaultTo(0))
    .execute();
}
