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
  if (applied.length > 0) {
    await backUp(next).catch((cause: unknown) => {
      throw failed(`the database cannot be copied before step ${next}, which it was not brought to`, cause);
    });
  }

  const migrator = new Migrator({
    db,
    provider: { getMigrations: () => Promise.resolve({ ...migrations }) },
  });
  const { error, results } = await migrator.migrateToLatest();
  if (error === undefined) return;
  const at = results?.find(({ status }) => status === 'Error')?.migrationName ?? next;
  throw failed(`step ${at} failed and left nothing of itself`, error);
}

/** Says why, too: whoever starts the cloud sees no more than this line. */
function failed(what: string, cause: unknown): KhienError {
  const why = cause instanceof Error ? cause.message : String(cause);
  return new KhienError('STORE_MIGRATION_FAILED', `${what}: ${why}`, { cause });
}

/** The migrations that the database went through, in their order. */
export async function appliedSteps<Tables>(db: Kysely<Tables>): Promise<string[]> {
  const tables = await db.introspection.getTables({ withInternalKyselyTables: true });
  if (!tables.some((table) => table.name === 'kysely_migration')) return [];
  const { rows } = await sql<{ name: string }>`select name from kysely_migration order by name`.execute(db);
  return rows.map((row) => row.name);
}
