import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { type Id, newId } from '@khien/shared/id';
import type { Rules } from '@khien/shared/policy';
import { inject } from 'vitest';
import { newDatabase, pooledDatabase, type TestDatabase } from '../store/database-pool.fixture.ts';
import { openStore, type Store } from '../store/open.ts';

export interface TemporaryStore {
  readonly store: Store;
  /** What `openStore` is given, for another node over the same database. */
  readonly location: string;
  remove(): Promise<void>;
}

/** An empty store for one test, of the engine that the tests run on. */
export async function temporaryStore(): Promise<TemporaryStore> {
  const { location, remove } = await temporaryDatabase();
  const store = await openStore(location);
  return {
    store,
    location,
    remove: async () => {
      await store.close();
      await remove();
    },
  };
}

/**
 * Where a store can be opened, for one test.
 *
 * @param form `empty`: without any table, also where that is slower
 */
export function temporaryDatabase(form?: 'empty'): Promise<TestDatabase> {
  const server = inject('postgres');
  if (server !== undefined) return form === 'empty' ? newDatabase(server.url) : pooledDatabase(server);
  const folder = mkdtempSync(join(tmpdir(), 'khien-cloud-'));
  return Promise.resolve({
    location: join(folder, 'khien.sqlite'),
    remove: () => Promise.resolve(rmSync(folder, { recursive: true })),
  });
}

export const plainRules: Rules = {
  blockedCategories: [],
  blockedServices: ['tiktok'],
  allowedNames: [],
  blockedNames: [],
  schedules: [],
  safeSearch: false,
  youtube: 'open',
  quotas: [],
  quotaReset: '00:00',
};

export async function addHousehold(store: Store, now: number, zone = 'Asia/Ho_Chi_Minh'): Promise<Id> {
  const id = newId(now);
  await store.db
    .insertInto('household')
    .values({ id, name: 'Nhà', zone, language: 'vi', created_at: now })
    .execute();
  return id;
}

export async function addRouter(
  store: Store,
  household: Id,
  now: number,
  publicKey: string = newId(now),
): Promise<Id> {
  const id = newId(now);
  await store.db
    .insertInto('router')
    .values({ id, household, name: 'Router', model: 'test', public_key: publicKey, enrolled_at: now })
    .execute();
  return id;
}

/** A child with one device. */
export async function addChild(
  store: Store,
  household: Id,
  now: number,
  child: { readonly name?: string; readonly rules?: Rules; readonly mac?: string } = {},
): Promise<{ profile: Id; device: Id }> {
  const profile = newId(now);
  const device = newId(now);
  await store.db
    .insertInto('profile')
    .values({
      id: profile,
      household,
      name: child.name ?? 'Mai',
      age_band: '6-8',
      rules: JSON.stringify(child.rules ?? plainRules),
      created_at: now,
    })
    .execute();
  const seen = { first_seen_at: now, last_seen_at: now };
  await store.db
    .insertInto('device')
    .values({ id: device, household, profile, name: 'Tablet', addresses: '[]', present: 1, ...seen })
    .execute();
  await store.db
    .insertInto('device_mac')
    .values({ household, mac: child.mac ?? '02:00:00:00:00:01', device })
    .execute();
  return { profile, device };
}
