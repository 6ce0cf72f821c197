import { setImmediate as breathe } from 'node:timers/promises';
import type { KhienEvent } from '@khien/shared/event';
import type { Id, Instant } from '@khien/shared/id';
import type { Hello, State } from '@khien/shared/topic';
import type { Changes } from '../changes.ts';
import { notifyHindered, settleHindered } from '../notifications/from-router.ts';
import { EVENTS_AT_ONCE, type Ingest, type RouterBatch } from '../ports.ts';
import { isPassing } from '../store/failures.ts';
import type { Store, Trx } from '../store/open.ts';
import { type Committed, writeEach, writeTogether } from './batches.ts';
import { applyDevices } from './devices.ts';
import { findSender, householdsOf, routerUnknown, type Sender, updateRouter } from './sender.ts';
import { saveUsage } from './usage.ts';

/** Consecutive batches, as many as one transaction takes, and at least one. */
function groupsOf(batches: readonly RouterBatch[]): RouterBatch[][] {
  const groups: RouterBatch[][] = [];
  let room = 0;
  for (const batch of batches) {
    const group = groups.at(-1);
    if (group === undefined || batch.events.length > room) {
      groups.push([batch]);
      room = EVENTS_AT_ONCE;
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
    const [result] = await this.ingestMany([{ router, events }]);
    if (result?.status === 'rejected') throw result.reason;
  }

  async ingestMany(batches: readonly RouterBatch[]): Promise<readonly PromiseSettledResult<void>[]> {
    const results: PromiseSettledResult<void>[] = [];
    for (const group of groupsOf(batches)) {
      try {
        results.push(...(await this.#commit(group)));
      } catch (reason) {
        if (results.length === 0) throw reason;
        results.push(...group.map(() => ({ status: 'rejected', reason }) as const));
      }
      await breathe();
    }
    return results;
  }

  async #commit(batches: readonly RouterBatch[]): Promise<readonly PromiseSettledResult<void>[]> {
    const households = await householdsOf(
      this.#store.db,
      batches.map(({ router }) => router),
    );
    const { results, changeset } = await this.#write(batches, households);
    changeset.announce(this.#changes);
    return results;
  }

  /** Where writing them together fails for a reason of one of them, each stands for itself. */
  async #write(batches: readonly RouterBatch[], households: ReadonlyMap<Id, Id>): Promise<Committed> {
    const inTransaction = (work: (trx: Trx) => Promise<Committed>): Promise<Committed> =>
      this.#store.ofHouseholds(households.values(), work);
    try {
      return await inTransaction((trx) => writeTogether(trx, batches, households, this.#now()));
    } catch (reason) {
      if (isPassing(reason)) throw reason;
      return inTransaction((trx) => writeEach(trx, batches, households, this.#now()));
    }
  }

  applyState(router: Id, state: State): Promise<void> {
    return this.#applyNow(router, async (trx, sender) => {
      const routerChanged = await updateRouter(trx, sender, this.#now(), {
        daemon: state.daemon,
        time_source: state.timeSource,
        enforcement: state.enforcement,
        policy_in_force: state.inForce.policy,
        contacts_in_force: state.inForce.contacts,
        lists_in_force: state.inForce.lists,
        lists_version: state.lists?.version ?? null,
        lists_names: state.lists?.names ?? null,
        lists_left_out: state.lists === null ? null : JSON.stringify(state.lists.leftOut),
      });
      await tellHindrance(trx, sender, state, this.#now());
      const devicesChanged = await applyDevices(trx, sender, state, this.#now());
      const { household } = sender;
      const { timeSource } = state;
      const usage = state.usage.map((usage) => ({ household, timeSource, usage }));
      const usageChanged = (await saveUsage(trx, usage, this.#now())).size > 0;
      return routerChanged || devicesChanged || usageChanged;
    });
  }

  hello(router: Id, hello: Hello): Promise<void> {
    return this.#applyNow(router, (trx, sender) =>
      updateRouter(trx, sender, this.#now(), {
        daemon: hello.daemon,
        time_source: hello.timeSource,
        policy_in_force: hello.have.policy,
        contacts_in_force: hello.have.contacts,
        lists_in_force: hello.have.lists,
      }),
    );
  }

  async #applyNow(router: Id, apply: (trx: Trx, sender: Sender) => Promise<boolean>): Promise<void> {
    const household = (await householdsOf(this.#store.db, [router])).get(router);
    if (household === undefined) throw routerUnknown();
    const changed = await this.#store.ofHousehold(household, async (trx) =>
      apply(trx, await findSender(trx, router, household)),
    );
    if (changed) this.#changes.announce({ household, changed: 'home' });
  }
}

/** A router that does not enforce, or does again. Without a policy there is nothing to enforce yet. */
async function tellHindrance(
  trx: Trx,
  { id: router, household, enforcement }: Sender,
  state: State,
  now: Instant,
): Promise<void> {
  if (enforcement === state.enforcement || state.inForce.policy === 0) return;
  const by = 'enforcement';
  if (state.enforcement === 'enforcing') await settleHindered(trx, household, { router, by }, now);
  else await notifyHindered(trx, household, { router, by, code: state.enforcement }, now, now);
}
