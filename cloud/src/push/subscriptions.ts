import { KhienError } from '@khien/shared/error';
import { type Id, type Instant, newId } from '@khien/shared/id';
import type { Session } from '../identity/sessions.ts';
import type { Person } from '../notifications/settings.ts';
import type { Db, Trx } from '../store/open.ts';
import type { SubscriptionInput } from './schema.ts';

/** Browsers of an account; one more takes the place of the oldest. */
const MAX_OF_ACCOUNT = 16;

/** The subscription of this session's browser becomes this one. A browser that somebody else used is theirs no more. */
export async function subscribe(
  trx: Trx,
  { id: session, account }: Pick<Session, 'id' | 'account'>,
  { endpoint, keys }: SubscriptionInput,
  now: Instant,
): Promise<void> {
  await trx
    .deleteFrom('push_subscription')
    .where((eb) => eb.or([eb('session', '=', session), eb('endpoint', '=', endpoint)]))
    .where((eb) =>
      eb.not(
        eb.and([
          eb('session', '=', session),
          eb('endpoint', '=', endpoint),
          eb('p256dh', '=', keys.p256dh),
          eb('auth', '=', keys.auth),
        ]),
      ),
    )
    .execute();
  await trx
    .insertInto('push_subscription')
    .values({ id: newId(now), account, session, endpoint, ...keys, created_at: now })
    .onConflict((conflict) => conflict.column('endpoint').doNothing())
    .execute();
  await makeRoom(trx, account);
}

async function makeRoom(trx: Trx, account: Id): Promise<void> {
  await trx
    .deleteFrom('push_subscription')
    .where('account', '=', account)
    .where('id', 'not in', (eb) =>
      eb
        .selectFrom('push_subscription')
        .select('id')
        .where('account', '=', account)
        .orderBy('id', 'desc')
        .limit(MAX_OF_ACCOUNT),
    )
    .execute();
}

export async function unsubscribe(db: Db, { id }: Pick<Session, 'id'>): Promise<void> {
  await db.deleteFrom('push_subscription').where('session', '=', id).execute();
}

export async function findSubscription(db: Db, { id }: Pick<Session, 'id'>): Promise<Id | undefined> {
  const row = await db
    .selectFrom('push_subscription')
    .select('id')
    .where('session', '=', id)
    .executeTakeFirst();
  return row?.id;
}

/** @throws KhienError `PUSH_NOT_SUBSCRIBED` */
export async function queueTest(
  db: Db,
  { household, account }: Person,
  session: Pick<Session, 'id'>,
  now: Instant,
): Promise<void> {
  const subscription = await findSubscription(db, session);
  if (subscription === undefined) {
    throw new KhienError('PUSH_NOT_SUBSCRIBED', 'this browser is not subscribed');
  }
  await db
    .insertInto('delivery')
    .values({
      id: newId(now),
      household,
      account,
      subscription,
      subject: 'test',
      from_sequence: 0,
      due_at: now,
      attempts: 0,
      created_at: now,
    })
    .onConflict((conflict) => conflict.columns(['subscription', 'household', 'subject']).doNothing())
    .execute();
}
