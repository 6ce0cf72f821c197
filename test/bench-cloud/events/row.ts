import { Authority } from '@khien/cloud/authority/authority';
import { freePort } from '@khien/cloud/free-port.fixture';
import { openStore } from '@khien/cloud/store/open';
import { z } from 'zod';
import { atLeast, type Row, type RowOptions, type RowResult } from '../../bench/row.ts';
import { median, percentile } from '../../bench/statistics.ts';
import { addFleet } from '../../fleet/identities.ts';
import { benchStore } from '../engines.ts';
import { Worker } from '../worker.ts';
import { startMosquitto } from './mosquitto.ts';

const ROUTERS = 200;
/** What a router sends at most in a message, and how many before the first is acknowledged. */
const BATCH = 64;
const LANES = 2;

/** How many events a second are committed and acknowledged. */
export const events: Row = {
  name: 'events',
  title: 'acknowledged events a second of 200 routers, against Mosquitto that keeps nothing',
  run,
};

const answerSchema = z.object({
  acknowledged: z.number(),
  latencies: z.array(z.number()),
  seconds: z.number(),
});

async function run({ quick, folder, progress }: RowOptions): Promise<RowResult> {
  const rounds = quick ? 2 : 6;
  const seconds = quick ? 3 : 8;
  const stores = [await benchStore('SQLite', folder), await benchStore('PostgreSQL', folder)];
  const worker = new Worker(new URL('publisher.ts', import.meta.url));
  const undo: (() => Promise<void>)[] = [() => worker.stop(), ...stores.map((store) => () => store.stop())];
  try {
    const servers: { readonly name: string; readonly port: number }[] = [];
    for (const store of stores) {
      progress(`${ROUTERS} routers over ${store.engine}`);
      const connect = await addFleet(store.location, ROUTERS);
      const node = await store.node();
      await node.start();
      await worker.ask({ connect, port: node.mqttPort });
      servers.push({ name: store.engine, port: node.mqttPort });
      if (store.engine === 'SQLite') {
        const opened = await openStore(store.location);
        const mosquitto = await startMosquitto(await Authority.open(opened.db), await freePort(), folder);
        await opened.close();
        undo.push(() => mosquitto.stop());
        await worker.ask({ connect, port: mosquitto.port });
        servers.push({ name: `Mosquitto ${mosquitto.version}`, port: mosquitto.port });
      }
    }
    const rates = new Map(servers.map(({ name }) => [name, [] as number[]]));
    const waits = new Map(servers.map(({ name }) => [name, [] as number[]]));
    for (let round = 1; round <= rounds; round += 1) {
      for (const { name, port } of servers) {
        const publish = { what: 'events', port, seconds, batch: BATCH, lanes: LANES };
        const answer = answerSchema.parse(await worker.ask({ publish }));
        const rate = answer.acknowledged / answer.seconds;
        progress(`round ${round}/${rounds}: ${name} ${rate.toFixed(0)} a second`);
        rates.get(name)?.push(rate);
        waits.get(name)?.push(...answer.latencies);
      }
    }
    const states = new Map<string, number>();
    for (const { name, port } of servers.filter((server) => !server.name.startsWith('Mosquitto'))) {
      const publish = { what: 'states', port, seconds, batch: 1, lanes: 1 };
      const answer = answerSchema.parse(await worker.ask({ publish }));
      states.set(name, answer.acknowledged / answer.seconds);
      progress(`${name}: ${states.get(name)?.toFixed(0)} states a second`);
    }
    return report(rates, waits, states, { rounds, seconds });
  } finally {
    for (const step of undo) await step();
  }
}

function report(
  rates: ReadonlyMap<string, readonly number[]>,
  waits: ReadonlyMap<string, readonly number[]>,
  states: ReadonlyMap<string, number>,
  parameters: { rounds: number; seconds: number },
): RowResult {
  const floor = [...rates].find(([name]) => name.startsWith('Mosquitto'))?.[1] ?? [];
  const rows = [...rates].map(([name, samples]) => [
    name,
    Math.round(median(samples)),
    median(samples.map((rate, round) => rate / (floor[round] ?? Number.NaN))).toFixed(2),
    percentile(waits.get(name) ?? [], 0.5).toFixed(0),
    percentile(waits.get(name) ?? [], 0.99).toFixed(0),
  ]);
  return {
    measures: [...rates].map(([name, samples]) => ({ name, unit: 'events/s', samples })),
    tables: [
      {
        title: `Events acknowledged a second, ${BATCH} in a message, ${LANES} messages of each of ${ROUTERS} routers under way`,
        columns: ['server', 'median', 'of Mosquitto', 'p50 wait ms', 'p99 wait ms'],
        rows,
      },
      {
        title:
          'States of a home with six devices, in each of which one has come or gone, the router has changed and a child’s minutes have grown: one a minute of a router at most',
        columns: ['server', 'states a second', 'routers that makes'],
        rows: [...states].map(([name, rate]) => [name, Math.round(rate), Math.round(rate * 60)]),
      },
    ],
    aims: [
      atLeast('events a second over PostgreSQL', median(rates.get('PostgreSQL') ?? []), 15_000),
      atLeast('events a second over SQLite', median(rates.get('SQLite') ?? []), 10_000),
    ],
    notes: [
      'the routers, the server and PostgreSQL share the same cores; TLS with client certificates everywhere',
      'acknowledged means committed to the disk, but for Mosquitto, which keeps nothing and has no subscriber',
    ],
    parameters: { routers: ROUTERS, batch: BATCH, lanes: LANES, ...parameters },
  };
}
