import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { type Kysely, sql } from 'kysely';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { parentsFirst } from '../../backup/table-order.ts';
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

type Row = Readonly<Record<string, unknown>>;

/** Columns that a later form has elsewhere, or anew, by table; their own tests are beside the steps. */
const moved: ReadonlyMap<string, readonly string[]> = new Map([
  ['account', ['password_hash']],
  ['router', ['connection']],
]);

/** Two rows in every table. All texts of the one are the same, and of the other: so whatever refers to a row finds it. */
async function fill(store: Store): Promise<void> {
  const { db, engine } = store;
  const types = new Map(
    (await db.introspection.getTables()).map(({ name, columns }) => [
      name,
      new Map(columns.map((column) => [column.name, column.dataType.toLowerCase()])),
    ]),
  );
  for (const { table, columns } of await store.transaction((trx) => parentsFirst(engine, trx))) {
    for (const row of ['1', '2']) {
      const values = columns.map((column) => (types.get(table)?.get(column) === 'text' ? row : Number(row)));
      await sql`insert into ${sql.table(table)} (${sql.join(columns.map((column) => sql.ref(column)))})
        values (${sql.join(values)})`.execute(db);
    }
  }
}

/** By table. */
async function rowsOf({ db }: Store): Promise<ReadonlyMap<string, readonly Row[]>> {
  const all = new Map<string, readonly Row[]>();
  for (const { name } of await db.introspection.getTables()) {
    all.set(name, (await sql<Row>`select * from ${sql.table(name)} order by 1`.execute(db)).rows);
  }
  return all;
}

/** What of a row another has, too, without some columns. */
function pick(row: Row, other: Row = {}, without: readonly string[] = []): Row {
  return Object.fromEntries(
    Object.entries(row).filter(([column]) => column in other && !without.includes(column)),
  );
}

test.each(steps.slice(0, -1).map(([name], index) => ({ name, index })))(
  'a database of the form $name is brought to the newest, with what is in all of its tables',
  async ({ index }) => {
    const old = await openStore(database.location, Object.fromEntries(steps.slice(0, index + 1)));
    await fill(old);
    const before = await rowsOf(old);
    await old.close();

    const store = await openStore(database.location);
    const after = await rowsOf(store);
    for (const [table, rows] of before) {
      const now = after.get(table) ?? [];
      expect(
        now.map((row) => pick(row, rows[0], moved.get(table))),
        table,
      ).toEqual(rows.map((row) => pick(row, now[0], moved.get(table))));
      expect(now, table).toHaveLength(2);
    }
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

test('a step in whose middle its process is killed leaves nothing of itself, and is done by the next start', async () => {
  await (await openStore(database.location)).close();
  const program = `
    const { openStore } = await import(${JSON.stringify(import.meta.resolve('../open.ts'))});
    const { migrations } = await import(${JSON.stringify(import.meta.resolve('./index.ts'))});
    const up = async (db) => {
      await db.schema.createTable('later').addColumn('id', 'text').execute();
      await db.deleteFrom('household').execute();
      process.kill(process.pid, 'SIGKILL');
      await new Promise(() => setTimeout(() => undefined, 60_000));
    };
    await openStore(${JSON.stringify(database.location)}, { ...migrations, '9000-later': { up } });`;
  const first = await openStore(database.location);
  await sql`insert into household (id, name, zone, language, created_at) values ('h', 'Nhà', 'UTC', 'vi', 1)`.execute(
    first.db,
  );
  await first.close();
  const killed = spawn(process.execPath, ['--import', 'tsx', '--input-type=module', '-e', program], {
    stdio: ['ignore', 'inherit', 'inherit'],
  });
  expect(await once(killed, 'exit')).toEqual([null, 'SIGKILL']);

  const up = async (db: Kysely<unknown>) => {
    await db.schema.createTable('later').addColumn('id', 'text').execute();
  };
  const store = await openStore(database.location, { ...migrations, '9000-later': { up } });
  expect(await store.db.selectFrom('household').select('id').execute()).toEqual([{ id: 'h' }]);
  await store.close();
  await expect(openStore(database.location)).rejects.toMatchObject({ code: 'STORE_NEWER' });
});
