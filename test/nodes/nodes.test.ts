import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { queryOnce } from '@khien/cloud/store/postgres-server.fixture';
import { afterAll, beforeAll, expect, test } from 'vitest';
import type { CloudNode } from '../fleet/cloud-node.ts';
import { eventually } from '../home/eventually.ts';
import { Cluster } from './cluster.ts';
import { Parent } from './parent.ts';
import { TestRouter } from './router.ts';

const ROUTERS = 6;
/** For what a busy machine does slowly, milliseconds. */
const LONG = 60_000;

let cluster: Cluster;
let a: CloudNode;
let b: CloudNode;
let parent: Parent;
let child: string;
const routers: TestRouter[] = [];
let names = 0;

beforeAll(async () => {
  cluster = await Cluster.prepare(2);
  const [first, second] = cluster.nodes;
  if (first === undefined || second === undefined) throw new Error('there are two nodes');
  [a, b] = [first, second];
});
afterAll(async () => {
  for (const router of routers) await router.stop();
  await cluster.stop();
});

/** The version of the policy that each router is to have. */
type Wanted = ReadonlyMap<string, number>;

/** A change of the rules. */
async function change(at: string): Promise<Wanted> {
  parent.url = at;
  names += 1;
  await parent.ofHome('PATCH', `/profiles/${child}`, { name: `Mai ${names}` });
  const { routers: shown } = await parent.home();
  return new Map(shown.map(({ id, policyWanted }) => [id, policyWanted]));
}

const stored = async () =>
  (
    await queryOnce<{ router: string; id: string }>(
      cluster.database,
      'select router, id from event where payload like \'%"code":"LOAD"%\'',
    )
  ).map(({ router, id }) => `${router} ${id}`);

const sent = () => routers.flatMap(({ id, sent }) => [...sent].map((event) => `${id} ${event}`));
const acknowledged = () =>
  routers.flatMap(({ id, acknowledged }) => [...acknowledged].map((event) => `${id} ${event}`));

/** Has every router tell something again and again. Returns what ends that, and waits until all is acknowledged. */
function load(): () => Promise<void> {
  const timer = setInterval(() => {
    for (const router of routers) if (router.waiting < 50) router.tell();
  }, 20);
  return async () => {
    clearInterval(timer);
    await eventually('all is acknowledged', () => routers.every(({ waiting }) => waiting === 0), LONG);
  };
}

async function nothingIsLost(): Promise<void> {
  const all = await stored();
  expect(new Set(all).size).toBe(all.length);
  const there = new Set(all);
  expect(acknowledged().filter((event) => !there.has(event))).toEqual([]);
  expect([...there].sort()).toEqual(sent().sort());
}

async function everybodyHas(wanted: Wanted): Promise<void> {
  await eventually(
    'the newest policy is at every router',
    () => routers.every(({ id, versions }) => versions.get('policy') === wanted.get(id)),
    LONG,
  );
}

test('two nodes that start at once on an empty database are one cloud', async () => {
  await Promise.all([a.start(), b.start()]);
  const [ofA, ofB] = [a, b].map(({ folder }) => readFileSync(join(folder, 'authority.pem'), 'utf8'));
  expect(ofA).toBe(ofB);

  await eventually('the balancer has both', async () => (await fetch(`${cluster.url}/healthz`)).ok, LONG);
  parent = await Parent.signUp(cluster.url, 'lan@example.vn');
  child = await parent.addChild();
  for (const node of [a, b]) {
    parent.url = node.url;
    expect((await parent.home()).profiles).toHaveLength(1);
  }
  parent.url = cluster.url;
  for (let n = 0; n < ROUTERS; n += 1) routers.push(await TestRouter.enrol(parent, cluster.mqtt));
});

test('a change at one node reaches a router that is connected to the other', async () => {
  const [router] = routers;
  router?.start(b.mqttPort);
  await eventually('it has its documents', () => router?.versions.size === 3, LONG);
  const took: number[] = [];
  for (let n = 0; n < 20; n += 1) {
    const begun = performance.now();
    const version = (await change(a.url)).get(router?.id ?? '') ?? 0;
    const arrived = await eventually('the change arrives', () => router?.arrivals.get(version), LONG);
    took.push(arrived - begun);
  }
  took.sort((x, y) => x - y);
  // By announcement, not by the round that catches up half a minute later.
  expect(took[10]).toBeLessThan(2_000);
});

