import { type Kysely, PostgresAdapter } from 'kysely';

/**
 * What is checked and kept again for each burst, and is there already: `burst_profile_last` begins as `burst_profile` does, and
 * with a household its children and their bursts go. SQLite has no way to drop a constraint but to write the table anew.
 */
export async function up(db: Kysely<unknown>): Promise<void> {
  await db.schema.dropIndex('burst_profile').execute();
  if (db.getExecutor().adapter instanceof PostgresAdapter) {
    await db.schema.alterTable('burst').dropConstraint('burst_household_fkey').execute();
  }
}
