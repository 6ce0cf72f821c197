import { setImmediate as breathe } from 'node:timers/promises';
import type { KhienEvent } from '@khien/shared/event';
import type { Id, Instant } from '@khien/shared/id';
import type { Changes } from '../changes.ts';
import { type Ingest, ROWS_AT_ONCE, type RouterBatch, type RouterHello, type RouterState } from '../ports.ts';
import { isPassing } from '../store/failures.ts';
import type { Store, Trx } from '../store/open.ts';
import { type Committed, type Write, writeEach, writeTogether } from './batches.ts';
import { householdsOf } from './sender.ts';
import { writeHellos, writeStates } from './states.ts';

/** Consecutive batches, as many as one transaction takes, and at least one. */
function groupsOf(batches: readonly RouterBatch[]): RouterBatch[][] {
  const groups: RouterBatch[][] = [];
  let room = 0;
  for (const batch of batches) {
    const group = groups.at(-1);
    if (group === undefined || batch.events.length > room) {
      groups.push([batch]);
      room = ROWS_AT_ONCE;
    } else {
      group.push(batch);
    }
    room -= batch.events.length;
  }
  return groups;
}

/** What routers tell, into the store: events once each, in the order in which they come; states as the newest says. */
export class StoreIngest implements Ingest {
  readonly #store: Store;
  readonly #changes: Changes;
  readonly #now: () => Instant;

  constructor(store: Store, changes: Changes, now: () => Instant) {
    this.#store = store;
    this.#changes = changes;
    this.#now = now;
  }

  async ingest(router: Id, events: readonly KhienEvent[]): Promise<void> {
    throwRejected(await this.ingestMany([{ router, events }]));
  }

  async ingestMany(batches: readonly RouterBatch[]): Promise<readonly PromiseSettledResult<void>[]> {
    const results: PromiseSettledResult<void>[] = [];
    for (const group of groupsOf(batches)) {
      try {
        results.push(...(await this.#commit(group, writeTogether)));
      } catch (reason) {
        if (results.length === 0) throw reason;
        results.push(...group.map(() => ({ status: 'rejected', reason }) as const));
      }
      await breathe();
    }
    return results;
  }

  applyStates(told: readonly RouterState[]): Promise<readonly PromiseSettledResult<void>[]> {
    return this.#commit(told, writeStates);
  }

  applyHellos(told: readonly RouterHello[]): Promise<readonly PromiseSettledResult<void>[]> {
    return this.#commit(told, writeHellos);
  }

  async #commit<B extends { readonly router: Id }>(
    batches: readonly B[],
    write: Write<B>,
  ): Promise<readonly PromiseSettledResult<void>[]> {
    const households = await householdsOf(
      this.#store.db,
      batches.map(({ router }) => router),
    );
    const { results, changeset } = await this.#write(batches, households, write);
    changeset.announce(this.#changes);
    return results;
  }

  /** Where writing them together fails for a reason of one of them, each stands for itself. */
  async #write<B>(
    batches: readonly B[],
    households: ReadonlyMap<Id, Id>,
    write: Write<B>,
  ): Promise<Committed> {
    const inTransaction = (work: (trx: Trx) => Promise<Committed>): Promise<Committed> =>
      this.#store.ofHouseholds(households.values(), work);
    try {
      return await inTransaction((trx) => write(trx, batches, households, this.#now()));
    } catch (reason) {
      if (isPassing(reason) || batches.length === 1) throw reason;
      return inTransaction((trx) =>
        writeEach(trx, batches, (batch) => write(trx, [batch], households, this.#now())),
      );
    }
  }
}

function throwRejected([result]: readonly PromiseSettledResult<void>[]): void {
  if (result?.status === 'rejected') throw result.reason;
}
