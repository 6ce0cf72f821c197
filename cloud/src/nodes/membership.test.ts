import { type Id, newId } from '@khien/shared/id';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { type HouseholdChange, LocalChanges } from '../changes.ts';
import { addHousehold, addRouter, type TemporaryStore, temporaryStore } from '../documents/home.fixture.ts';
import { newConnectionId } from '../edge/connection-id.ts';
import { Membership } from './membership.ts';

const silent = { info: () => undefined, error: () => undefined };
const EVERY = 20;

let temporary: TemporaryStore;
let members: Membership[];
beforeEach(async () => {
  temporary = await temporaryStore();
  members = [];
});
afterEach(async () => {
  for (const member of members) await member.stop();
  await temporary.remove();
});

async function join(node: Id, changes = new LocalChanges()): Promise<Membership> {
  const { store } = temporary;
  const member = new Membership({ store, changes, log: silent, now: Date.now }, node, EVERY);
  await member.start();
  members.push(member);
  return member;
}

async function routerAt(node: Id): Promise<{ router: Id; household: Id }> {
  const { store } = temporary;
  const household = await addHousehold(store, Date.now());
  const router = await addRouter(store, household, Date.now());
  const connection = newConnectionId(node, Date.now());
  await store.db.updateTable('router').set({ connection }).where('id', '=', router).execute();
  return { router, household };
}

const online = async () =>
  (
    await temporary.store.db.selectFrom('router').select('id').where('connection', 'is not', null).execute()
  ).map(({ id }) => id);

const nodes = async () =>
  (await temporary.store.db.selectFrom('node').select('id').orderBy('id').execute()).map(({ id }) => id);

test('the routers of a node that died are offline soon, those of the living stay online', async () => {
  const [living, dead] = [newId(), newId()];
  await temporary.store.db.insertInto('node').values({ id: dead, beat: 7, started_at: 1 }).execute();
  const lost = await routerAt(dead);
  const kept = await routerAt(living);
  const changes = new LocalChanges();
  const heard: HouseholdChange[] = [];
  changes.onHousehold(lost.household, (change) => heard.push(change));
  await join(living, changes);
  await expect.poll(online).toEqual([kept.router]);
  await expect.poll(nodes).toEqual([living]);
  expect(heard).toEqual([{ household: lost.household, changed: 'home' }]);
});

async function lastSeen(router: Id): Promise<number | null> {
  const { db } = temporary.store;
  const found = await db.selectFrom('router').select('last_seen_at').where('id', '=', router).execute();
  return found[0]?.last_seen_at ?? null;
}

test('routers of a node that dies while another looks were there until its last beat', async () => {
  const [living, dying] = [newId(), newId()];
  await join(living);
  const { db } = temporary.store;
  const beatOf = async () =>
    (await db.selectFrom('node').select('beat').where('id', '=', living).executeTakeFirst())?.beat ?? 0;
  await expect.poll(beatOf).toBeGreaterThan(2);
  const { router } = await routerAt(dying);
  const since = Date.now();
  await db.insertInto('node').values({ id: dying, beat: 7, started_at: 1 }).execute();
  await expect.poll(online).toEqual([]);
  const seen = await lastSeen(router);
  expect(seen).toBeGreaterThanOrEqual(since);
  expect(seen).toBeLessThan(Date.now() - 4 * EVERY);
});

test('nobody saw routers of a node that was dead all the while', async () => {
  const [living, dead] = [newId(), newId()];
  await temporary.store.db.insertInto('node').values({ id: dead, beat: 7, started_at: 1 }).execute();
  const { router } = await routerAt(dead);
  await temporary.store.db.updateTable('router').set({ last_seen_at: 42 }).execute();
  await join(living);
  await expect.poll(online).toEqual([]);
  expect(await lastSeen(router)).toBe(42);
});
