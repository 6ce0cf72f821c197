import { mkdirSync, mkdtempSync, readdirSync, rmdirSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { DAY } from '@khien/shared/policy';
import { type Kysely, sql } from 'kysely';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { sweepCopies } from './copies.ts';
import { migrations } from './migrations/index.ts';
import { openStore } from './open.ts';

let folder: string;
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'khien-store-'));
});
afterEach(() => rmSync(folder, { recursive: true }));

const household = { id: 'h', name: 'Nhà', zone: 'Asia/Ho_Chi_Minh', language: 'vi', created_at: 1 } as const;

test('a new store has every table, and what was committed is there after it is opened again', async () => {
  const path = join(folder, 'khien.sqlite');
  const first = await openStore(path);
  await first.db.insertInto('household').values(household).execute();
  await first.close();

  const second = await openStore(path);
  expect(await second.db.selectFrom('household').selectAll().execute()).toEqual([
    { ...household, new_devices: 'ask', weekly_due_at: 0 },
  ]);
  const tables = (await second.db.introspection.getTables()).map((table) => table.name);
  expect(tables).toEqual(expect.arrayContaining(['account', 'document', 'event', 'household', 'router']));
  await second.close();
});

test('the file is durable, checks references and waits for locks', async () => {
  const store = await openStore(join(folder, 'khien.sqlite'));
  const pragma = async (name: string) => {
    const { rows } = await sql<Record<string, unknown>>`pragma ${sql.raw(name)}`.execute(store.db);
    return Object.values(rows[0] ?? {})[0];
  };
  expect(await pragma('journal_mode')).toBe('wal');
  expect(await pragma('synchronous')).toBe(2);
  expect(await pragma('foreign_keys')).toBe(1);
  expect(await pragma('busy_timeout')).toBe(5000);
  await expect(
    store.db.insertInto('member').values({ household: 'none', account: 'none', role: 'owner' }).execute(),
  ).rejects.toThrow(/FOREIGN KEY/);
  await store.close();
});

test('a file that is no database is refused with a code', async () => {
  const path = join(folder, 'khien.sqlite');
  writeFileSync(path, 'this is a text, and a long one at that '.repeat(50));
  await expect(openStore(path)).rejects.toMatchObject({ code: 'STORE_UNREADABLE' });
  await expect(openStore(join(folder, 'no', 'folder', 'x'))).rejects.toMatchObject({
    code: 'STORE_UNREADABLE',
  });
});

test('a database of a newer version is refused and left alone', async () => {
  const path = join(folder, 'khien.sqlite');
  const store = await openStore(path);
  await sql`insert into kysely_migration (name, timestamp) values ('9999-later', '2099-01-01')`.execute(
    store.db,
  );
  await store.close();
  await expect(openStore(path)).rejects.toMatchObject({ code: 'STORE_NEWER' });
});

test('an existing database is backed up before a step, a new one and an up-to-date one are not', async () => {
  const path = join(folder, 'khien.sqlite');
  const first = await openStore(path);
  await first.db.insertInto('household').values(household).execute();
  await first.close();
  await (await openStore(path)).close();
  expect(backups()).toEqual([]);

  const second = await openStore(path, {
    ...migrations,
    '9000-rename': {
      up: async (db) => {
        await db.updateTable('household').set({ name: 'Home' }).execute();
      },
    },
  });
  expect(await second.db.selectFrom('household').select('name').execute()).toEqual([{ name: 'Home' }]);
  await second.close();
  expect(backups()).toEqual(['khien.sqlite.before-9000-rename']);

  const backup = await openStore(join(folder, 'khien.sqlite.before-9000-rename'));
  expect(await backup.db.selectFrom('household').select('name').execute()).toEqual([{ name: 'Nhà' }]);
  await backup.close();
});

test('copies from before a step are kept for a month', async () => {
  const path = join(folder, 'khien.sqlite');
  await (await openStore(path)).close();
  const later = { ...migrations, '9000-nothing': { up: () => Promise.resolve() } };
  const store = await openStore(path, later);
  writeFileSync(`${path}.mine`, '');
  const now = Date.now();
  await sweepCopies(store, now + 29 * DAY);
  expect(backups()).toEqual(['khien.sqlite.before-9000-nothing']);
  await sweepCopies(store, now + 31 * DAY);
  expect(backups()).toEqual([]);
  expect(readdirSync(folder)).toContain('khien.sqlite.mine');
  expect(await store.db.selectFrom('household').selectAll().execute()).toEqual([]);
  await store.close();
});

