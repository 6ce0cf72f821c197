import { KhienError } from '@khien/shared/error';
import type { Db } from '../store/open.ts';

/**
 * The secret called `name`, made on first use. Two starts that make it at once end with the same one: the row that is
 * committed first stays, and both read it.
 */
export async function secretOnce(
  db: Db,
  name: string,
  make: () => Promise<string>,
  now: number,
): Promise<string> {
  const existing = await readSecret(db, name);
  if (existing !== undefined) return existing;

  await db
    .insertInto('secret')
    .values({ name, value: await make(), created_at: now })
    .onConflict((conflict) => conflict.column('name').doNothing())
    .execute();
  const made = await readSecret(db, name);
  if (made === undefined)
    throw new KhienError('SECRET_LOST', `the secret ${name} is not there after it was made`);
  return made;
}

async function readSecret(db: Db, name: string): Promise<string | undefined> {
  const row = await db.selectFrom('secret').select('value').where('name', '=', name).executeTakeFirst();
  return row?.value;
}
