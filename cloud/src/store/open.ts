import { setTimeout as sleep } from 'node:timers/promises';
import { KhienError } from '@khien/shared/error';
import type { Id } from '@khien/shared/id';
import { Kysely, sql, type Transaction } from 'kysely';
import { copyBefore } from './copies.ts';
import { isRepeatable, storeUnavailable } from './failures.ts';
import { type Migrations, migrate } from './migrate.ts';
import { migrations } from './migrations/index.ts';
import { patientDialect, postgresDialect } from './postgres.ts';
import { openSqlite } from './sqlite.ts';
import type { Tables } from './tables.ts';

/** How often a transaction that met another is done again before the caller hears of it. */
const REPEATS = 5;

export type Engine = 'sqlite' | 'postgres';

/**
 * Everything the cloud keeps, in one of two engines: SQLite in a file of this process, whose transactions run one after
 * the other, or PostgreSQL, which several nodes share and whose transactions run beside each other. What makes them equal
 * is that a household is the unit of serialisation: whoever reads something of a household and writes because of what it
 * read does so in `ofHousehold`. Inside a transaction use only its `trx`: a query through `db` would wait for that very
 * transaction to end. What `work` does besides must bear to be done again: a transaction that met another is repeated.
 *
 * All of it throws `STORE_UNAVAILABLE` while the database does not answer, and whether a commit that threw it happened is
 * not known.
 */
export interface Store {
  readonly db: Db;
  readonly engine: Engine;
  transaction<T>(work: (trx: Trx) => Promise<T>): Promise<T>;
  /**
   * A transaction beside which no other of this household runs, on any node.
   *
   * @throws KhienError `NOT_FOUND` where the household is not there any more
   */
  ofHousehold<T>(household: Id, work: (trx: Trx) => Promise<T>): Promise<T>;
  /** The same for many at once. Those that are not there are left out. */
  ofHouseholds<T>(households: Iterable<Id>, work: (trx: Trx) => Promise<T>): Promise<T>;
  /** Waits for the statements that run, and closes the file or the connections. */
  close(): Promise<void>;
}

/** The store, or a transaction of it. */
export type Db = Kysely<Tables>;
export type Trx = Transaction<Tables>;

/**
 * Opens a store and brings it to the newest form. An existing file is first copied to `<path>.before-<step>` when a
 * migration is due; of a PostgreSQL database its operator makes backups (pg_dump). Nodes that start at once migrate once.
 *
 * @param location `postgres://…`, or the path of the file; its folder must exist
 * @throws KhienError `STORE_UNREADABLE`, `STORE_UNAVAILABLE`, `STORE_UNSUITABLE`, `STORE_NEWER`, `STORE_MIGRATION_FAILED`
 */
export function openStore(location: string, steps: Migrations = migrations): Promise<Store> {
  return isUrl(location) ? openPostgres(location, steps) : openEmbedded(location, steps);
}

/**
 * Opens a store as it is: nothing is migrated, and none is made where there is none.
 *
 * @throws KhienError `STORE_UNREADABLE`
 */
export function openUnchanged(location: string): Store {
  return isUrl(location)
    ? new KyselyStore(new Kysely({ dialect: postgresDialect(location) }), 'postgres')
    : new KyselyStore(new Kysely({ dialect: openSqlite(location, true).dialect }), 'sqlite');
}

function isUrl(location: string): boolean {
  return /^postgres(ql)?:\/\//.test(location);
}

async function openEmbedded(path: string, steps: Migrations): Promise<Store> {
  const { dialect, backUp } = openSqlite(path);
  const db: Db = new Kysely({ dialect });
  try {
    await migrate(db, steps, (step) => backUp(copyBefore(path, step)));
  } catch (error) {
    await db.destroy();
    throw error;
  }
  return new KyselyStore(db, 'sqlite');
}

async function openPostgres(url: string, steps: Migrations): Promise<Store> {
  const patient: Db = new Kysely({ dialect: patientDialect(url) });
  try {
    await checkOrder(patient);
    await migrate(patient, steps, () => Promise.resolve());
  } finally {
    await patient.destroy();
  }
  return new KyselyStore(new Kysely({ dialect: postgresDialect(url) }), 'postgres');
}

/**
 * Texts are compared as in SQLite, by code point. Another collation would also break indexes when the system's locales
 * are upgraded (wiki.postgresql.org/wiki/Locale_data_changes).
 */
async function checkOrder(db: Db): Promise<void> {
  const { rows } = await sql<{ encoding: string; collation: string }>`
    select pg_encoding_to_char(encoding) as encoding, datcollate as collation
    from pg_database where datname = current_database()`.execute(db);
  const { encoding, collation } = rows[0] ?? {};
  if (encoding === 'UTF8' && /^(C|POSIX|C\.UTF-?8)$/i.test(collation ?? '')) return;
  throw new KhienError(
    'STORE_UNSUITABLE',
    `the database is ${encoding} with collation ${collation}; make one with: ` +
      "create database khien template template0 encoding 'UTF8' locale 'C'",
  );
}

class KyselyStore implements Store {
  readonly db: Db;
  readonly engine: Engine;

  constructor(db: Db, engine: Engine) {
    this.db = db;
    this.engine = engine;
  }

  async transaction<T>(work: (trx: Trx) => Promise<T>): Promise<T> {
    for (let repeats = 0; ; repeats += 1) {
      try {
        return await this.db.transaction().execute(work);
      } catch (error) {
        if (!isRepeatable(error)) throw error;
        if (repeats === REPEATS) throw storeUnavailable(error);
        await sleep(Math.random() * 20 * 2 ** repeats);
      }
    }
  }

  ofHousehold<T>(household: Id, work: (trx: Trx) => Promise<T>): Promise<T> {
    return this.transaction(async (trx) => {
      const locked = await lockHouseholds(trx, [household]);
      if (!locked.has(household)) throw new KhienError('NOT_FOUND', 'the household is not there any more');
      return work(trx);
    });
  }

  ofHouseholds<T>(households: Iterable<Id>, work: (trx: Trx) => Promise<T>): Promise<T> {
    const all = [...new Set(households)];
    return this.transaction(async (trx) => {
      if (all.length > 0) await lockHouseholds(trx, all);
      return work(trx);
    });
  }

  close(): Promise<void> {
    return this.db.destroy();
  }
}

/** In one order everywhere, so that no two wait for each other. Returns those that are there. */
async function lockHouseholds(trx: Trx, households: readonly Id[]): Promise<ReadonlySet<Id>> {
  const rows = await trx
    .selectFrom('household')
    .select('id')
    .where('id', 'in', households)
    .orderBy('id')
    // Not `for update`, beside which no row that references the household could be written.
    .forNoKeyUpdate()
    .execute();
  return new Set(rows.map(({ id }) => id));
}
