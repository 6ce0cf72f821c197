import type { Id, Instant } from '@khien/shared/id';
import type { Hello, State } from '@khien/shared/topic';
import { notifyHindered, settleHindered } from '../notifications/from-router.ts';
import type { RouterState } from '../ports.ts';
import type { Trx } from '../store/open.ts';
import { type Committed, resultOf } from './batches.ts';
import { Changeset } from './changeset.ts';
import { applyDevices } from './devices.ts';
import { findSenders, type Sender, updateRouter } from './sender.ts';
import { saveUsage } from './usage.ts';

/**
 * Writes what routers are like, as if one came after the other: with as many statements for the homes of a group as for one, but
 * for one of each router.
 *
 * @param households of the routers, which this transaction has locked
 */
export async function writeStates(
  trx: Trx,
  told: readonly RouterState[],
  households: ReadonlyMap<Id, Id>,
  now: Instant,
): Promise<Committed> {
  const changeset = new Changeset();
  const known = new Set<Id>();
  for (const turn of turnsOf(told, households)) {
    const senders = await findSenders(trx, households, turn);
    for (const { sender, state } of senders) {
      known.add(sender.id);
      if (await saveState(trx, sender, state, now)) changeset.add(sender.household, 'home');
    }
    for (const household of await applyDevices(trx, senders, now)) changeset.add(household, 'home');
    const usage = senders.flatMap(({ sender: { household }, state: { timeSource, usage } }) =>
      usage.map((one) => ({ household, timeSource, usage: one })),
    );
    for (const household of await saveUsage(trx, usage, now)) changeset.add(household, 'home');
  }
  return { results: told.map(({ router }) => resultOf(known.has(router))), changeset };
}

/** What a router that has just connected has. */
export interface RouterHello {
  readonly router: Id;
  readonly hello: Hello;
}

/** The same of what they say when they connect. */
export async function writeHellos(
  trx: Trx,
  told: readonly RouterHello[],
  households: ReadonlyMap<Id, Id>,
  now: Instant,
): Promise<Committed> {
  const changeset = new Changeset();
  const senders = await findSenders(trx, households, told);
  for (const { sender, hello } of senders) {
    const changed = await updateRouter(trx, sender, now, {
      daemon: hello.daemon,
      time_source: hello.timeSource,
      policy_in_force: hello.have.policy,
      contacts_in_force: hello.have.contacts,
      lists_in_force: hello.have.lists,
    });
    if (changed) changeset.add(sender.household, 'home');
  }
  const known = new Set(senders.map(({ router }) => router));
  return { results: told.map(({ router }) => resultOf(known.has(router))), changeset };
}

/** Each home once in a turn: what a later state says of its devices depends on what an earlier one did. */
function turnsOf(told: readonly RouterState[], households: ReadonlyMap<Id, Id>): RouterState[][] {
  const turns: RouterState[][] = [];
  const soFar = new Map<Id, number>();
  for (const one of told) {
    const household = households.get(one.router);
    if (household === undefined) continue;
    const turn = soFar.get(household) ?? 0;
    soFar.set(household, turn + 1);
    const others = turns[turn] ?? [];
    others.push(one);
    turns[turn] = others;
  }
  return turns;
}

async function saveState(trx: Trx, sender: Sender, state: State, now: Instant): Promise<boolean> {
  const changed = await updateRouter(trx, sender, now, {
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
  await tellHindrance(trx, sender, state, now);
  return changed;
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
