import { type Id, type Instant, newId } from '@khien/shared/id';
import type { ZoneOffset } from '@khien/shared/policy';
import type { Changes } from '../changes.ts';
import { aboutOf } from '../notifications/about.ts';
import type { Line } from '../notifications/notify.ts';
import { loadSettings, type Person, quietUntil } from '../notifications/settings.ts';
import { settledOf } from '../notifications/standing.ts';
import type { Store, Trx } from '../store/open.ts';
import type { ZoneClock } from '../zone/clock.ts';

/** Households whose lines are handed out in one round. */
const HOUSEHOLDS_AT_ONCE = 50;
export const DIGEST = 'digest';

export interface FanOutDeps {
  readonly store: Store;
  readonly changes: Changes;
  readonly zones: ZoneClock;
  readonly now: () => Instant;
}

/**
 * Makes of each line that is to be pushed a delivery for every browser of every person who wants it, in the transaction
 * that takes the wish off the line: each is handed out once, on whatever node. Returns how many households had any.
 */
export async function fanOut({ store, changes, zones, now }: FanOutDeps): Promise<number> {
  const due = await store.db
    .selectFrom('notification')
    .select('household')
    .distinct()
    .where('push_at', '<=', now())
    .orderBy('household')
    .limit(HOUSEHOLDS_AT_ONCE)
    .execute();
  for (const { household } of due) {
    await store.ofHouseholds([household], (trx) => handOut(trx, household, zones, now()));
    changes.announce({ household, changed: 'notifications' });
  }
  return due.length;
}

async function handOut(trx: Trx, household: Id, zones: ZoneClock, now: Instant): Promise<void> {
  const row = await trx.selectFrom('household').select('zone').where('id', '=', household).executeTakeFirst();
  if (row === undefined) return;
  const lines = await trx
    .updateTable('notification')
    .set({ push_at: null, pushed_at: now })
    .where('household', '=', household)
    .where('push_at', '<=', now)
    .returningAll()
    .execute();
  const settled = await settledOf(trx, household, lines);
  // That a router is back is news too.
  const told = lines.filter(({ id, kind }) => !settled.has(id) || kind === 'router-offline');
  for (const { role, account } of await membersOf(trx, household)) {
    const person: Person = { household, account, role };
    const subscriptions = await subscriptionsOf(trx, account, now);
    if (subscriptions.length === 0) continue;
    const { channels, quiet } = await loadSettings(trx, person);
    const until = quietUntil(quiet, zones.around(row.zone, now), now);
    for (const line of told) {
      const { kind } = aboutOf(line.details);
      if (channels[kind] !== 'push') continue;
      const held = kind === 'help' ? null : until;
      await queue(trx, person, subscriptions, line, held, now);
    }
  }
}

/** In quiet hours, `until`, one digest waits for each browser; what came first in them is where it begins. */
async function queue(
  trx: Trx,
  { household, account }: Person,
  subscriptions: readonly Id[],
  line: Line,
  until: Instant | null,
  now: Instant,
): Promise<void> {
  const what =
    until === null
      ? {
          subject: line.settled_at === null ? line.id : `${line.id} over`,
          notification: line.id,
          due_at: now,
        }
      : { subject: DIGEST, notification: null, due_at: until };
  await trx
    .insertInto('delivery')
    .values(
      subscriptions.map((subscription) => ({
        id: newId(now),
        household,
        account,
        subscription,
        ...what,
        from_sequence: line.sequence,
        attempts: 0,
        created_at: now,
      })),
    )
    .onConflict((conflict) => conflict.columns(['subscription', 'household', 'subject']).doNothing())
    .execute();
}

/** What waits for the end of a person's quiet hours waits for their end as they are chosen, and the zone is, now. */
export async function retimeDigests(
  trx: Trx,
  person: Person,
  offsets: readonly ZoneOffset[],
  now: Instant,
): Promise<void> {
  const { household, account } = person;
  const { quiet } = await loadSettings(trx, person);
  await trx
    .updateTable('delivery')
    .set({ due_at: quietUntil(quiet, offsets, now) ?? now })
    .where('household', '=', household)
    .where('account', '=', account)
    .where('subject', '=', DIGEST)
    .where('lease', 'is', null)
    .execute();
}

/** As `retimeDigests`, of everybody in the household. */
export async function retimeAllDigests(
  trx: Trx,
  household: Id,
  offsets: readonly ZoneOffset[],
  now: Instant,
): Promise<void> {
  for (const { role, account } of await membersOf(trx, household)) {
    await retimeDigests(trx, { household, account, role }, offsets, now);
  }
}

function membersOf(trx: Trx, household: Id) {
  return trx
    .selectFrom('member')
    .select(['account', 'role'])
    .where('household', '=', household)
    .orderBy('account')
    .execute();
}

async function subscriptionsOf(trx: Trx, account: Id, now: Instant): Promise<Id[]> {
  const rows = await trx
    .selectFrom('push_subscription')
    .innerJoin('session', 'session.id', 'push_subscription.session')
    .select('push_subscription.id')
    .where('push_subscription.account', '=', account)
    .where('session.expires_at', '>', now)
    .orderBy('push_subscription.id')
    .execute();
  return rows.map(({ id }) => id);
}
