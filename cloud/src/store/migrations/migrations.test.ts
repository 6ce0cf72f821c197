import { sql } from 'kysely';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { type TemporaryStore, temporaryDatabase } from '../../documents/home.fixture.ts';
import { openStore, type Store } from '../open.ts';
import { migrations } from './index.ts';

let database: Pick<TemporaryStore, 'location' | 'remove'>;
beforeEach(async () => {
  database = await temporaryDatabase('empty');
});
afterEach(() => database.remove());

const steps = Object.entries(migrations);

/** Every table with its columns, as the engine has them. */
async function formOf(store: Store) {
  const tables = await store.db.introspection.getTables();
  return tables
    .map(({ name, columns }) => ({
      name,
      columns: columns
        .map(({ name, dataType, isNullable }) => `${name} ${dataType.toLowerCase()} ${isNullable}`)
        .sort(),
    }))
    .sort((a, b) => (a.name < b.name ? -1 : 1));
}

test.each(steps.slice(0, -1).map(([name], index) => ({ name, index })))(
  'a database of the form $name is brought to the newest, with what is in it',
  async ({ index }) => {
    const old = await openStore(database.location, Object.fromEntries(steps.slice(0, index + 1)));
    await sql`insert into household (id, name, zone, language, created_at)
      values ('h', 'Nhà', 'Asia/Ho_Chi_Minh', 'vi', 1)`.execute(old.db);
    await sql`insert into router (id, household, name, model, public_key, enrolled_at)
      values ('r', 'h', 'Router', 'x', 'k', 1)`.execute(old.db);
    await sql`insert into profile (id, household, name, age_band, rules, created_at)
      values ('p', 'h', 'Mai', '6-8', '{}', 1)`.execute(old.db);
    await sql`insert into event (id, household, router, kind, at, time_source, received_at, payload)
      values ('e', 'h', 'r', 'router', 1, 'ntp', 2, '{}')`.execute(old.db);
    await old.close();

    const store = await openStore(database.location);
    const { db } = store;
    expect(await db.selectFrom('household').selectAll().execute()).toMatchObject([{ id: 'h', name: 'Nhà' }]);
    expect(await db.selectFrom('router').selectAll().execute()).toMatchObject([{ id: 'r', public_key: 'k' }]);
    expect(await db.selectFrom('profile').selectAll().execute()).toMatchObject([{ id: 'p', rules: '{}' }]);
    expect(await db.selectFrom('event').selectAll().execute()).toMatchObject([{ id: 'e', received_at: 2 }]);
    const migrated = await formOf(store);
    await store.close();

    const other = await temporaryDatabase('empty');
    const fresh = await openStore(other.location);
    expect(migrated).toEqual(await formOf(fresh));
    await fresh.close();
    await other.remove();
  },
);

interface Cascade {
  readonly from: string;
  readonly to: string;
}

/** Which rows go when the row that they reference goes. */
async function cascadesOf({ db, engine }: Store): Promise<readonly Cascade[]> {
  const query =
    engine === 'postgres'
      ? sql<Cascade>`select a.relname as from, b.relname as to from pg_constraint c
          join pg_class a on a.oid = c.conrelid join pg_class b on b.oid = c.confrelid
          where c.contype = 'f' and c.confdeltype = 'c'`
      : sql<Cascade>`select m.name as "from", f."table" as "to" from sqlite_master m, pragma_foreign_key_list(m.name) f
          where m.type = 'table' and f.on_delete = 'CASCADE'`;
  return (await query.execute(db)).rows;
}

test('whatever names a household goes with it', async () => {
  const store = await openStore(database.location);
  const cascades = await cascadesOf(store);
  const going = new Set(['household']);
  for (const table of going) for (const { from, to } of cascades) if (to === table) going.add(from);

  const tables = await store.db.introspection.getTables();
  const naming = tables.filter(({ columns }) => columns.some(({ name }) => name === 'household'));
  expect(naming.length).toBeGreaterThan(10);
  expect(naming.map(({ name }) => name).filter((name) => !going.has(name))).toEqual([]);
  await store.close();
});
