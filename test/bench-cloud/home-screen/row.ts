import { atMost, type Row, type RowOptions, type RowResult } from '../../bench/row.ts';
import { percentile } from '../../bench/statistics.ts';
import { FleetParent } from '../../fleet/fleet-parent.ts';
import { addFleet } from '../../fleet/identities.ts';
import { benchStore, type EngineName } from '../engines.ts';
import { addHistory } from './history.ts';

const HOUSEHOLDS = 100;
/** Of which the events are. */
const DAYS = 20;

/** Whether the parents' pages stay as fast as the store grows. */
export const homeScreen: Row = {
  name: 'home-screen',
  title: 'what the home screen, the activity page and the page of a child show, as the store grows',
  run,
};

async function run({ quick, folder, progress }: RowOptions): Promise<RowResult> {
  const sizes = quick ? [1_000, 10_000] : [10_000, 100_000, 1_000_000];
  const asks = quick ? 50 : 300;
  const rows: (string | number)[][] = [];
  const measures: { name: string; unit: string; samples: number[] }[] = [];
  for (const engine of ['SQLite', 'PostgreSQL'] satisfies EngineName[]) {
    const store = await benchStore(engine, folder);
    try {
      const fleet = await addFleet(store.location, HOUSEHOLDS);
      const [first] = fleet;
      if (first === undefined) throw new Error('a fleet has a router');
      const node = await store.node({ KHIEN_HTTP_TRUSTED_PROXIES: '127.0.0.1' });
      await node.start();
      const parent = new FleetParent(`http://localhost:${node.httpPort}`);
      await parent.signUp(node.url, store.location, [first.household]);
      let stored = 0;
      for (const size of sizes) {
        progress(`${engine}: ${size} events`);
        await addHistory(store.location, fleet, { count: size - stored, days: DAYS });
        stored = size;
        for (const [page, path] of [
          ['home', ''],
          ['activity', '/activity'],
          ['usage', `/profiles/${first.profile}/usage?days=14`],
        ] as const) {
          const samples = await asking(
            parent,
            node.url,
            `/api/v1/households/${first.household}${path}`,
            asks,
          );
          measures.push({ name: `${engine}, ${page}, ${size} events`, unit: 'ms', samples });
          rows.push([
            engine,
            page,
            size,
            percentile(samples, 0.5).toFixed(1),
            percentile(samples, 0.99).toFixed(1),
          ]);
        }
      }
    } finally {
      await store.stop();
    }
  }
  const largest = sizes.at(-1) ?? 0;
  const worst = (page: string): number =>
    Math.max(
      ...measures
        .filter(({ name }) => name.endsWith(`${page}, ${largest} events`))
        .map(({ samples }) => percentile(samples, 0.99)),
    );
  return {
    measures,
    tables: [
      {
        title: 'One request at a time, milliseconds',
        columns: ['engine', 'page', 'events', 'p50', 'p99'],
        rows,
      },
    ],
    aims: [
      atMost(`p99 in ms of the home screen with ${largest} events`, worst('home'), 50),
      atMost(`p99 in ms of the activity page with ${largest} events`, worst('activity'), 50),
      atMost(`p99 in ms of a child's fortnight with ${largest} events`, worst('usage'), 50),
    ],
    notes: [
      `${HOUSEHOLDS} households; the parent's own has a tenth of all events, and a burst of tries for each`,
    ],
    parameters: { households: HOUSEHOLDS, days: DAYS, asks },
  };
}

async function asking(parent: FleetParent, url: string, path: string, times: number): Promise<number[]> {
  const samples: number[] = [];
  for (let n = -5; n < times; n += 1) {
    const asked = performance.now();
    const asking = parent.ask(url, 'GET', path);
    // The connection of minutes ago may be closed: that is not what is measured.
    const response = n < 0 ? await asking.catch(() => undefined) : await asking;
    if (response === undefined) continue;
    await response.arrayBuffer();
    if (!response.ok) throw new Error(`${path} was answered with ${response.status}`);
    if (n >= 0) samples.push(performance.now() - asked);
  }
  return samples;
}
