import { type Id, type Instant, newId } from '@khien/shared/id';
import { DAY, MINUTE } from '@khien/shared/policy';
import type { FastifyBaseLogger } from 'fastify';
import type { Selectable } from 'kysely';
import type { Store } from '../store/open.ts';
import type { DeliveryTable } from '../store/tables.ts';
import { composePush } from './message.ts';
import type { Outcome, Send } from './sender.ts';

/** As many as one node sends at once. */
const AT_ONCE = 16;
/** Whoever has not finished after this long, milliseconds, is taken for dead: far longer than a sender waits. */
const LEASE = MINUTE;
/** Between tries; doubles each time, up to the longest. */
const FIRST_WAIT = MINUTE / 2;
const LONGEST_WAIT = 60 * MINUTE;
/** What a push service asks us to wait is believed up to this. */
const LONGEST_ASKED = DAY / 4;
/** What could not be sent for this long is old news. */
const GIVE_UP = DAY;

type Row = Selectable<DeliveryTable>;

export interface OutboxDeps {
  readonly store: Store;
  readonly send: Send;
  readonly log: Pick<FastifyBaseLogger, 'error' | 'warn'>;
  readonly now: () => Instant;
}

/**
 * Sends what is due. A delivery is taken by one node at a time for as long as a lease, and is gone once a push service
 * took it: what a killed node had in hand is sent again when its lease is over. Returns how many were taken.
 */
export async function deliverDue(deps: OutboxDeps): Promise<number> {
  const lease = newId(deps.now());
  const taken = await take(deps, lease);
  await Promise.all(
    taken.map(async (row) => {
      try {
        await deliver(deps, row);
      } catch (error) {
        deps.log.error({ err: error, delivery: row.id }, 'a push could not be dealt with');
        await putOff(deps.store, row, { after: null }, deps.now());
      }
    }),
  );
  return taken.length;
}

/** The outer condition is tested again by whoever waited for another's update of the same row. */
function take({ store, now }: OutboxDeps, lease: Id): Promise<Row[]> {
  const due = now();
  return store.db
    .updateTable('delivery')
    .set((eb) => ({ lease, due_at: due + LEASE, attempts: eb('attempts', '+', 1) }))
    .where('due_at', '<=', due)
    .where('id', 'in', (eb) =>
      eb
        .selectFrom('delivery')
        .select('id')
        .where('due_at', '<=', due)
        .orderBy('due_at')
        .orderBy('id')
        .limit(AT_ONCE),
    )
    .returningAll()
    .execute();
}

async function deliver({ store, send, log, now }: OutboxDeps, row: Row): Promise<void> {
  const subscription = await store.db
    .selectFrom('push_subscription')
    .innerJoin('session', 'session.id', 'push_subscription.session')
    .select(['push_subscription.id', 'endpoint', 'p256dh', 'auth'])
    .where('push_subscription.id', '=', row.subscription)
    .where('session.expires_at', '>', now())
    .executeTakeFirst();
  const push = subscription === undefined ? null : await composePush(store.db, row);
  if (subscription === undefined || push === null) return remove(store, row);
  const outcome = await send(subscription, push);
  switch (outcome.kind) {
    case 'taken':
      return remove(store, row);
    case 'gone':
      await store.db.deleteFrom('push_subscription').where('id', '=', subscription.id).execute();
      return;
    case 'refused':
      log.warn({ delivery: row.id, reason: outcome.reason }, 'a push service refused a push');
      return remove(store, row);
    case 'later':
      return putOff(store, row, outcome, now());
  }
}

/** Whoever lost the lease leaves the row to its new holder. */
async function remove(store: Store, { id, lease }: Row): Promise<void> {
  await store.db.deleteFrom('delivery').where('id', '=', id).where('lease', '=', lease).execute();
}

async function putOff(
  store: Store,
  row: Row,
  { after }: Pick<Extract<Outcome, { kind: 'later' }>, 'after'>,
  now: Instant,
): Promise<void> {
  if (now - row.created_at > GIVE_UP) return remove(store, row);
  const wait = Math.min(LONGEST_WAIT, FIRST_WAIT * 2 ** Math.min(row.attempts - 1, 10));
  const jittered = wait * (0.75 + Math.random() / 2);
  const due = now + Math.round(Math.max(jittered, Math.min(after ?? 0, LONGEST_ASKED)));
  await store.db
    .updateTable('delivery')
    .set({ lease: null, due_at: due })
    .where('id', '=', row.id)
    .where('lease', '=', row.lease)
    .execute();
}
