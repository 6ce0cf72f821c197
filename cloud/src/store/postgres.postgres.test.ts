import { inspect } from 'node:util';
import { codeOf } from '@khien/shared/error';
import { newId } from '@khien/shared/id';
import { sql } from 'kysely';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, test } from 'vitest';
import { addHousehold, type TemporaryStore, temporaryStore } from '../documents/home.fixture.ts';
import { openStore, type Store } from './open.ts';
import { PostgresServer, queryOnce } from './postgres-server.fixture.ts';

const now = Date.UTC(2026, 5, 1, 5);

describe('a database', () => {
  let temporary: TemporaryStore;
  beforeEach(async () => {
    temporary = await temporaryStore();
  });
  afterEach(() => temporary.remove());

  test('two transactions that wait for each other both end well, one of them at its second try', async () => {
    const { store } = temporary;
    const [a, b] = [await addHousehold(store, now), await addHousehold(store, now)];
    let tries = 0;
    const append = (first: string, second: string) =>
      store.transaction(async (trx) => {
        tries += 1;
        for (const id of [first, second]) {
          await sql`update household set name = name || '+' where id = ${id}`.execute(trx);
          await new Promise((resolve) => setTimeout(resolve, 100));
        }
      });
    await Promise.all([append(a, b), append(b, a)]);
    const rows = await store.db.selectFrom('household').select('name').execute();
    expect(rows).toEqual([{ name: 'Nhà++' }, { name: 'Nhà++' }]);
    expect(tries).toBe(3);
  });

  test('integers are numbers, sums too, and none that is not exact is taken for one', async () => {
    const { db } = temporary.store;
    await addHousehold(temporary.store, now);
    const { rows } = await sql`select created_at, (select sum(created_at) from household) as sum, 1 as one
      from household`.execute(db);
    expect(rows).toEqual([{ created_at: now, sum: now, one: 1 }]);
    await expect(sql`select 9007199254740993::bigint as n`.execute(db)).rejects.toMatchObject({
      code: 'NUMBER_UNSAFE',
    });
    expect((await sql`select 2 as two`.execute(db)).rows).toEqual([{ two: 2 }]);
  });

  test('a text with U+0000, which PostgreSQL does not have, is stored without it', async () => {
    const { db } = temporary.store;
    const household = await addHousehold(temporary.store, now);
    await db.updateTable('household').set({ name: 'a\0b' }).where('id', '=', household).execute();
    expect(await db.selectFrom('household').select('name').execute()).toEqual([{ name: 'a\uFFFDb' }]);
  });

  test('an error of the server says nothing of what is in the rows', async () => {
    const { db } = temporary.store;
    const account = { email: 'lan@example.vn', name: 'Lan', language: 'vi', created_at: now } as const;
    await db
      .insertInto('account')
      .values({ id: newId(), ...account })
      .execute();
    const error = await db
      .insertInto('account')
      .values({ id: newId(), ...account })
      .execute()
      .catch((thrown: unknown) => thrown);
    expect(error).toMatchObject({ code: '23505', constraint: expect.any(String) });
    expect(inspect(error, { depth: 5, showHidden: true })).not.toContain('lan@');
  });

  test('a server whose disk is full or that may not write fails with a code', async () => {
    const { db } = temporary.store;
    for (const state of ['53100', '53200', '58030', '25006']) {
      const raise = sql`do $$ begin raise 'no' using errcode = '${sql.raw(state)}'; end $$`;
      await expect(raise.execute(db), state).rejects.toMatchObject({ code: 'STORE_UNAVAILABLE' });
    }
  });

  test('connections that the server ends are replaced', async () => {
    const { db } = temporary.store;
    await addHousehold(temporary.store, now);
    await queryOnce(
      temporary.location,
      `select pg_terminate_backend(pid) from pg_stat_activity
       where datname = current_database() and pid <> pg_backend_pid()`,
    );
    await expect
      .poll(() => db.selectFrom('household').select('name').execute().catch(codeOf))
      .toHaveLength(1);
  });

  test('a transaction whose connection ends fails with a code, and holds nobody up', async () => {
    const { store } = temporary;
    const household = await addHousehold(store, now);
    const cut = store.ofHousehold(household, async (trx) => {
      const { rows } = await sql<{ pid: number }>`select pg_backend_pid() as pid`.execute(trx);
      await queryOnce(temporary.location, `select pg_terminate_backend(${rows[0]?.pid})`);
      await trx.updateTable('household').set({ name: 'half' }).execute();
    });
    await expect(cut).rejects.toMatchObject({ code: 'STORE_UNAVAILABLE' });
    await store.ofHousehold(household, (trx) => trx.updateTable('household').set({ zone: 'UTC' }).execute());
    expect(await store.db.selectFrom('household').select(['name', 'zone']).execute()).toEqual([
      { name: 'Nhà', zone: 'UTC' },
    ]);
  });
});

