import { setImmediate as breathe } from 'node:timers/promises';
import type { KhienEvent } from '@khien/shared/event';
import type { Id, Instant } from '@khien/shared/id';
import type { Hello, State } from '@khien/shared/topic';
import { sql } from 'kysely';
import type { Changes, HouseholdChange } from '../changes.ts';
import { notifyHindered, settleHindered } from '../notifications/from-router.ts';
import type { Ingest, RouterBatch } from '../ports.ts';
import { isPassing } from '../store/failures.ts';
import type { Store, Trx } from '../store/open.ts';
import { applyDevices } from './devices.ts';
import { insertEvents } from './events.ts';
import { admit, countIntake } from './intake.ts';
import { project } from './projection.ts';
import { findSender, householdsOf, routerUnknown, type Sender, updateRouter } from './sender.ts';
import { saveUsage } from './usage.ts';

/** SQLite works while nothing else can: this many events take some 200 ms. */
const EVENTS_AT_ONCE = 1_024;

type Changed = HouseholdChange['changed'];

/** What a transaction changed of what the parents' pages show, to be told when it is committed. */
class Changeset {
  readonly #changed = new Map<Id, Set<Changed>>();

  add(household: Id, changed: Iterable<Changed>): void {
    const all = this.#changed.get(household) ?? new Set();
    for (const what of changed) all.add(what);
    this.#changed.set(household, all);
  }

  announce(changes: Changes): void {
    for (const [household, all] of this.#changed) {
      for (const changed of all) changes.announce({ household, changed });
    }
  }
}

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

  async #commit(batches: readonly RouterBatch[]): Promise<PromiseSettledResult<void>[]> {
    const households = await householdsOf(
      this.#store.db,
      batches.map(({ router }) => router),
    );
    const { results, changeset } = await this.#store.ofHouseholds(households.values(), async (trx) => {
      const changeset = new Changeset();
      const results: PromiseSettledResult<void>[] = [];
      for (const batch of batches) results.push(await this.#ingestOne(trx, batch, households, changeset));
      return { results, changeset };
    });
    changeset.announce(this.#changes);
    return results;
  }

  /** Within a savepoint, so that a batch that fails takes back its own rows and no others. */
  async #ingestOne(
    trx: Trx,
    { router, events }: RouterBatch,
    households: ReadonlyMap<Id, Id>,
    changeset: Changeset,
  ): Promise<PromiseSettledResult<void>> {
    await sql`savepoint batch`.execute(trx);
    try {
      const sender = await findSender(trx, router, households.get(router));
      const admitted = await admit(trx, sender.household, events, this.#now());
      const fresh = await insertEvents(trx, sender, admitted.events, this.#now());
      await countIntake(trx, sender.household, fresh, admitted.dropped, this.#now());
      const changed = await project(trx, sender, fresh, this.#now());
      await sql`release savepoint batch`.execute(trx);
      changeset.add(sender.household, changed);
      return { status: 'fulfilled', value: undefined };
    } catch (reason) {
      if (isPassing(reason)) throw reason;
      await sql`rollback to savepoint batch`.execute(trx);
      await sql`release savepoint batch`.execute(trx);
      return { status: 'rejected', reason };
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
      const usageChanged = await saveUsage(trx, sender.household, state, state.usage, this.#now());
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
