import type { Id, Instant } from '@khien/shared/id';
import type { FastifyBaseLogger } from 'fastify';
import type { Changes } from '../changes.ts';
import { type Columns, updateSet } from '../store/insert-set.ts';
import type { Store, Trx } from '../store/open.ts';

/** How long changes are gathered for one transaction, and how long a store that failed is left alone, milliseconds. */
const WINDOW = 100;
const RETRY = 1000;
/** Routers in one transaction, which holds up their households. */
const MOST = 200;

const columns: Columns<'router'> = { texts: ['id', 'connection'], numbers: ['last_seen_at'] };

interface Here {
  readonly household: Id;
  readonly connection: string;
  readonly isOpen: boolean;
}

export interface PresenceDeps {
  readonly store: Store;
  readonly changes: Changes;
  readonly log: Pick<FastifyBaseLogger, 'error'>;
  readonly now: () => Instant;
}

/**
 * Keeps `router.connection` as it is on this node, many routers in one transaction: after an outage all of them come back
 * at once. Only the newest of what is to be written for a router is kept, so a store that fails for a while makes it late,
 * not wrong. A later connection, of this node or another, is never written over.
 */
export class Presence {
  readonly #deps: PresenceDeps;
  readonly #unwritten = new Map<Id, Here>();
  #running: Promise<void> | undefined;
  #stopping = false;

  constructor(deps: PresenceDeps) {
    this.#deps = deps;
  }

  start(): void {
    this.#stopping = false;
  }

  set(router: Id, household: Id, connection: string, isOpen: boolean): void {
    this.#unwritten.delete(router);
    this.#unwritten.set(router, { household, connection, isOpen });
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
    const writing = [...this.#unwritten].slice(0, MOST);
    for (const [router] of writing) this.#unwritten.delete(router);
    const households = new Set(writing.map(([, { household }]) => household));
    try {
      await store.ofHouseholds(households, async (trx) => {
        const before = await connectionsOf(trx, writing);
        const told = writing.map(([id, here]) => ({
          id,
          connection: after(before.get(id) ?? null, here),
          last_seen_at: now(),
        }));
        await updateSet(trx, 'router', columns, told);
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

/** What is stored, until the transaction ends. */
async function connectionsOf(
  trx: Trx,
  writing: readonly (readonly [Id, Here])[],
): Promise<ReadonlyMap<Id, string | null>> {
  const rows = await trx
    .selectFrom('router')
    .select(['id', 'connection'])
    .where(
      'id',
      'in',
      writing.map(([id]) => id),
    )
    .orderBy('id')
    .forNoKeyUpdate()
    .execute();
  return new Map(rows.map(({ id, connection }) => [id, connection]));
}

/** What is to be stored of a router's connection where another was. */
function after(before: string | null, { connection, isOpen }: Here): string | null {
  if (before !== null && before > connection) return before;
  return isOpen ? connection : null;
}
