import { setTimeout as sleep } from 'node:timers/promises';
import type { Id, Instant } from '@khien/shared/id';
import type { FastifyBaseLogger } from 'fastify';
import type { Changes } from '../changes.ts';
import type { Store } from '../store/open.ts';

/** How often a node shows that it lives, milliseconds. */
const BEAT_EVERY = 3_000;
/** A node whose beat stands still for so many of ours, while the store answers, is dead. */
const DEAD_AFTER = 5;
/** Routers in one transaction. */
const PAGE = 200;

export interface MembershipDeps {
  readonly store: Store;
  readonly changes: Changes;
  readonly log: Pick<FastifyBaseLogger, 'info' | 'error'>;
  readonly now: () => Instant;
}

interface Seen {
  readonly beat: number;
  /** Since when it stands, by the clock of this process that never jumps: those of other nodes may be wrong. */
  readonly since: number;
  /** When this process saw it come or move, by the same clock; undefined of one that stood all the while. */
  readonly lived: number | undefined;
}

/**
 * This node among those over the same store. It shows that it lives, and notices those that died without taking leave:
 * their routers are offline, unless they are connected again elsewhere.
 */
export class Membership {
  readonly #deps: MembershipDeps;
  readonly #node: Id;
  readonly #every: number;
  readonly #stopping = new AbortController();
  /** Undefined until it has looked. */
  #others: ReadonlyMap<Id, Seen> | undefined;
  #beats: Promise<void> = Promise.resolve();

  constructor(deps: MembershipDeps, node: Id, every = BEAT_EVERY) {
    this.#deps = deps;
    this.#node = node;
    this.#every = every;
  }

  async start(): Promise<void> {
    await this.#show();
    // Nobody else has the file, so whoever is still written in it is dead.
    if (this.#deps.store.engine === 'sqlite') for (const { id } of await this.#read()) await this.#bury(id);
    this.#beats = this.#run();
  }

  async stop(): Promise<void> {
    this.#stopping.abort();
    await this.#beats;
    await this.#deps.store.db.deleteFrom('node').where('id', '=', this.#node).execute();
  }

  async #run(): Promise<void> {
    const { signal } = this.#stopping;
    for (;;) {
      await sleep(this.#every, undefined, { signal, ref: false }).catch(() => undefined);
      if (signal.aborted) return;
      try {
        await this.#show();
        await this.#look();
      } catch (error) {
        this.#deps.log.error({ err: error }, 'the other nodes cannot be seen');
        // What stood still may have been the store.
        this.#others = standingSince(performance.now(), this.#others);
      }
    }
  }

  async #show(): Promise<void> {
    const { store, now } = this.#deps;
    await store.db
      .insertInto('node')
      .values({ id: this.#node, beat: 0, started_at: now() })
      .onConflict((conflict) =>
        conflict.column('id').doUpdateSet((eb) => ({ beat: eb('node.beat', '+', 1) })),
      )
      .execute();
  }

  #read(): Promise<{ id: Id; beat: number }[]> {
    return this.#deps.store.db
      .selectFrom('node')
      .select(['id', 'beat'])
      .where('id', '!=', this.#node)
      .orderBy('id')
      .execute();
  }

  async #look(): Promise<void> {
    const at = performance.now();
    const seen = new Map<Id, Seen>();
    const dead = new Map<Id, Seen>();
    for (const { id, beat } of await this.#read()) {
      const before = this.#others?.get(id);
      const lived = this.#others === undefined ? undefined : at;
      const now = before?.beat === beat ? before : { beat, since: at, lived };
      seen.set(id, now);
      if (at - now.since > DEAD_AFTER * this.#every) dead.set(id, now);
    }
    this.#others = seen;
    for (const [id, { lived }] of dead) {
      if (lived === undefined) await this.#bury(id);
      else await this.#bury(id, { last_seen_at: this.#deps.now() - Math.round(performance.now() - lived) });
    }
  }

  /** @param gone what is known of its routers: they were there as long as the node was seen to live */
  async #bury(node: Id, gone: { readonly last_seen_at?: Instant } = {}): Promise<void> {
    const { store, changes, log } = this.#deps;
    const routers = await store.db
      .selectFrom('router')
      .select(['id', 'household', 'connection'])
      .where('connection', 'like', `%@${node}`)
      .orderBy('id')
      .execute();
    for (let from = 0; from < routers.length; from += PAGE) {
      const page = routers.slice(from, from + PAGE);
      const households = new Set(page.map(({ household }) => household));
      await store.ofHouseholds(households, async (trx) => {
        for (const { id, connection } of page) {
          await trx
            .updateTable('router')
            .set({ connection: null, ...gone })
            .where('id', '=', id)
            .where('connection', '=', connection)
            .execute();
        }
      });
      for (const household of households) changes.announce({ household, changed: 'home' });
    }
    await store.db.deleteFrom('node').where('id', '=', node).execute();
    log.info({ node, routers: routers.length }, 'a node is gone');
  }
}

/** The same others, none of which has stood still for long. */
function standingSince(
  since: number,
  others: ReadonlyMap<Id, Seen> | undefined,
): ReadonlyMap<Id, Seen> | undefined {
  return others && new Map([...others].map(([id, seen]) => [id, { ...seen, since }]));
}
