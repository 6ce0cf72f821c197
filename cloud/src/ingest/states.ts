import type { Id, Instant } from '@khien/shared/id';
import type { State } from '@khien/shared/topic';
import { notifyHindered, settleHindered } from '../notifications/from-router.ts';
import type { RouterHello, RouterState } from '../ports.ts';
import type { Trx } from '../store/open.ts';
import { type Committed, resultOf } from './batches.ts';
import { Changeset } from './changeset.ts';
import { applyDevices } from './devices.ts';
import { findSenders, type Sender, updateByHellos, updateByStates } from './sender.ts';
import { saveUsage } from './usage.ts';

/**
 * Writes what routers are like, as if one came after the other: with as many statements for the homes of a group as for one.
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
    const found = await findSenders(trx, households, turn);
    for (const { sender } of found) known.add(sender.id);
    const senders = found.filter(isNewest);
    for (const household of await updateByStates(trx, senders, now)) changeset.add(household, 'home');
    for (const { sender, state } of senders) await tellHindrance(trx, sender, state, now);
    for (const household of await applyDevices(trx, senders, now)) changeset.add(household, 'home');
    // The most of what was told of a day counts, in whatever order it comes.
    const usage = found.flatMap(({ sender: { household }, state: { timeSource, usage } }) =>
      usage.map((one) => ({ household, timeSource, usage: one })),
    );
    for (const household of await saveUsage(trx, usage, now)) changeset.add(household, 'home');
  }
  return { results: told.map(({ router }) => resultOf(known.has(router))), changeset };
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
  for (const household of await updateByHellos(trx, senders, now)) changeset.add(household, 'home');
  const known = new Set(senders.map(({ router }) => router));
  return { results: told.map(({ router }) => resultOf(known.has(router))), changeset };
}

/** Whether no later connection of the router is known, be it at another node. */
function isNewest({ by, sender }: { readonly by?: string; readonly sender: Sender }): boolean {
  return by === undefined || sender.connection === null || by >= sender.connection;
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
  else await notifyHindered(trx, household, { router, by, code: state.enforcement }, { at: now }, now);
}
