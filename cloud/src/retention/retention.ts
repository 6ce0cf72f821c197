import { setTimeout as sleep } from 'node:timers/promises';
import type { Instant } from '@khien/shared/id';
import { DAY } from '@khien/shared/policy';
import type { FastifyBaseLogger } from 'fastify';
import type { Db, Store } from '../store/open.ts';
import { sweepHousehold, sweepSessions } from './sweep.ts';

/** Between two households, so that parents and routers are served first, milliseconds. */
const BREATH = 10;
const PAGE = 50;

interface RetentionDeps {
  readonly store: Store;
  readonly log: Pick<FastifyBaseLogger, 'error'>;
  readonly now: () => Instant;
}

/** Forgets what is older than it is kept: one round after the start, then one a day. */
export class Retention {
  readonly #deps: RetentionDeps;
  #stopping = new AbortController();
  #rounds: Promise<void> = Promise.resolve();

  constructor(deps: RetentionDeps) {
    this.#deps = deps;
  }

  start(): void {
    this.#stopping = new AbortController();
    this.#rounds = this.#run(this.#stopping.signal);
  }

  /** Resolves when the household that is being swept is done. */
  async stop(): Promise<void> {
    this.#stopping.abort();
    await this.#rounds;
  }

  async #run(stopping: AbortSignal): Promise<void> {
    while (!stopping.aborted) {
      await this.#round(stopping).catch((error: unknown) => {
        this.#deps.log.error({ err: error }, 'a round of forgetting broke off');
      });
      await pause(DAY, stopping);
    }
  }

  async #round(stopping: AbortSignal): Promise<void> {
    const { store, now } = this.#deps;
    await sweepSessions(store.db, now());
    let page = await nextHouseholds(store.db, '');
    while (page.length > 0) {
      for (const household of page) {
        if (stopping.aborted) return;
        await sweepHousehold(store.db, household, now());
        await pause(BREATH, stopping);
      }
      page = await nextHouseholds(store.db, page.at(-1) ?? '');
    }
  }
}

async function nextHouseholds(db: Db, after: string): Promise<string[]> {
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
