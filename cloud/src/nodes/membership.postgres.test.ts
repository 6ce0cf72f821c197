import { type Id, newId } from '@khien/shared/id';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { LocalChanges } from '../changes.ts';
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

async function join(node: Id): Promise<Membership> {
  const { store } = temporary;
  const member = new Membership(
    { store, changes: new LocalChanges(), log: silent, now: Date.now },
    node,
    EVERY,
  );
  await member.start();
  members.push(member);
  return member;
}

async function routerAt(node: Id): Promise<Id> {
  const { store } = temporary;
  const household = await addHousehold(store, Date.now());
  const router = await addRouter(store, household, Date.now());
  const connection = newConnectionId(node, Date.now());
  await store.db.updateTable('router').set({ connection }).where('id', '=', router).execute();
  return router;
}

const online = async () =>
  (
    await temporary.store.db.selectFrom('router').select('id').where('connection', 'is not', null).execute()
  ).map(({ id }) => id);

const nodes = async () =>
  (await temporary.store.db.selectFrom('node').select('id').orderBy('id').execute()).map(({ id }) => id);

test('nodes that live do not bury each other, and one that stops takes its leave', async () => {
  const [a, b] = [newId(), newId()];
  await join(a);
  const second = await join(b);
  const router = await routerAt(a);
  await new Promise((resolve) => setTimeout(resolve, 20 * EVERY));
  expect(await nodes()).toEqual([a, b].sort());
  expect(await online()).toEqual([router]);
  await second.stop();
  expect(await nodes()).toEqual([a]);
});
