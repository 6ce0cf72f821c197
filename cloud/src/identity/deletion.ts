import { KhienError } from '@khien/shared/error';
import type { Id } from '@khien/shared/id';
import type { Db, Store } from '../store/open.ts';
import type { Deletion } from './schema.ts';

/** The households that would have no owner without the account. */
export async function householdsOwnedAlone(db: Db, account: Id): Promise<Deletion['households']> {
  const rows = await db
    .selectFrom('member as mine')
    .innerJoin('household', 'household.id', 'mine.household')
    .innerJoin('member', 'member.household', 'mine.household')
    .select(['household.id', 'household.name', 'member.role', 'member.account'])
    .where('mine.account', '=', account)
    .where('mine.role', '=', 'owner')
    .orderBy('household.id')
    .execute();
  const households = new Map(rows.map(({ id, name }) => [id, name]));
  return [...households].flatMap(([id, name]) => {
    const others = rows.filter((row) => row.id === id && row.account !== account);
    return others.some(({ role }) => role === 'owner') ? [] : [{ id, name, others: others.length }];
  });
}

/**
 * Erases the account and the households that it owns alone, which must be named: nobody loses a family's rules by mistake.
 *
 * @returns the routers that belong to nobody now
 * @throws KhienError `LAST_OWNER` when a household would be left without an owner
 */
export async function deleteAccount(store: Store, account: Id, named: readonly Id[]): Promise<Id[]> {
  const mine = await store.db
    .selectFrom('member')
    .select('household')
    .where('account', '=', account)
    .execute();
  return store.ofHouseholds(
    mine.map(({ household }) => household),
    async (trx) => {
      const alone = (await householdsOwnedAlone(trx, account)).map(({ id }) => id);
      if (alone.some((id) => !named.includes(id))) {
        throw new KhienError('LAST_OWNER', 'hand the household over, or name it to be deleted too');
      }
      const routers =
        alone.length === 0
          ? []
          : await trx.selectFrom('router').select('id').where('household', 'in', alone).execute();
      if (alone.length > 0) await trx.deleteFrom('household').where('id', 'in', alone).execute();
      await trx.deleteFrom('account').where('id', '=', account).execute();
      return routers.map(({ id }) => id);
    },
  );
}
