import { type Id, type Instant, newId } from '@khien/shared/id';
import { DAY, MINUTE } from '@khien/shared/policy';
import type { FastifyBaseLogger } from 'fastify';
import { sql } from 'kysely';
import type { Store } from '../store/open.ts';

/** As many as one node sends at once. */
const AT_ONCE = 16;
/** How long places that become free are filled again, milliseconds: then what else its caller does has its turn. */
const PASS = 10_000;
/** Whoever has not finished after this long, milliseconds, is taken for dead: far longer than a sender waits. */
const LEASE = MINUTE;
/** Between tries; doubles each time, up to the longest. */
const FIRST_WAIT = MINUTE / 2;
const LONGEST_WAIT = 60 * MINUTE;
/** What the other side asks us to wait is believed up to this. */
const LONGEST_ASKED = DAY / 4;
/** What could not be sent for this long is old news. */
export const GIVE_UP = DAY;

/** Something that waits to be sent. */
export interface Queued {
  readonly id: Id;
  /** Not before; while it is being sent, when it is taken that the sender died. */
  readonly due_at: Instant;
  readonly attempts: number;
  /** Who sends it. */
  readonly lease: Id | null;
  readonly created_at: Instant;
}

/** What came of trying: there is no more to do, or it is to be tried again, after as many milliseconds at least. */
export type Next = 'done' | { readonly after: number | null };

export interface OutboxDeps {
  readonly store: Store;
  readonly log: Pick<FastifyBaseLogger, 'error' | 'warn'>;
  readonly now: () => Instant;
}

/** A table whose rows are sent, each until it was taken or is a day old. */
export class Outbox<Row extends Queued> {
  readonly #deps: OutboxDeps;
  readonly #table: 'delivery' | 'webhook_delivery';

  constructor(deps: OutboxDeps, table: 'delivery' | 'webhook_delivery') {
    this.#deps = deps;
    this.#table = table;
  }

  /**
   * Sends what is due. A row is taken by one node at a time for as long as a lease, and is gone once it was sent: what a
   * killed node had in hand is sent again when its lease is over. Whoever is slow to answer keeps one place, and the others
   * are filled again. Returns how many were taken.
   */
  async sendDue(send: (row: Row) => Promise<Next>): Promise<number> {
    const end = this.#deps.now() + PASS;
    const first = await this.#take(AT_ONCE);
    let taken = first.length;
    const fillAgain = async (): Promise<Row | undefined> => {
      if (this.#deps.now() >= end) return undefined;
      const [row] = await this.#take(1);
      if (row !== undefined) taken += 1;
      return row;
    };
    await Promise.all(
      first.map(async (row) => {
        for (let next: Row | undefined = row; next !== undefined; next = await fillAgain()) {
          await this.#dealWith(next, send);
        }
      }),
    );
    return taken;
  }

  async #dealWith(row: Row, send: (row: Row) => Promise<Next>): Promise<void> {
    try {
      const next = await send(row);
      await (next === 'done' ? this.#remove(row) : this.#putOff(row, next.after));
    } catch (error) {
      this.#deps.log.error({ err: error, delivery: row.id }, 'what was to be sent could not be dealt with');
      await this.#putOff(row, null);
    }
  }

  /** Each place and node takes others: what one is about to take, no other waits for. */
  async #take(most: number): Promise<Row[]> {
    const { store, now } = this.#deps;
    const due = now();
    const lease = newId(due);
    const table = sql.table(this.#table);
    const locked = store.engine === 'postgres' ? sql`for update skip locked` : sql``;
    const { rows } = await sql<Row>`
      update ${table} set lease = ${lease}, due_at = ${due + LEASE}, attempts = attempts + 1
      where due_at <= ${due} and id in (
        select id from ${table} where due_at <= ${due} order by due_at, id limit ${sql.lit(most)} ${locked}
      )
      returning *`.execute(store.db);
    return rows;
  }

  /** Whoever lost the lease leaves the row to its new holder. */
  async #remove({ id, lease }: Row): Promise<void> {
    await sql`delete from ${sql.table(this.#table)} where id = ${id} and lease = ${lease}`.execute(
      this.#deps.store.db,
    );
  }

  async #putOff(row: Row, after: number | null): Promise<void> {
    const now = this.#deps.now();
    if (now - row.created_at > GIVE_UP) return this.#remove(row);
    const wait = Math.min(LONGEST_WAIT, FIRST_WAIT * 2 ** Math.min(row.attempts - 1, 10));
    const jittered = wait * (0.75 + Math.random() / 2);
    const due = now + Math.round(Math.max(jittered, Math.min(after ?? 0, LONGEST_ASKED)));
    await sql`update ${sql.table(this.#table)} set lease = null, due_at = ${due}
      where id = ${row.id} and lease = ${row.lease}`.execute(this.#deps.store.db);
  }
}
