import { type Kysely, PostgresAdapter } from 'kysely';

/**
 * What is checked and kept again for each burst, and is there already: `burst_profile_last` begins as `burst_profile` does; with
 * a household its children and their bursts go; and `ofHousehold` guards devices, whose bursts go where one makes room. For
 * PostgreSQL each check of a reference is a query of its own; SQLite looks into one index, and has no way to drop a constraint
 * but to write the table anew.
 */
export async function up(db: Kysely<unknown>): Promise<void> {
  await db.schema.dropIndex('burst_profile').execute();
  if (!(db.getExecutor().adapter instanceof PostgresAdapter)) return;
  for (const parent of ['household', 'device']) {
    await db.schema.alterTable('burst').dropConstraint(`burst_${parent}_fkey`).execute();
  }
}
