import { KhienError } from '@khien/shared/error';
import { type Kysely, type Migration, Migrator, sql } from 'kysely';

/** By name, in the order in which they run. */
export type Migrations = Readonly<Record<string, Migration>>;

/**
 * Brings the tables to the newest form, all steps in one transaction.
 *
 * @param backUp called once, with the name of the first step, when the database already holds data of an older form
 * @throws KhienError `STORE_NEWER` when a newer version of this program wrote the database, `STORE_MIGRATION_FAILED`
 */
export async function migrate<Tables>(
  db: Kysely<Tables>,
  migrations: Migrations,
  backUp: (step: string) => Promise<void>,
): Promise<void> {
  const applied = await appliedSteps(db);
  const unknown = applied.find((step) => migrations[step] === undefined);
  if (unknown !== undefined) {
    throw new KhienError('STORE_NEWER', `the database went through step ${unknown}, unknown to this version`);
  }
  const next = Object.keys(migrations).find((step) => !applied.includes(step));
  if (next === undefined) return;
  if (applied.length > 0) await backUp(next);

  const migrator = new Migrator({
    db,
    provider: { getMigrations: () => Promise.resolve({ ...migrations }) },
  });
  const { error } = await migrator.migrateToLatest();
  if (error !== undefined) {
    throw new KhienError('STORE_MIGRATION_FAILED', `a migration failed from ${next} on`, { cause: error });
  }
}

/** The migrations that the database went through, in their order. */
export async function appliedSteps<Tables>(db: Kysely<Tables>): Promise<string[]> {
  const tables = await db.introspection.getTables({ withInternalKyselyTables: true });
  if (!tables.some((table) => table.name === 'kysely_migration')) return [];
  const { rows } = await sql<{ name: string }>`select name from kysely_migration order by name`.execute(db);
  return rows.map((row) => row.name);
}
