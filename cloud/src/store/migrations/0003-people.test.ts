import { sql } from 'kysely';
import { expect, test } from 'vitest';
import { temporaryDatabase } from '../../documents/home.fixture.ts';
import { openStore } from '../open.ts';
import { migrations } from './index.ts';

test('accounts, sessions and memberships of before are there after, and still refer to each other', async () => {
  const { location, remove } = await temporaryDatabase('empty');
  const before = Object.entries(migrations).filter(([name]) => name < '0003');
  const old = await openStore(location, Object.fromEntries(before));
  for (const id of ['a', 'b']) {
    await sql`insert into account (id, email, name, language, password_hash, created_at)
      values (${id}, ${`${id}@example.vn`}, 'Lan', 'vi', ${`hash of ${id}`}, 5)`.execute(old.db);
    await sql`insert into household values (${`h${id}`}, 'Nhà', 'UTC', 'vi', 1, 'ask')`.execute(old.db);
    await sql`insert into member values (${`h${id}`}, ${id}, 'owner')`.execute(old.db);
    await sql`insert into session values (${`token of ${id}`}, ${id}, 6, 7)`.execute(old.db);
  }
  await old.close();

  const store = await openStore(location);
  const { db } = store;
  expect(await db.selectFrom('account').selectAll().orderBy('id').execute()).toMatchObject([
    { id: 'a', email: 'a@example.vn', name: 'Lan', created_at: 5 },
    { id: 'b', email: 'b@example.vn' },
  ]);
  expect(await db.selectFrom('password').selectAll().orderBy('account').execute()).toEqual([
    { account: 'a', hash: 'hash of a', changed_at: 5 },
    { account: 'b', hash: 'hash of b', changed_at: 5 },
  ]);
  expect(await db.selectFrom('session').selectAll().orderBy('account').execute()).toMatchObject([
    {
      token_hash: 'token of a',
      id: expect.stringMatching(/^.{26}$/),
      used_at: 6,
      expires_at: 7,
      recovering: 0,
    },
    { token_hash: 'token of b' },
  ]);
  await expect(
    db.insertInto('member').values({ household: 'ha', account: 'nobody', role: 'viewer' }).execute(),
  ).rejects.toThrow(/foreign key/i);

  await db
    .insertInto('account')
    .values({ id: 'c', email: null, name: 'x', language: 'vi', created_at: 1 })
    .execute();
  await db
    .insertInto('account')
    .values({ id: 'd', email: null, name: 'x', language: 'vi', created_at: 1 })
    .execute();
  await db.deleteFrom('account').where('id', '=', 'a').execute();
  await db.deleteFrom('household').where('id', '=', 'hb').execute();
  expect(await db.selectFrom('session').select('account').execute()).toEqual([{ account: 'b' }]);
  expect(await db.selectFrom('password').select('account').execute()).toEqual([{ account: 'b' }]);
  expect(await db.selectFrom('member').selectAll().execute()).toEqual([]);
  await store.close();
  await remove();
});
