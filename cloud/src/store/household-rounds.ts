import { setTimeout as sleep } from 'node:timers/promises';
import type { Id } from '@khien/shared/id';
import { DAY } from '@khien/shared/policy';
import type { FastifyBaseLogger } from 'fastify';
import type { Db, Store } from './open.ts';

const PAGE = 50;
/** Times as long as a household took is rested after it: when ten thousand routers come back at once, each takes long. */
const REST = 9;

export interface HouseholdRoundsDeps {
  readonly store: Pick<Store, 'db'>;
  readonly log: Pick<FastifyBaseLogger, 'error'>;
  /** What is done, for the log: `forgetting`. */
  readonly name: string;
  /** Done once at the start of each round, one after the other. One that fails is logged and keeps nothing else from being done. */
  readonly first?: readonly (() => Promise<void>)[];
  /** Done for one household after the other. What it throws is logged and stops nothing but that household. */
  readonly each: (household: Id) => Promise<void>;
  /** From the end of one round to the start of the next, milliseconds; a day unless told. */
  readonly every?: number;
  /** Between two households, so that parents and routers are served first, milliseconds; 10 unless told. Where the store is busy, more. */
  readonly breath?: number;
}

/** Work on every household that no parent asked for: one round after each start, then one a day. */
export class HouseholdRounds {
  readonly #deps: HouseholdRoundsDeps;
  #stopping = new AbortController();
  #rounds: Promise<void> = Promise.resolve();

  constructor(deps: HouseholdRoundsDeps) {
    this.#deps = deps;
  }

  start(): void {
    this.#stopping = new AbortController();
    this.#rounds = this.#run(this.#stopping.signal);
  }

  /** Resolves when the household that is under way is done. */
  async stop(): Promise<void> {
    this.#stopping.abort();
    await this.#rounds;
  }

  async #run(stopping: AbortSignal): Promise<void> {
    const { log, name, every = DAY } = this.#deps;
    while (!stopping.aborted) {
      await this.#round(stopping).catch((error: unknown) =>
        log.error({ err: error }, `a round of ${name} broke off`),
      );
      await pause(every, stopping);
    }
  }

  async #round(stopping: AbortSignal): Promise<void> {
    const { store, log, name, first = [], each, breath = 10 } = this.#deps;
    for (const one of first) {
      if (stopping.aborted) return;
      await one().catch((error: unknown) => log.error({ err: error }, `a part of ${name} failed`));
    }
    let page = await nextHouseholds(store.db, '');
    while (page.length > 0) {
      for (const household of page) {
        if (stopping.aborted) return;
        const from = performance.now();
        await each(household).catch((error: unknown) =>
          log.error({ err: error, household }, `${name} failed`),
        );
        await pause(Math.max(breath, REST * (performance.now() - from)), stopping);
      }
      page = await nextHouseholds(store.db, page.at(-1) ?? '');
    }
  }
}

async function nextHouseholds(db: Db, after: Id): Promise<Id[]> {
  const rows = await db
    .selectFrom('household')
    .select('id')
    .where('id', '>', after)
    .orderBy('id')
    .limit(PAGE)
    .execute();
  return rows.map((row) => row.id);
}

/** Ends early, without an error, when `stopping` is aborted. */
async function pause(ms: number, stopping: AbortSignal): Promise<void> {
  await sleep(ms, undefined, { signal: stopping, ref: false }).catch(() => undefined);
}