test('a database that cannot be copied is not migrated', async () => {
  const path = join(folder, 'khien.sqlite');
  await (await openStore(path)).close();
  const place = join(folder, 'khien.sqlite.before-9000-renames');
  mkdirSync(place);
  const up = async (db: Kysely<unknown>) => {
    await db.schema.createTable('later').addColumn('id', 'text').execute();
  };
  const later = { ...migrations, '9000-renames': { up } };
  await expect(openStore(path, later)).rejects.toMatchObject({
    code: 'STORE_MIGRATION_FAILED',
    message: expect.stringMatching(/cannot be copied before step 9000-renames.*: ./),
  });
  const store = await openStore(path);
  expect((await store.db.introspection.getTables()).map(({ name }) => name)).not.toContain('later');
  await store.close();
  rmdirSync(place);
  await (await openStore(path, later)).close();
});

test('a step that fails leaves nothing of itself', async () => {
  const path = join(folder, 'khien.sqlite');
  await (await openStore(path)).close();
  const failing = async (db: Kysely<unknown>) => {
    await db.schema.createTable('half').addColumn('id', 'text').execute();
    await db.schema.createTable('account').addColumn('id', 'text').execute();
  };
  await expect(openStore(path, { ...migrations, '9000-fails': { up: failing } })).rejects.toMatchObject({
    code: 'STORE_MIGRATION_FAILED',
    message: expect.stringMatching(/step 9000-fails .*: .*account/),
  });
  const store = await openStore(path);
  expect((await store.db.introspection.getTables()).map((table) => table.name)).not.toContain('half');
  await store.close();
});

test('a database of the first form is brought to the newest with all that is in it', async () => {
  const path = join(folder, 'khien.sqlite');
  const { '0001-tables': first } = migrations;
  if (first === undefined) throw new Error('the first migration is gone');
  const old = await openStore(path, { '0001-tables': first });
  await sql`insert into household values ('h', 'Nhà', 'Asia/Ho_Chi_Minh', 'vi', 1)`.execute(old.db);
  await sql`insert into router (id, household, name, model, public_key, enrolled_at)
    values ('r', 'h', 'Router', 'x', 'k', 1)`.execute(old.db);
  await sql`insert into profile (id, household, name, age_band, rules, created_at)
    values ('p', 'h', 'Mai', '6-8', '{}', 1)`.execute(old.db);
  await sql`insert into device (id, household, profile, addresses, present, first_seen_at, last_seen_at)
    values ('d', 'h', 'p', '[]', 1, 1, 2)`.execute(old.db);
  await sql`insert into device_mac values ('h', '02:00:00:00:00:01', 'd')`.execute(old.db);
  await sql`insert into burst values ('b', 'h', 'p', 'd', 'service', 'tiktok', 'tiktok.com', 3, 1, 2)`.execute(
    old.db,
  );
  await old.close();

  const store = await openStore(path);
  const { db } = store;
  expect(await db.selectFrom('household').selectAll().execute()).toMatchObject([
    { id: 'h', name: 'Nhà', new_devices: 'ask' },
  ]);
  expect(await db.selectFrom('profile').selectAll().execute()).toMatchObject([{ id: 'p', learning: null }]);
  expect(await db.selectFrom('router').selectAll().execute()).toMatchObject([
    { id: 'r', lists_version: null },
  ]);
  expect(await db.selectFrom('device').selectAll().execute()).toMatchObject([
    { id: 'd', known: 0, pause: null, fingerprint: null },
  ]);
  expect(await db.selectFrom('device_mac').selectAll().execute()).toMatchObject([
    { device: 'd', seen_at: null },
  ]);
  expect(await db.selectFrom('burst').selectAll().execute()).toMatchObject([{ id: 'b', tries: 3 }]);
  await db.deleteFrom('household').execute();
  expect(await db.selectFrom('device').selectAll().execute()).toEqual([]);
  await store.close();
});

function backups(): string[] {
  return readdirSync(folder).filter((name) => /before-[^.]*$/.test(name));
}
