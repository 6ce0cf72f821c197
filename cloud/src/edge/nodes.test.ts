import { noDocuments } from '@khien/shared/document';
import { topics } from '@khien/shared/topic';
import { afterEach, expect, test } from 'vitest';
import { LocalChanges } from '../changes.ts';
import {
  closed,
  documentsOf,
  helloOf,
  publish,
  publishEvents,
  routerEvent,
  type TestEdge,
  testEdge,
} from './edge.fixture.ts';
import type { MqttEdge } from './mqtt-edge.ts';

let home: TestEdge;
const others: MqttEdge[] = [];
afterEach(async () => {
  for (const other of others.splice(0)) await other.stop();
  await home.stop();
});

/** Another node over the same store. */
async function another(changes: LocalChanges): Promise<MqttEdge> {
  const edge = home.make(0, { node: `${others.length}`, changes });
  others.push(edge);
  await edge.start();
  return edge;
}

const connectionOf = async (id: string) =>
  (
    await home.store.db
      .selectFrom('router')
      .select('connection')
      .where('id', '=', id)
      .executeTakeFirstOrThrow()
  ).connection;

test('a router that connects to another node is cut at the first, and is online all the while', async () => {
  home = await testEdge();
  const other = await another(home.changes);
  const router = await home.enrolled();
  const first = await home.connected(router);
  await expect.poll(() => connectionOf(router.id)).not.toBeNull();
  const cut = closed(first);
  const second = await home.connected(router, { port: other.port });
  await cut;
  await expect.poll(() => connectionOf(router.id)).toMatch(/@0$/);
  await publishEvents(second, router.id, [routerEvent()]);
  expect(await connectionOf(router.id)).toMatch(/@0$/);
  expect([home.edge.connected, other.connected]).toEqual([0, 1]);
});

test('what a node did not hear it finds when it is told that it missed something', async () => {
  home = await testEdge();
  const deaf = new LocalChanges();
  const other = await another(deaf);
  const at = { port: other.port };
  const [moved, removed, changed] = [await home.enrolled(), await home.enrolled(), await home.enrolled()];
  const { profile } = await home.addChild(home.store, changed.household, Date.now());
  const old = await home.connected(moved, at);
  const leaving = await home.connected(removed, at);
  const behind = await home.connected(changed, at);
  const received = documentsOf(behind);
  await behind.subscribeAsync(topics.document(changed.id), { qos: 1 });
  await publish(behind, topics.hello(changed.id), JSON.stringify(helloOf(noDocuments)));
  await expect.poll(() => received.length).toBe(3);

  await home.connected(moved);
  await expect.poll(() => connectionOf(moved.id)).not.toMatch(/@0$/);
  await home.store.db.deleteFrom('router').where('id', '=', removed.id).execute();
  await home.store.ofHousehold(changed.household, async (trx) => {
    await trx.updateTable('profile').set({ name: 'Lan' }).where('id', '=', profile).execute();
    await home.documents.rebuild(trx, changed.household);
  });
  expect([old.connected, leaving.connected, received.length]).toEqual([true, true, 3]);

  const gone = Promise.all([closed(old), closed(leaving)]);
  deaf.announceMissed();
  await gone;
  await expect.poll(() => received.length).toBe(4);
  expect(received[3]?.toString()).toContain('Lan');
  expect(other.connected).toBe(1);
});

test('what comes by an older connection is not written over what a newer one at another node told', async () => {
  home = await testEdge();
  const other = await another(new LocalChanges());
  const router = await home.enrolled();
  const daemonOf = async () =>
    (await home.store.db.selectFrom('router').select('daemon').where('id', '=', router.id).executeTakeFirst())
      ?.daemon;
  const old = await home.connected(router, { port: other.port });
  const stateOf = (daemon: string) =>
    JSON.stringify({
      ...{ at: Date.now(), timeSource: 'ntp', daemon },
      inForce: noDocuments,
      enforcement: 'enforcing',
      devices: [],
    });
  await publish(old, topics.state(router.id), stateOf('1'));
  await expect.poll(daemonOf).toBe('1');

  const newer = await home.connected(router);
  await expect.poll(() => connectionOf(router.id)).not.toMatch(/@0$/);
  await publish(newer, topics.state(router.id), stateOf('2'));
  await expect.poll(daemonOf).toBe('2');
  // The node of the old one has not heard of the new one.
  await publish(old, topics.state(router.id), stateOf('1'));
  await publishEvents(old, router.id, [routerEvent()]);
  expect(await daemonOf()).toBe('2');
});

test('presence that another node took for dead is written again', async () => {
  home = await testEdge();
  const router = await home.enrolled();
  await home.connected(router);
  await expect.poll(() => connectionOf(router.id)).not.toBeNull();
  const before = await connectionOf(router.id);
  await home.store.db.updateTable('router').set({ connection: null }).execute();
  home.changes.announceMissed();
  await expect.poll(() => connectionOf(router.id)).toBe(before);
});
