import { setTimeout as sleep } from 'node:timers/promises';
import type { Id } from '@khien/shared/id';
import type { FastifyBaseLogger } from 'fastify';
import type { Changes } from '../changes.ts';
import type { Documents } from '../ports.ts';
import type { Store } from '../store/open.ts';

const PAGE = 50;

export interface DocumentRefreshDeps {
  readonly store: Store;
  readonly documents: Documents;
  readonly changes: Changes;
  readonly log: Pick<FastifyBaseLogger, 'error'>;
  /** From the end of one round to the start of the next, milliseconds. */
  readonly every?: number;
  /** Between two households, so that parents and routers are served first, milliseconds. */
  readonly breath?: number;
}

/**
 * Brings every household's documents up to date for reasons that no parent caused: time-zone offsets that run out or
 * that a government changed, answers that are no longer shown, a catalogue that came with a newer release. One round
 * after each start, then one a day; an unchanged policy makes no new version, so most rounds write nothing.
 */
export class DocumentRefresh {
  readonly #deps: DocumentRefreshDeps;
  #stopping = new AbortController();
  #rounds: Promise<void> = Promise.resolve();

  constructor(deps: DocumentRefreshDeps) {
    this.#deps = deps;
  }

  start(): void {
    this.#stopping = new AbortController();
    this.#rounds = this.#run(this.#stopping.signal);
  }

  async stop(): Promise<void> {
    this.#stopping.abort();
    await this.#rounds;
  }

  async #run(stopping: AbortSignal): Promise<void> {
    while (!stopping.aborted) {
      await this.#round(stopping).catch((error: unknown) => {
        this.#deps.log.error({ err: error }, 'a round of document refreshes broke off');
      });
      await pause(this.#deps.every ?? 24 * 3600 * 1000, stopping);
    }
  }

  async #round(stopping: AbortSignal): Promise<void> {
    let last = '';
    while (!stopping.aborted) {
      const page = await this.#deps.store.db
        .selectFrom('household')
        .select('id')
        .where('id', '>', last)
        .orderBy('id')
        .limit(PAGE)
        .execute();
      for (const { id } of page) {
        if (stopping.aborted) return;
        await this.#refresh(id);
        await pause(this.#deps.breath ?? 10, stopping);
      }
      const end = page.at(-1);
      if (end === undefined) return;
      last = end.id;
    }
  }

  async #refresh(household: Id): Promise<void> {
    const { store, documents, changes, log } = this.#deps;
    try {
      const routers = await store.db.transaction().execute((trx) => documents.rebuild(trx, household));
      for (const router of routers) changes.announce({ router, document: 'policy' });
    } catch (error) {
      log.error({ err: error, household }, 'the documents of a household cannot be refreshed');
    }
  }
}

async function pause(ms: number, stopping: AbortSignal): Promise<void> {
  await sleep(ms, undefined, { signal: stopping, ref: false }).catch(() => undefined);
}