test('a router that comes to another node is cut at the first, and shown online', async () => {
  const [router] = routers;
  const connection = async () =>
    (
      await queryOnce<{ connection: string }>(
        cluster.database,
        `select connection from router where id = '${router?.id}'`,
      )
    )[0]?.connection;
  const before = await eventually('it is shown online', connection, LONG);
  router?.start(a.mqttPort);
  expect(router?.isLeftOpen).toBe(true);
  await eventually('the new one is open', () => router?.isConnected, LONG);
  await eventually('the old one is cut', () => router?.isLeftOpen === false, LONG);
  await eventually('the new one is shown', async () => ((await connection()) ?? before) > before, LONG);
  expect(router?.isConnected).toBe(true);
  await router?.stop();
});

test('a router whose key is revoked at one node is cut at the other at once, and let in by none', async () => {
  const stolen = await TestRouter.enrol(parent, b.mqttPort);
  stolen.start();
  await eventually('it is let in', () => stolen.isConnected, LONG);
  parent.url = a.url;
  const begun = performance.now();
  await parent.ofHome('POST', `/routers/${stolen.id}/revoke`, {});
  await eventually('it is cut', () => !stolen.isConnected, LONG);
  // By announcement, as above.
  expect(performance.now() - begun).toBeLessThan(5_000);
  await sleep(1_000);
  stolen.start(a.mqttPort);
  await sleep(1_000);
  expect(stolen.connections).toBe(1);
  await stolen.stop();
});

test('a page that is open at one node hears what changes at the other, and closes when its session ends there', async () => {
  const elsewhere = await Parent.signUp(cluster.url, 'mai@example.vn');
  elsewhere.url = b.url;
  const page = await elsewhere.raw('GET', `/api/v1/households/${elsewhere.household}/stream`);
  expect(page.status).toBe(200);
  let heard = '';
  let closed = false;
  const reading = (async () => {
    for await (const chunk of page.body ?? []) heard += Buffer.from(chunk).toString();
    closed = true;
  })();
  elsewhere.url = a.url;
  await elsewhere.addChild();
  await eventually('the page hears it', () => heard.includes('data: '), LONG);
  const begun = performance.now();
  expect((await elsewhere.raw('DELETE', '/api/v1/session')).status).toBe(204);
  await eventually('the page is closed', () => closed, LONG);
  // By announcement: a heartbeat would see it after up to 20 seconds.
  expect(performance.now() - begun).toBeLessThan(5_000);
  await reading;
});

test('kill -9 of a node: routers go to the other, and nothing is lost', async () => {
  for (const router of routers) router.start(cluster.mqtt);
  await eventually('all are connected', () => routers.every(({ isConnected }) => isConnected), LONG);
  const finish = load();
  for (const node of [a, b, a]) {
    const before = acknowledged().length;
    await eventually('events are acknowledged', () => acknowledged().length > before + 100, LONG);
    await node.kill();
    const other = node === a ? b : a;
    await everybodyHas(await change(other.url));
    // Who sends faster than the edge reads may be late with a ping and have to come back.
    await eventually('all are connected', () => routers.every(({ isConnected }) => isConnected), LONG);
    await node.start();
  }
  await finish();
  await nothingIsLost();
});

test('nodes are replaced one after the other: parents notice nothing, and nothing is lost', async () => {
  const finish = load();
  let asking = true;
  const statuses = new Map<number, number>();
  const asked = (async () => {
    while (asking) {
      const response = await parent.raw('GET', '/api/v1/account');
      await response.arrayBuffer();
      statuses.set(response.status, (statuses.get(response.status) ?? 0) + 1);
      await sleep(20);
    }
  })();
  parent.url = cluster.url;
  for (const node of [a, b]) {
    expect(await node.stop()).toBe(0);
    await node.start();
    await eventually('the balancer sees it', async () => (await fetch(`${node.url}/healthz`)).ok, LONG);
    await sleep(1000);
  }
  asking = false;
  await asked;
  expect([...statuses.keys()]).toEqual([200]);
  await everybodyHas(await change(a.url));
  await finish();
  await nothingIsLost();
});

test('PostgreSQL is killed and comes back: nothing is acknowledged meanwhile, nothing is lost, all goes on by itself', async () => {
  const finish = load();
  await cluster.postgres.kill();
  await sleep(500);
  const before = acknowledged().length;
  const answer = await parent.raw('GET', '/api/v1/account');
  expect([answer.status, answer.headers.get('retry-after')]).toEqual([503, '2']);
  expect(await answer.json()).toMatchObject({ code: 'STORE_UNAVAILABLE' });
  await sleep(500);
  expect(acknowledged().length).toBe(before);
  await cluster.postgres.resume();
  const back = performance.now();
  await eventually('events are acknowledged again', () => acknowledged().length > before, LONG);
  expect(performance.now() - back).toBeLessThan(5_000);
  await everybodyHas(await change(a.url));
  await everybodyHas(await change(b.url));
  await finish();
  await nothingIsLost();
});
