import { sql } from 'kysely';
import type { Store } from './open.ts';

/**
 * Empties the log of the embedded database, in which what was deleted stands until then. Whoever reads from it, such as a
 * backup, is not waited for, since nothing else could be done meanwhile: then it stays, and is to be emptied later.
 * PostgreSQL looks after its own.
 */
export async function emptyLog({ db, engine }: Pick<Store, 'db' | 'engine'>): Promise<void> {
  if (engine === 'postgres') return;
  await db.connection().execute(async (one) => {
    const { rows } = await sql<{ timeout: number }>`pragma busy_timeout`.execute(one);
    await sql`pragma busy_timeout = 0`.execute(one);
    try {
      await sql`pragma wal_checkpoint(truncate)`.execute(one);
    } finally {
      await sql`pragma busy_timeout = ${sql.lit(rows[0]?.timeout ?? 0)}`.execute(one);
    }
  });
}
