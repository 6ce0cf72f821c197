import { KhienError } from '@khien/shared/error';
import Database from 'better-sqlite3';
import {
  type CompiledQuery,
  type DatabaseConnection,
  type Dialect,
  type Driver,
  type QueryResult,
  type SelectModifierNode,
  SqliteAdapter,
  SqliteDialect,
  SqliteDriver,
  SqliteQueryCompiler,
} from 'kysely';
import { storeError } from './failures.ts';
import { PreparedStatements } from './prepared-statements.ts';

/** How long a statement waits for a lock that another process (a backup, the sqlite3 shell) holds, milliseconds. */
const BUSY_TIMEOUT = 5_000;

/** Kysely takes it that SQLite cannot undo DDL; it can (sqlite.org/lang_transaction.html), so a failed step leaves nothing. */
class TransactionalSqliteAdapter extends SqliteAdapter {
  override get supportsTransactionalDdl(): boolean {
    return true;
  }
}

/** Says nothing of row locks: one transaction at a time needs none, so the same query is good for both engines. */
class LocklessSqliteCompiler extends SqliteQueryCompiler {
  protected override visitSelectModifier(node: SelectModifierNode): void {
    if (node.modifier === undefined || !/^(For|NoWait|SkipLocked)/.test(node.modifier)) {
      super.visitSelectModifier(node);
    }
  }
}

/** A connection with the errors of this store. */
class EmbeddedConnection implements DatabaseConnection {
  readonly #connection: DatabaseConnection;

  constructor(connection: DatabaseConnection) {
    this.#connection = connection;
  }

  async executeQuery<R>(query: CompiledQuery): Promise<QueryResult<R>> {
    try {
      return await this.#connection.executeQuery<R>(query);
    } catch (error) {
      throw storeError(error);
    }
  }

  streamQuery<R>(query: CompiledQuery, rows: number): AsyncIterableIterator<QueryResult<R>> {
    return this.#connection.streamQuery<R>(query, rows);
  }
}

class EmbeddedDriver extends SqliteDriver {
  readonly #file: Database.Database;

  constructor(file: Database.Database) {
    super({ database: new PreparedStatements(file) });
    this.#file = file;
  }

  override async acquireConnection(): Promise<DatabaseConnection> {
    return new EmbeddedConnection(await super.acquireConnection());
  }

  /** A disk that is full ends the transaction by itself (sqlite.org/lang_transaction.html): there is nothing to take back. */
  override async rollbackTransaction(connection: DatabaseConnection): Promise<void> {
    if (this.#file.inTransaction) await super.rollbackTransaction(connection);
  }
}

class EmbeddedDialect extends SqliteDialect {
  readonly #file: Database.Database;

  constructor(file: Database.Database) {
    super({ database: file });
    this.#file = file;
  }

  override createDriver(): Driver {
    return new EmbeddedDriver(this.#file);
  }
  override createAdapter(): SqliteAdapter {
    return new TransactionalSqliteAdapter();
  }
  override createQueryCompiler(): SqliteQueryCompiler {
    return new LocklessSqliteCompiler();
  }
}

export interface EmbeddedFile {
  readonly dialect: Dialect;
  /** Copies the database as it is now. */
  backUp(to: string): Promise<void>;
}

/**
 * A committed transaction survives kill -9 and power loss (WAL with synchronous=FULL,
 * sqlite.org/pragma.html#pragma_synchronous).
 *
 * @param fileMustExist else it is made
 * @throws KhienError `STORE_UNREADABLE`
 */
export function openSqlite(path: string, fileMustExist = false): EmbeddedFile {
  const file = openFile(path, fileMustExist);
  return {
    dialect: new EmbeddedDialect(file),
    backUp: async (to) => {
      await file.backup(to);
    },
  };
}

function openFile(path: string, fileMustExist: boolean): Database.Database {
  try {
    const file = new Database(path, { timeout: BUSY_TIMEOUT, fileMustExist });
    file.pragma('journal_mode = WAL');
    file.pragma('synchronous = FULL');
    file.pragma('foreign_keys = ON');
    // What a family erases is not to be read from free pages.
    file.pragma('secure_delete = ON');
    return file;
  } catch (cause) {
    throw new KhienError('STORE_UNREADABLE', `the database ${path} cannot be opened`, { cause });
  }
}
