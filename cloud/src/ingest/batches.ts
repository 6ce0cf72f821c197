import type { Id, Instant } from '@khien/shared/id';
import { sql } from 'kysely';
import type { RouterBatch } from '../ports.ts';
import { isPassing } from '../store/failures.ts';
import type { Trx } from '../store/open.ts';
import { Changeset } from './changeset.ts';
import { insertEvents } from './events.ts';
import { Intake } from './intake.ts';
import { project } from './projection.ts';
import { findOrigins, type Origin, routerUnknown, type Told } from './sender.ts';

export interface Committed {
  readonly results: readonly PromiseSettledResult<void>[];
  readonly changeset: Changeset;
}

/** The events of a batch, and whose they are. */
interface Sent {
  readonly by: Origin;
  readonly events: readonly RouterBatch['events'][number][];
}

/**
 * Writes batches as if one came after the other, with as many statements for hundreds as for one. Those of routers that are
 * not known are rejected; when anything else fails nothing of any is good.
 *
 * @param households of the routers, which this transaction has locked
 */
export async function writeTogether(
  trx: Trx,
  batches: readonly RouterBatch[],
  households: ReadonlyMap<Id, Id>,
  now: Instant,
): Promise<Committed> {
  const origins = await findOrigins(
    trx,
    new Map(batches.flatMap(({ router }) => entryOf(households, router))),
  );
  const sent = batches.flatMap(({ router, events }): Sent[] => {
    const by = origins.get(router);
    return by === undefined ? [] : [{ by, events }];
  });
  const intake = await Intake.open(
    trx,
    sent.map(({ by }) => by.household),
    now,
  );
  const changeset = new Changeset();
  for (const turn of turnsOf(sent, intake)) {
    const fresh = await insertEvents(trx, admitted(turn, intake), now);
    for (const { by, event } of fresh) intake.count(by.household, event);
    await project(trx, fresh, changeset, now);
  }
  await intake.save(trx);
  return { results: batches.map(({ router }) => resultOf(origins.has(router))), changeset };
}

function entryOf(households: ReadonlyMap<Id, Id>, router: Id): [Id, Id][] {
  const household = households.get(router);
  return household === undefined ? [] : [[router, household]];
}

/**
 * All at once, but for those of households that have not room for all that they tell: how much room one of their batches
 * leaves to the next depends on what of it is new.
 */
function turnsOf(sent: readonly Sent[], intake: Intake): Sent[][] {
  const told = new Map<Id, Sent['events'][number][]>();
  for (const { by, events } of sent) {
    const all = told.get(by.household) ?? [];
    all.push(...events);
    told.set(by.household, all);
  }
  const full = new Set<Id>();
  for (const [household, all] of told) {
    if (intake.admit(household, all).length < all.length) full.add(household);
  }
  const roomy = sent.filter(({ by }) => !full.has(by.household));
  return [roomy, ...sent.filter(({ by }) => full.has(by.household)).map((one) => [one])];
}

/** What is over is acknowledged and let go. */
function admitted(sent: readonly Sent[], intake: Intake): Told[] {
  return sent.flatMap(({ by, events }) => {
    const kept = intake.admit(by.household, events);
    intake.drop(by.household, events.length - kept.length);
    return kept.map((event) => ({ by, event }));
  });
}

/** Of a batch: only those of routers that are not known are rejected. */
export function resultOf(isKnown: boolean): PromiseSettledResult<void> {
  return isKnown
    ? { status: 'fulfilled', value: undefined }
    : { status: 'rejected', reason: routerUnknown() };
}

/** How batches of some kind are written together. */
export type Write<B> = (
  trx: Trx,
  batches: readonly B[],
  households: ReadonlyMap<Id, Id>,
  now: Instant,
) => Promise<Committed>;

/** Writes one batch after the other, each within a savepoint, so that one that fails takes back its own rows and no others. */
export async function writeEach<B>(
  trx: Trx,
  batches: readonly B[],
  write: (batch: B) => Promise<Committed>,
): Promise<Committed> {
  const changeset = new Changeset();
  const results: PromiseSettledResult<void>[] = [];
  for (const batch of batches) {
    await sql`savepoint batch`.execute(trx);
    try {
      const written = await write(batch);
      await sql`release savepoint batch`.execute(trx);
      results.push(...written.results);
      changeset.addAll(written.changeset);
    } catch (reason) {
      if (isPassing(reason)) throw reason;
      await sql`rollback to savepoint batch`.execute(trx);
      await sql`release savepoint batch`.execute(trx);
      results.push({ status: 'rejected', reason });
    }
  }
  return { results, changeset };
}
