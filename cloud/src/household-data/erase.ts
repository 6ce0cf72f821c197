import type { Id } from '@khien/shared/id';
import { invalidInput, notFound } from '../http/problem.ts';
import type { Trx } from '../store/open.ts';

/**
 * Deletes a household and everything that is kept of it; its people keep their accounts. The embedded database overwrites
 * what it frees (`secure_delete`) and has its log emptied by `emptyLog`, so that nothing of it can be read from the file
 * either; PostgreSQL frees it when it vacuums.
 *
 * @param name as it was typed, to be sure which one is meant
 * @returns its routers, which are to be cut off
 * @throws KhienError `NOT_FOUND`, `INVALID_INPUT` when the name is another
 */
export async function eraseHousehold(trx: Trx, household: Id, name: string): Promise<Id[]> {
  const found = await trx
    .selectFrom('household')
    .select('name')
    .where('id', '=', household)
    .executeTakeFirst();
  if (found === undefined) throw notFound('household');
  if (found.name.trim() !== name.trim()) throw invalidInput('/name', 'is not the name of this household');
  const rows = await trx.selectFrom('router').select('id').where('household', '=', household).execute();
  await trx.deleteFrom('household').where('id', '=', household).execute();
  return rows.map(({ id }) => id);
}
