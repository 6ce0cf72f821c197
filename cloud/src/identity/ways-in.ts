import { KhienError } from '@khien/shared/error';
import type { Id } from '@khien/shared/id';
import type { Trx } from '../store/open.ts';

/**
 * To be called after one was taken away, with the account locked. Recovery codes do not count: they are for the worst day.
 *
 * @throws KhienError `LAST_WAY_IN` when neither a passkey nor a password is left
 */
export async function keepWayIn(trx: Trx, account: Id): Promise<void> {
  for (const table of ['passkey', 'password'] as const) {
    const found = await trx
      .selectFrom(table)
      .select('account')
      .where('account', '=', account)
      .executeTakeFirst();
    if (found !== undefined) return;
  }
  throw new KhienError('LAST_WAY_IN', 'add another way to sign in first');
}
