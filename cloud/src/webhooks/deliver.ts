import { codeOf } from '@khien/shared/error';
import { type Instant, newId } from '@khien/shared/id';
import { DAY } from '@khien/shared/policy';
import type { Selectable } from 'kysely';
import type { Changes } from '../changes.ts';
import { aboutOf } from '../notifications/about.ts';
import { notify } from '../notifications/notify.ts';
import { type Next, Outbox, type OutboxDeps } from '../outgoing/outbox.ts';
import type { Answer, Post } from '../outgoing/post.ts';
import type { Db } from '../store/open.ts';
import type { WebhookDeliveryTable, WebhookTable } from '../store/tables.ts';
import type { WebhookMessage, webhookFailures } from './schema.ts';
import { signatureHeaders } from './sign.ts';

/** A webhook at which nothing was taken for this long is switched off. */
const SWITCH_OFF = DAY;
const ATTEMPTS_KEPT = 50;

type Row = Selectable<WebhookDeliveryTable>;
type Webhook = Selectable<WebhookTable>;
type Failure = (typeof webhookFailures)[number];

export interface WebhookDeps extends OutboxDeps {
  readonly changes: Changes;
  readonly post: Post;
}

/** Sends the messages to webhooks that are due. Returns how many there were. */
export function deliverWebhooks(deps: WebhookDeps): Promise<number> {
  return new Outbox<Row>(deps, 'webhook_delivery').sendDue((row) => deliver(deps, row));
}

async function deliver(deps: WebhookDeps, row: Row): Promise<Next> {
  const { db } = deps.store;
  const webhook = await db.selectFrom('webhook').selectAll().where('id', '=', row.webhook).executeTakeFirst();
  if (webhook === undefined) return 'done';
  const isTest = row.notification === null;
  if (webhook.disabled_at !== null && !isTest) return 'done';
  const message = await messageOf(db, webhook, row);
  if (message === undefined) return 'done';

  const started = deps.now();
  const came = await send(deps, webhook, row, JSON.stringify(message));
  await note(db, row, message.type, started, deps.now() - started, came);
  const status = 'status' in came ? came.status : null;
  const taken = status !== null && status >= 200 && status < 300;
  if (taken) {
    await db.updateTable('webhook').set({ failing_since: null }).where('id', '=', webhook.id).execute();
  }
  // A parent who tries it out sees in the log what came of it.
  if (taken || isTest) return 'done';
  const since = webhook.failing_since ?? started;
  if (status === 410 || started - since >= SWITCH_OFF) {
    await switchOff(deps, webhook);
    return 'done';
  }
  await db
    .updateTable('webhook')
    .set({ failing_since: since })
    .where('id', '=', webhook.id)
    .where('failing_since', 'is', null)
    .execute();
  return { after: 'status' in came ? came.retryAfter : null };
}

/** Undefined where what it was to tell is gone. */
async function messageOf(db: Db, { household }: Webhook, row: Row): Promise<WebhookMessage | undefined> {
  if (row.notification === null) {
    const data = { household, notification: null, profile: null, router: null, over: false };
    return { type: 'test', timestamp: new Date(row.created_at).toISOString(), data };
  }
  const line = await db
    .selectFrom('notification')
    .selectAll()
    .where('id', '=', row.notification)
    .executeTakeFirst();
  if (line === undefined) return undefined;
  const { id: notification, profile, router, settled_at } = line;
  return {
    type: aboutOf(line.details).kind,
    timestamp: new Date(settled_at ?? line.at).toISOString(),
    data: { household, notification, profile, router, over: settled_at !== null },
  };
}

async function send(
  { post, now }: WebhookDeps,
  { url, secret }: Webhook,
  { id }: Row,
  body: string,
): Promise<Answer | { readonly failure: Failure }> {
  const headers = { 'content-type': 'application/json', 'content-length': Buffer.byteLength(body) };
  try {
    return await post(new URL(url), { ...headers, ...signatureHeaders(secret, id, now(), body) }, body);
  } catch (error) {
    return { failure: failureOf(error) };
  }
}

function failureOf(error: unknown): Failure {
  if (error instanceof Error && error.name === 'TimeoutError') return 'timeout';
  const code = codeOf(error);
  if (code === 'ADDRESS_REFUSED') return 'address';
  if (code === 'NAME_UNRESOLVED') return 'name';
  // Of node:tls and OpenSSL.
  return /TLS|SSL|CERT|SIGNATURE/.test(code) ? 'tls' : 'connection';
}

async function note(
  db: Db,
  { webhook, id: message }: Row,
  kind: WebhookMessage['type'],
  at: Instant,
  took: number,
  came: Answer | { readonly failure: Failure },
): Promise<void> {
  const result =
    'status' in came ? { status: came.status, failure: null } : { status: null, failure: came.failure };
  await db
    .insertInto('webhook_attempt')
    .values({ id: newId(at), webhook, message, kind, at, took, ...result })
    .execute();
  await db
    .deleteFrom('webhook_attempt')
    .where('webhook', '=', webhook)
    .where('id', 'not in', (eb) =>
      eb
        .selectFrom('webhook_attempt')
        .select('id')
        .where('webhook', '=', webhook)
        .orderBy('id', 'desc')
        .limit(ATTEMPTS_KEPT),
    )
    .execute();
}

/** Nothing is sent there any more until a parent says so, and parents are told. */
async function switchOff({ store, changes, now }: WebhookDeps, { id, household }: Webhook): Promise<void> {
  const off = await store.ofHousehold(household, async (trx) => {
    const { numUpdatedRows } = await trx
      .updateTable('webhook')
      .set({ disabled_at: now() })
      .where('id', '=', id)
      .where('disabled_at', 'is', null)
      .executeTakeFirst();
    if (numUpdatedRows === 0n) return false;
    await trx.deleteFrom('webhook_delivery').where('webhook', '=', id).execute();
    const about = { kind: 'webhook-off', webhook: id } as const;
    await notify(trx, household, { about, subject: id, at: now(), pushAt: now() }, now());
    return true;
  });
  if (off) changes.announce({ household, changed: 'notifications' });
}
