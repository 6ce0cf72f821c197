import { KhienError } from '@khien/shared/error';
import {
  type Dialect,
  type PostgresCursor,
  PostgresDialect,
  type PostgresPool,
  type PostgresPoolClient,
  type PostgresQueryResult,
} from 'kysely';
import pg from 'pg';
import { isReadOnly, storeError } from './failures.ts';

/** Of one node. PostgreSQL has 100 unless told (max_connections), and each is a process of its own. */
const CONNECTIONS = 10;
/** For a connection, be it new or another's turn, milliseconds. */
const CONNECT_TIME = 5_000;
/** For a statement, as the server counts, milliseconds. */
const STATEMENT_TIME = 10_000;
/** The same as this side counts: the server, or the way to it, is gone without a word. */
const ANSWER_TIME = STATEMENT_TIME + 2_000;
/** A node that died without a word in the middle of a transaction holds its locks this long, milliseconds. */
const ABANDONED_TIME = 15_000;

const INT8 = 20;
const NUMERIC = 1700;
const COMMANDS = ['SELECT', 'INSERT', 'UPDATE', 'DELETE', 'MERGE'] as const;

/** `bigint`, and sums of it, are numbers as in SQLite: instants and counts are far below 2^53. */
function parseInteger(text: string): number {
  const value = Number(text);
  if (!Number.isSafeInteger(value)) throw new KhienError('NUMBER_UNSAFE', `${text} is no safe integer`);
  return value;
}

const types = new pg.TypeOverrides();
types.setTypeParser(INT8, parseInteger);
types.setTypeParser(NUMERIC, parseInteger);

/** How connections to this database are made, also those that are not of the pool. */
export function connectionTo(url: string): pg.ClientConfig {
  return {
    connectionString: url,
    application_name: 'khien',
    connectionTimeoutMillis: CONNECT_TIME,
    keepAlive: true,
    types,
  };
}

/** The pool of one node. It outlives the server: a connection that is lost is replaced when the next one is needed. */
export function postgresDialect(url: string): Dialect {
  return new PostgresDialect({
    pool: new Connections({
      ...connectionTo(url),
      max: CONNECTIONS,
      statement_timeout: STATEMENT_TIME,
      query_timeout: ANSWER_TIME,
      idle_in_transaction_session_timeout: ABANDONED_TIME,
    }),
  });
}

/** For migrations, which take as long as they take, and wait as long for another node that is at it. */
export function patientDialect(url: string): Dialect {
  return new PostgresDialect({ pool: new Connections({ ...connectionTo(url), max: 2 }) });
}

/** `pg`'s pool, with the errors of this store. */
class Connections implements PostgresPool {
  readonly #pool: pg.Pool;

  constructor(options: pg.PoolConfig) {
    this.#pool = new pg.Pool(options);
    // Whoever uses the connection hears of it by the statement that fails; one that nobody uses is just gone.
    this.#pool.on('error', () => undefined);
    this.#pool.on('connect', (client) => client.on('error', () => undefined));
  }

  async connect(): Promise<PostgresPoolClient> {
    try {
      return new Connection(await this.#pool.connect());
    } catch (error) {
      throw storeError(error);
    }
  }

  end(): Promise<void> {
    return this.#pool.end();
  }
}

class Connection implements PostgresPoolClient {
  readonly #client: pg.PoolClient;
  #lost = false;

  constructor(client: pg.PoolClient) {
    this.#client = client;
  }

  query<R>(sql: string, parameters: readonly unknown[]): Promise<PostgresQueryResult<R>>;
  query<R>(cursor: PostgresCursor<R>): PostgresCursor<R>;
  query<R>(sql: string | PostgresCursor<R>, parameters: readonly unknown[] = []) {
    return typeof sql === 'string' ? this.#query<R>(sql, parameters) : sql;
  }

  async #query<R>(sql: string, parameters: readonly unknown[]): Promise<PostgresQueryResult<R>> {
    // What waits behind a statement that got no answer gets none either.
    if (this.#lost) throw new KhienError('STORE_UNAVAILABLE', 'the connection to the database is lost');
    try {
      const { command, rowCount, rows } = await this.#client.query(sql, parameters.map(storable));
      return {
        command: COMMANDS.find((known) => known === command) ?? 'SELECT',
        rowCount: rowCount ?? 0,
        rows,
      };
    } catch (error) {
      const thrown = storeError(error);
      // An error of the server's own has its SQLSTATE, and the connection lives on.
      if (error instanceof pg.DatabaseError) withhold(error);
      else if (thrown !== error) this.#lost = true;
      if (isReadOnly(error)) this.#lost = true;
      throw thrown;
    }
  }

  release(): void {
    this.#client.release(this.#lost);
  }
}

/** Takes what may be of a row out of an error, which may come into a log: `Key (email)=(…) already exists.` */
function withhold(error: pg.DatabaseError): void {
  error.detail = undefined;
  error.where = undefined;
  error.hint = undefined;
  error.internalQuery = undefined;
}

/** PostgreSQL has no U+0000 in a text (postgresql.org/docs/current/datatype-character.html), and routers can send one. */
function storable(parameter: unknown): unknown {
  return typeof parameter === 'string' && parameter.includes('\0')
    ? parameter.replaceAll('\0', '\uFFFD')
    : parameter;
}
