import { KhienError } from '@khien/shared/error';
import type { Id } from '@khien/shared/id';
import { sql } from 'kysely';
import type { Changes } from '../changes.ts';
import { invalidInput } from '../http/problem.ts';
import type { Store } from '../store/open.ts';

/**
 * Deletes a household and everything that is kept of it; its people keep their accounts. The embedded database overwrites
 * what it frees (`secure_delete`) and empties its log, so that nothing of it can be read from the file either; PostgreSQL
 * frees it when it vacuums. Its routers are cut off.
 *
 * @param name as it was typed, to be sure which one is meant
 * @throws KhienError `NOT_FOUND`, `INVALID_INPUT` when the name is another
 */
export async function eraseHousehold(
  store: Store,
  changes: Changes,
  household: Id,
  name: string,
): Promise<void> {
  const routers = await store.ofHousehold(household, async (trx) => {
    const found = await trx
      .selectFrom('household')
      .select('name')
      .where('id', '=', household)
      .executeTakeFirst();
    if (found === undefined) throw new KhienError('NOT_FOUND', 'there is no such household');
    if (found.name.trim() !== name.trim()) throw invalidInput('/name', 'is not the name of this household');
    const rows = await trx.selectFrom('router').select('id').where('household', '=', household).execute();
    await trx.deleteFrom('household').where('id', '=', household).execute();
    return rows;
  });
  if (store.engine === 'sqlite') await sql`pragma wal_checkpoint(truncate)`.execute(store.db);
  for (const { id } of routers) changes.announce({ router: id, document: null });
  changes.announce({ household, changed: 'home' });
}
