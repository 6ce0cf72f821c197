import type { Kysely } from 'kysely';

/** Children ask for more time of one service or category. */
export async function up(db: Kysely<unknown>): Promise<void> {
  await db.schema.alterTable('request').addColumn('target_kind', 'text').execute();
  await db.schema.alterTable('request').addColumn('target_id', 'text').execute();
}