describe('a server', () => {
  let server: PostgresServer;
  beforeAll(async () => {
    server = await PostgresServer.start({ fsync: 'off' });
  });
  afterAll(() => server.stop());

  test('nodes that start at once on an empty database migrate it once', async () => {
    const url = await server.createDatabase();
    const stores = await Promise.all(Array.from({ length: 4 }, () => openStore(url)));
    for (const store of stores) await addHousehold(store, now);
    const [first] = stores;
    expect(await first?.db.selectFrom('household').select('id').execute()).toHaveLength(4);
    for (const store of stores) await store.close();
    const [steps] = await queryOnce<{ all: number; names: number }>(
      url,
      'select count(*)::int as all, count(distinct name)::int as names from kysely_migration',
    );
    expect(steps?.all).toBe(steps?.names);
    expect(steps?.all).toBeGreaterThan(1);
  });

  test('a database of a newer version, or one that orders texts in another way, is refused', async () => {
    const newer = await server.createDatabase();
    await (await openStore(newer)).close();
    await queryOnce(newer, "insert into kysely_migration values ('9999-later', '2099-01-01')");
    await expect(openStore(newer)).rejects.toMatchObject({ code: 'STORE_NEWER' });

    await server.query("create database latin template template0 encoding 'LATIN1' locale 'C'");
    await expect(openStore(server.url('latin'))).rejects.toMatchObject({ code: 'STORE_UNSUITABLE' });
  });

  test('while it is killed every use fails with a code, and when it is back all goes on by itself', async () => {
    const url = await server.createDatabase();
    const store = await openStore(url);
    const household = await addHousehold(store, now);
    await server.kill();
    const use = (of: Store) =>
      of.ofHousehold(household, (trx) =>
        trx
          .updateTable('household')
          .set({ name: newId() })
          .execute()
          .then(() => 'done'),
      );
    for (let tries = 0; tries < 5; tries += 1) {
      await expect(use(store)).rejects.toMatchObject({ code: 'STORE_UNAVAILABLE' });
    }
    await expect(openStore(url)).rejects.toMatchObject({ code: 'STORE_UNAVAILABLE' });
    await server.resume();
    expect(await use(store)).toBe('done');
    await store.close();
  });

  test('connections to a server that has become a standby are replaced', async () => {
    const url = await server.createDatabase();
    await (await openStore(url)).close();
    const name = new URL(url).pathname.slice(1);
    const allowWrites = (allowed: boolean) =>
      server.query(`alter database ${name} set default_transaction_read_only = ${allowed ? 'off' : 'on'}`);
    await allowWrites(false);
    const store = await openStore(url);
    const write = () => addHousehold(store, now);
    await expect(write()).rejects.toMatchObject({ code: 'STORE_UNAVAILABLE' });
    // What takes its place may write; the connections to the old one still may not.
    await allowWrites(true);
    expect(await write()).toEqual(expect.any(String));
    await store.close();
  });
});
