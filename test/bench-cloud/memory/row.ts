import { atMost, type Row, type RowOptions, type RowResult } from '../../bench/row.ts';
import { memoryPerRouter, type PerRouter } from './memory.ts';

const kB = (bytes: number): number => Math.round(bytes / 102.4) / 10;

/** What a connected router costs. */
export const memory: Row = {
  name: 'memory',
  title: 'memory of the cloud for each connected router, plain and with mutual TLS',
  run,
};

async function run({ quick, progress }: RowOptions): Promise<RowResult> {
  const routers = quick ? 1_000 : 10_000;
  const measured: PerRouter[] = [];
  for (const kind of ['plain', 'tls'] as const) {
    progress(`${routers} routers, ${kind}`);
    measured.push(await memoryPerRouter(kind, routers));
  }
  const rss = (kind: PerRouter['kind']): number =>
    kB(measured.find((one) => one.kind === kind)?.rss ?? Number.NaN);
  return {
    measures: [],
    tables: [
      {
        title: 'kB for each router',
        columns: ['connection', 'routers', 'RSS', 'JavaScript heap', 'external'],
        rows: measured.map((one) => [one.kind, one.routers, kB(one.rss), kB(one.heap), kB(one.external)]),
      },
    ],
    aims: [atMost('kB of RSS, plain', rss('plain'), 25), atMost('kB of RSS, mutual TLS', rss('tls'), 90)],
    notes: ['plain is for measuring alone: the product has no listener without TLS'],
    parameters: { routers },
  };
}
