import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { newId } from '@khien/shared/id';
import { sql } from 'kysely';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { addHousehold } from '../documents/home.fixture.ts';
import { openStore, type Store } from './open.ts';

const now = Date.UTC(2026, 5, 1, 5);

let folder: string;
let store: Store;
beforeEach(async () => {
  folder = mkdtempSync(join(tmpdir(), 'khien-full-'));
  store = await openStore(join(folder, 'khien.sqlite'));
});
afterEach(async () => {
  await store.close();
  rmSync(folder, { recursive: true });
});

/** The database may not grow any more: the same SQLITE_FULL as of a disk. */
async function fill(): Promise<void> {
  const { rows } = await sql<{ page_count: number }>`pragma page_count`.execute(store.db);
  await sql`pragma max_page_count = ${sql.lit(rows[0]?.page_count ?? 1)}`.execute(store.db);
}

async function makeRoom(): Promise<void> {
  await sql`pragma max_page_count = 1000000`.execute(store.db);
}

test('a disk that is full fails with a code, keeps what was committed, and all goes on when there is room', async () => {
  const household = await addHousehold(store, now);
  await fill();
  const rename = (name: string, ballast: string) =>
    store.ofHousehold(household, async (trx) => {
      await trx.updateTable('household').set({ name }).execute();
      await trx
        .insertInto('holiday')
        .values({ id: newId(), household, name: ballast, from_date: '2026-01-01', to_date: '2026-01-02' })
        .execute();
    });
  for (let tries = 0; tries < 3; tries += 1) {
    await expect(rename('half', 'x'.repeat(50_000))).rejects.toMatchObject({ code: 'STORE_UNAVAILABLE' });
  }
  expect(await store.db.selectFrom('household').select('name').execute()).toEqual([{ name: 'Nhà' }]);

  await makeRoom();
  await rename('whole', 'x'.repeat(50_000));
  expect(await store.db.selectFrom('household').select('name').execute()).toEqual([{ name: 'whole' }]);
});
