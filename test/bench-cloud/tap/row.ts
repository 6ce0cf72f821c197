import { once } from 'node:events';
import { setTimeout as sleep } from 'node:timers/promises';
import { topics } from '@khien/shared/topic';
import { atMost, type Row, type RowOptions, type RowResult } from '../../bench/row.ts';
import { percentile } from '../../bench/statistics.ts';
import type { CloudNode } from '../../fleet/cloud-node.ts';
import { counterOf, FleetParent, rulesWith } from '../../fleet/fleet-parent.ts';
import { FleetRouter } from '../../fleet/fleet-router.ts';
import { addFleet, type FleetIdentity } from '../../fleet/identities.ts';
import { type BenchStore, benchStore, type EngineName } from '../engines.ts';

const BETWEEN = 20;

/** How soon a parent's tap is at the router. */
export const tap: Row = {
  name: 'tap',
  title: 'from a parent’s tap to the policy at the router, by one node and across two',
  run,
};

async function run({ quick, folder, progress }: RowOptions): Promise<RowResult> {
  const taps = quick ? 30 : 300;
  const samples = new Map<string, number[]>();
  for (const engine of ['SQLite', 'PostgreSQL'] satisfies EngineName[]) {
    const store = await benchStore(engine, folder);
    try {
      const [identity] = await addFleet(store.location, 1);
      if (identity === undefined) throw new Error('a fleet has a router');
      const first = await store.node();
      await first.start();
      const parent = new FleetParent(`http://localhost:${first.httpPort}`);
      await parent.signUp(first.url, store.location, [identity.household]);
      progress(`${engine}, one node`);
      samples.set(`${engine}, one node`, await tapping(parent, first, first, identity, taps));
      if (engine === 'PostgreSQL') {
        progress('PostgreSQL, two nodes');
        const second = await otherNode(store, first);
        samples.set('PostgreSQL, two nodes', await tapping(parent, first, second, identity, taps));
      }
    } finally {
      await store.stop();
    }
  }
  const p99 = (name: string): number => percentile(samples.get(name) ?? [], 0.99);
  return {
    measures: [...samples].map(([name, values]) => ({ name, unit: 'ms', samples: values })),
    tables: [],
    aims: [
      atMost('p99 in ms by one node over SQLite', p99('SQLite, one node'), 100),
      atMost('p99 in ms by one node over PostgreSQL', p99('PostgreSQL, one node'), 100),
      atMost('p99 in ms across two nodes', p99('PostgreSQL, two nodes'), 200),
    ],
    notes: ['from before the request on an open connection to the document at the router; one tap at a time'],
    parameters: { taps },
  };
}

/** A public address is one for all nodes: the load balancer's. */
async function otherNode(store: BenchStore, first: CloudNode): Promise<CloudNode> {
  const node = await store.node({ KHIEN_PUBLIC_URL: `http://localhost:${first.httpPort}` });
  await node.start();
  return node;
}

async function tapping(
  parent: FleetParent,
  asked: CloudNode,
  connected: CloudNode,
  identity: FleetIdentity,
  taps: number,
): Promise<number[]> {
  const router = await FleetRouter.connect(identity, { host: '127.0.0.1', port: connected.mqttPort });
  const arrivals = new EventTarget();
  const arrivedAt = new Map<number, number>();
  router.onDocument = (payload) => {
    const n = counterOf(payload.toString());
    if (n > 0 && !arrivedAt.has(n)) arrivedAt.set(n, performance.now());
    arrivals.dispatchEvent(new Event(`n${n}`));
  };
  const have = { policy: 0, contacts: 0, lists: 0 };
  const hello = { daemon: '0.1.0', have, at: Date.now(), timeSource: 'ntp' };
  await router.publishTo(topics.hello(identity.router), JSON.stringify(hello));
  const path = `/api/v1/households/${identity.household}/profiles/${identity.profile}`;
  const times: number[] = [];
  // The first ones compile and connect.
  const warming = 5;
  const base = Math.floor(Math.random() * 1e6) * 1000;
  for (let n = base + 1; n <= base + taps + warming; n += 1) {
    const arrival = once(arrivals, `n${n}`);
    const tapped = performance.now();
    const response = await parent.ask(asked.url, 'PATCH', path, { rules: rulesWith(n) });
    await response.arrayBuffer();
    if (!response.ok) throw new Error(`a tap was answered with ${response.status}`);
    if (!arrivedAt.has(n)) await arrival;
    if (n > base + warming) times.push((arrivedAt.get(n) ?? Number.NaN) - tapped);
    await sleep(BETWEEN);
  }
  router.close();
  await router.closed;
  return times;
}
