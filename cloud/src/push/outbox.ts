import type { Selectable } from 'kysely';
import { type Next, Outbox, type OutboxDeps } from '../outgoing/outbox.ts';
import type { DeliveryTable } from '../store/tables.ts';
import { composePush } from './message.ts';
import type { Send } from './sender.ts';

type Row = Selectable<DeliveryTable>;

interface PushDeps extends OutboxDeps {
  readonly send: Send;
}

/** Pushes what is due. Returns how many there were. */
export function deliverDue(deps: PushDeps): Promise<number> {
  return new Outbox<Row>(deps, 'delivery').sendDue((row) => deliver(deps, row));
}

async function deliver({ store, send, log, now }: PushDeps, row: Row): Promise<Next> {
  const subscription = await store.db
    .selectFrom('push_subscription')
    .innerJoin('session', 'session.id', 'push_subscription.session')
    .select(['push_subscription.id', 'endpoint', 'p256dh', 'auth'])
    .where('push_subscription.id', '=', row.subscription)
    .where('session.expires_at', '>', now())
    .executeTakeFirst();
  const push = subscription === undefined ? null : await composePush(store.db, row);
  if (subscription === undefined || push === null) return 'done';
  const outcome = await send(subscription, push);
  switch (outcome.kind) {
    case 'taken':
      return 'done';
    case 'gone':
      await store.db.deleteFrom('push_subscription').where('id', '=', subscription.id).execute();
      return 'done';
    case 'refused':
      log.warn({ delivery: row.id, reason: outcome.reason }, 'a push service refused a push');
      return 'done';
    case 'later':
      return outcome;
  }
}
