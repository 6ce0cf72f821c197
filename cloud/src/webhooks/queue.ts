import { type Id, type Instant, newId } from '@khien/shared/id';
import type { NotificationKind } from '../notifications/about.ts';
import type { Db, Trx } from '../store/open.ts';
import { webhookViewSchema } from './schema.ts';

/**
 * Makes a message for every webhook of the household that is to hear of such a notification, in the transaction that
 * notes it. What is no news any more when it is due goes with its line.
 */
export async function queueMessages(
  trx: Trx,
  household: Id,
  notification: { readonly id: Id; readonly kind: NotificationKind; readonly due: Instant },
  now: Instant,
): Promise<void> {
  const webhooks = await trx
    .selectFrom('webhook')
    .select(['id', 'kinds'])
    .where('household', '=', household)
    .where('disabled_at', 'is', null)
    .orderBy('id')
    .execute();
  for (const { id, kinds } of webhooks) {
    if (!webhookViewSchema.shape.kinds.parse(JSON.parse(kinds)).includes(notification.kind)) continue;
    await queueMessage(trx, { webhook: id, notification: notification.id, due: notification.due }, now);
  }
}

/** @param message without a `notification` it only tries the webhook out */
export async function queueMessage(
  db: Db,
  message: { readonly webhook: Id; readonly notification: Id | null; readonly due: Instant },
  now: Instant,
): Promise<void> {
  const { webhook, notification, due } = message;
  await db
    .insertInto('webhook_delivery')
    .values({ id: newId(now), webhook, notification, due_at: due, attempts: 0, created_at: now })
    .execute();
}
