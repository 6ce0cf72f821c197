import type { Id, Instant } from '@khien/shared/id';
import type { FastifyBaseLogger } from 'fastify';
import type { Changes } from '../changes.ts';
import type { Store } from '../store/open.ts';

/** How long changes are gathered for one transaction, and how long a store that failed is left alone, milliseconds. */
const WINDOW = 20;
const RETRY = 1000;

interface Here {
  readonly household: Id;
  /** The connection that is open, or null for none. */
  readonly connection: string | null;
}

export interface PresenceDeps {
  readonly store: Store;
  readonly changes: Changes;
  readonly log: Pick<FastifyBaseLogger, 'error'>;
  readonly now: () => Instant;
}

/**
 * Keeps `router.connection` as it is in this process, many routers in one transaction: after an outage all of them come
 * back at once. Only the newest of what is to be written for a router is kept, so a store that fails for a while makes it
 * late, not wrong.
 */
export class Presence {
  readonly #deps: PresenceDeps;
  #unwritten = new Map<Id, Here>();
  #running: Promise<void> | undefined;
  #stopping = false;

  constructor(deps: PresenceDeps) {
    this.#deps = deps;
  }

  /** Nobody is connected to a process that starts, whatever the one before it wrote when it died. */
  async reset(): Promise<void> {
    this.#stopping = false;
    await this.#deps.store.db
      .updateTable('router')
      .set({ connection: null })
      .where('connection', 'is not', null)
      .execute();
  }

  set(router: Id, household: Id, connection: string | null): void {
    this.#unwritten.set(router, { household, connection });
    this.#running ??= this.#run();
  }

  /** Writes what is left, without waiting for a store that fails. */
  async stop(): Promise<void> {
    this.#stopping = true;
    await this.#running;
  }

  async #run(): Promise<void> {
    let wait = WINDOW;
    do {
      await new Promise((resolve) => setTimeout(resolve, wait));
      wait = (await this.#write()) ? WINDOW : RETRY;
    } while (this.#unwritten.size > 0 && !(this.#stopping && wait === RETRY));
    this.#running = undefined;
  }

  async #write(): Promise<boolean> {
    const { store, changes, log, now } = this.#deps;
    const writing = this.#unwritten;
    this.#unwritten = new Map();
    const households = new Set([...writing.values()].map((here) => here.household));
    try {
      await store.ofHouseholds(households, async (trx) => {
        for (const [router, { connection }] of writing) {
          await trx
            .updateTable('router')
            .set({ connection, last_seen_at: now() })
            .where('id', '=', router)
            .execute();
        }
      });
    } catch (error) {
      log.error({ err: error }, 'who is online cannot be written');
      for (const [router, here] of writing) {
        if (!this.#unwritten.has(router)) this.#unwritten.set(router, here);
      }
      return false;
    }
    for (const household of households) changes.announce({ household, changed: 'home' });
    return true;
  }
}
