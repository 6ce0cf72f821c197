import { randomBytes } from 'node:crypto';
import { KhienError } from '@khien/shared/error';
import { type Id, type Instant, newId } from '@khien/shared/id';
import { audit } from '../audit/audit.ts';
import { notFound } from '../http/problem.ts';
import type { NotificationKind } from '../notifications/about.ts';
import { settle } from '../notifications/notify.ts';
import type { Db, Trx } from '../store/open.ts';
import {
  type AttemptPage,
  type WebhookChange,
  type WebhookRequest,
  type WebhookView,
  webhookAttemptSchema,
  webhookViewSchema,
} from './schema.ts';

const WEBHOOKS_OF_A_HOUSEHOLD = 5;

interface By {
  readonly household: Id;
  readonly account: Id;
  readonly now: Instant;
}

/** To be called in `ofHousehold`. Returns the secret as Standard Webhooks writes one. @throws KhienError `LIMIT_REACHED` */
export async function createWebhook(
  trx: Trx,
  { household, account, now }: By,
  { url, kinds }: WebhookRequest,
): Promise<{ readonly id: Id; readonly secret: string }> {
  if ((await listWebhooks(trx, household)).length >= WEBHOOKS_OF_A_HOUSEHOLD) {
    throw new KhienError('LIMIT_REACHED', `a household has ${WEBHOOKS_OF_A_HOUSEHOLD} webhooks at most`);
  }
  const id = newId(now);
  const secret = randomBytes(32).toString('base64');
  await trx
    .insertInto('webhook')
    .values({ id, household, account, url, kinds: kindsText(kinds), secret, created_at: now })
    .execute();
  await audit(trx, household, { kind: 'webhook-added', by: account, about: new URL(url).host }, now);
  return { id, secret: `whsec_${secret}` };
}

function kindsText(kinds: readonly NotificationKind[]): string {
  return JSON.stringify([...new Set(kinds)]);
}

/** Oldest first. */
export async function listWebhooks(db: Db, household: Id): Promise<WebhookView[]> {
  const rows = await db
    .selectFrom('webhook')
    .innerJoin('account', 'account.id', 'webhook.account')
    .selectAll('webhook')
    .select('account.name as made_by')
    .where('household', '=', household)
    .orderBy('webhook.id')
    .execute();
  return rows.map((row) => ({
    id: row.id,
    url: row.url,
    kinds: webhookViewSchema.shape.kinds.parse(JSON.parse(row.kinds)),
    madeBy: row.made_by,
    createdAt: row.created_at,
    failingSince: row.failing_since,
    disabledAt: row.disabled_at,
  }));
}

/** @throws KhienError `NOT_FOUND`, also for one of another household */
export async function findWebhook(db: Db, household: Id, id: Id): Promise<WebhookView> {
  const found = (await listWebhooks(db, household)).find((webhook) => webhook.id === id);
  if (found === undefined) throw notFound('webhook');
  return found;
}

/** @throws KhienError `NOT_FOUND` */
export async function changeWebhook(
  trx: Trx,
  household: Id,
  id: Id,
  { kinds, enabled }: WebhookChange,
  now: Instant,
): Promise<void> {
  const { numUpdatedRows } = await trx
    .updateTable('webhook')
    .set({
      id,
      ...(kinds === undefined ? {} : { kinds: kindsText(kinds) }),
      ...(enabled === undefined ? {} : { failing_since: null, disabled_at: null }),
    })
    .where('household', '=', household)
    .where('id', '=', id)
    .executeTakeFirst();
  if (numUpdatedRows === 0n) throw notFound('webhook');
  if (enabled !== undefined) await settle(trx, household, { kind: 'webhook-off', subject: id }, now);
}

/** @throws KhienError `NOT_FOUND` */
export async function deleteWebhook(trx: Trx, { household, account, now }: By, id: Id): Promise<void> {
  const gone = await trx
    .deleteFrom('webhook')
    .where('household', '=', household)
    .where('id', '=', id)
    .returning('url')
    .executeTakeFirst();
  if (gone === undefined) throw notFound('webhook');
  await audit(trx, household, { kind: 'webhook-removed', by: account, about: new URL(gone.url).host }, now);
}

/** Newest first. */
export async function loadAttempts(
  db: Db,
  webhook: Id,
  { before, limit }: { readonly before?: Id | undefined; readonly limit: number },
): Promise<AttemptPage> {
  let select = db
    .selectFrom('webhook_attempt')
    .select(['id', 'message', 'kind', 'at', 'took', 'status', 'failure'])
    .where('webhook', '=', webhook);
  if (before !== undefined) select = select.where('id', '<', before);
  const rows = await select
    .orderBy('id', 'desc')
    .limit(limit + 1)
    .execute();
  const items = rows.slice(0, limit).map((row) => webhookAttemptSchema.parse(row));
  return { items, next: rows.length > limit ? (items.at(-1)?.id ?? null) : null };
}
