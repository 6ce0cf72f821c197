import { KhienError } from '@khien/shared/error';
import Database from 'better-sqlite3';
import { Kysely, SqliteAdapter, SqliteDialect, type Transaction } from 'kysely';
import { type Migrations, migrate } from './migrate.ts';
import { migrations } from './migrations/index.ts';
import type { Tables } from './tables.ts';

/** How long a statement waits for a lock that another process (a backup, the sqlite3 shell) holds, milliseconds. */
const BUSY_TIMEOUT = 5_000;

/** Kysely takes it that SQLite cannot undo DDL; it can (sqlite.org/lang_transaction.html), so a failed step leaves nothing. */
class TransactionalSqliteAdapter extends SqliteAdapter {
  override get supportsTransactionalDdl(): boolean {
    return true;
  }
}

class TransactionalSqliteDialect extends SqliteDialect {
  override createAdapter(): SqliteAdapter {
    return new TransactionalSqliteAdapter();
  }
}

export interface Store {
  /**
   * One connection, so transactions run one after the other. Inside a transaction use only its `trx`: a query through
   * `db` would wait for that very transaction to end.
   */
  readonly db: Db;
  /** Waits for the statement that runs and closes the file. */
  close(): Promise<void>;
}

/** The store, or a transaction of it. */
export type Db = Kysely<Tables>;
export type Trx = Transaction<Tables>;

/**
 * Opens the embedded store and brings it to the newest form; a committed transaction survives kill -9 and power loss
 * (WAL with synchronous=FULL, sqlite.org/pragma.html#pragma_synchronous). An existing database is first copied to
 * `<path>.before-<step>` when a migration is due.
 *
 * @param path the database file; its folder must exist
 * @throws KhienError `STORE_UNREADABLE`, `STORE_NEWER`, `STORE_MIGRATION_FAILED`
 */
export async function openStore(path: string, steps: Migrations = migrations): Promise<Store> {
  const file = openFile(path);
  const db = new Kysely<Tables>({ dialect: new TransactionalSqliteDialect({ database: file }) });
  try {
    await migrate(db, steps, async (step) => {
      await file.backup(`${path}.before-${step}`);
    });
  } catch (error) {
    await db.destroy();
    throw error;
  }
  return { db, close: () => db.destroy() };
}

function openFile(path: string): Database.Database {
  try {
    const file = new Database(path, { timeout: BUSY_TIMEOUT });
    file.pragma('journal_mode = WAL');
    file.pragma('synchronous = FULL');
    file.pragma('foreign_keys = ON');
    return file;
  } catch (cause) {
    throw new KhienError('STORE_UNREADABLE', `the database ${path} cannot be opened`, { cause });
  }
}
