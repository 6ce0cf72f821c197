import { readFileSync } from 'node:fs';
import { setTimeout as sleep } from 'node:timers/promises';
import { z } from 'zod';
import { atMost, type Row, type RowOptions, type RowResult } from '../../bench/row.ts';
import { addFleet } from '../../fleet/identities.ts';
import { benchStore, type EngineName } from '../engines.ts';
import { Worker } from '../worker.ts';

const LIMIT_S = 60;
const GIVEN_UP_S = 300;

/** How soon all routers are back after the node was killed, and what they cost it. */
export const comeback: Row = {
  name: 'comeback',
  title: 'routers back after the node was killed, and memory of each',
  run,
};

const reportSchema = z.object({
  connected: z.number(),
  newest: z.number(),
  tries: z.number(),
  failures: z.record(z.string(), z.number()),
});

async function run({ quick, folder, progress }: RowOptions): Promise<RowResult> {
  const count = quick ? 1_000 : 10_000;
  const rows: (string | number)[][] = [];
  const took: Record<EngineName, number> = { SQLite: Number.NaN, PostgreSQL: Number.NaN };
  const memory: number[] = [];
  for (const engine of ['SQLite', 'PostgreSQL'] satisfies EngineName[]) {
    const store = await benchStore(engine, folder);
    const worker = new Worker(new URL('returner.ts', import.meta.url));
    try {
      progress(`${engine}: ${count} routers`);
      const keep = await addFleet(store.location, count);
      const node = await store.node();
      await node.start();
      const before = await settledRss(node.pid);
      progress(`${engine}: they connect`);
      await worker.ask({ keep, port: node.mqttPort });
      const each = ((await settledRss(node.pid)) - before) / count;
      memory.push(each);
      const { tries } = reportSchema.parse(await worker.ask({ report: true }));
      progress(`${engine}: ${each.toFixed(1)} kB each; killed`);
      await node.kill();
      const killedAt = Date.now();
      await node.start();
      const answersAt = Date.now();
      let report = { connected: 0, newest: 0, tries, failures: {} };
      while (report.connected < count && Date.now() < killedAt + GIVEN_UP_S * 1000) {
        await sleep(250);
        report = reportSchema.parse(await worker.ask({ report: true }));
      }
      progress(`${engine}: ${report.connected} back, failed tries: ${JSON.stringify(report.failures)}`);
      took[engine] = report.connected < count ? Number.POSITIVE_INFINITY : (report.newest - killedAt) / 1000;
      const again = (report.tries - tries) / count;
      rows.push([
        ...[engine, count, took[engine].toFixed(1), ((answersAt - killedAt) / 1000).toFixed(1)],
        ...[again.toFixed(2), each.toFixed(1)],
      ]);
    } finally {
      await worker.stop();
      await store.stop();
    }
  }
  return {
    measures: [{ name: 'memory of a router with mutual TLS', unit: 'kB', samples: memory }],
    tables: [
      {
        title: 'After kill -9 of the node',
        columns: ['engine', 'routers', 'all back s', 'node answers s', 'tries each', 'kB each'],
        rows,
      },
    ],
    aims: [
      atMost('seconds until all are back over SQLite', took.SQLite, LIMIT_S),
      atMost('seconds until all are back over PostgreSQL', took.PostgreSQL, LIMIT_S),
    ],
    notes: [
      'from the kill; back is: connected, hello acknowledged, and the policy at the router, which each says that it lacks',
      'memory is what VmRSS of the node grew by, with its garbage; `memory` measures it without',
      'the routers are one process on the same cores, with the daemon’s own delays between tries',
    ],
    parameters: { routers: count },
  };
}

/** kB, once the garbage of what happened last had time to be collected. */
async function settledRss(pid: number): Promise<number> {
  await sleep(5_000);
  return Number(/VmRSS:\s+(\d+)/.exec(readFileSync(`/proc/${pid}/status`, 'utf8'))?.[1] ?? Number.NaN);
}
