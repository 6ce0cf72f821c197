import type { Id } from '@khien/shared/id';
import type { Context } from '../context.ts';
import type { Db } from '../store/open.ts';

/** The households that an account may have pages open of: as a member, or by a consent. */
export async function householdsSeenBy(db: Db, account: Id): Promise<Id[]> {
  const rows = await db
    .selectFrom('member')
    .select('household')
    .where('account', '=', account)
    .union(
      db
        .selectFrom('consent')
        .innerJoin('duty', 'duty.id', 'consent.duty')
        .select('consent.household')
        .where('duty.account', '=', account),
    )
    .execute();
  return rows.map(({ household }) => household);
}

/** Has open pages of the account looked at again, on every node: those whose session has ended are closed. After commit. */
export async function announceEnded(
  { store, changes }: Pick<Context, 'store' | 'changes'>,
  account: Id,
): Promise<void> {
  for (const household of await householdsSeenBy(store.db, account)) {
    changes.announce({ household, changed: 'rights' });
  }
}
