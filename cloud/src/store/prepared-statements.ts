import type Database from 'better-sqlite3';
import type { SqliteDatabase } from 'kysely';

/** Statements that are kept prepared: more than there are in the code, but for lists of a length of their own. */
const MOST_PREPARED = 500;

/** Some do what they are for while they are prepared (sqlite.org/pragma.html). */
const PRAGMA = /^\s*pragma\b/i;

/**
 * Prepares a statement once for all its runs: for most it takes as long as running it. What was used longest ago goes
 * first. SQLite prepares it again by itself where the tables have changed (sqlite.org/c3ref/prepare.html).
 */
export class PreparedStatements implements SqliteDatabase {
  readonly #file: Database.Database;
  readonly #prepared = new Map<string, Database.Statement<unknown[]>>();

  constructor(file: Database.Database) {
    this.#file = file;
  }

  prepare(text: string): Database.Statement<unknown[]> {
    if (PRAGMA.test(text)) return this.#file.prepare<unknown[]>(text);
    const kept = this.#prepared.get(text);
    const statement = kept === undefined || kept.busy ? this.#file.prepare<unknown[]>(text) : kept;
    this.#prepared.delete(text);
    this.#prepared.set(text, statement);
    const [oldest] = this.#prepared.keys();
    if (this.#prepared.size > MOST_PREPARED && oldest !== undefined) this.#prepared.delete(oldest);
    return statement;
  }

  close(): void {
    this.#prepared.clear();
    this.#file.close();
  }
}
