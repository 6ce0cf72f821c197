import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { catalogue } from '@khien/shared/catalogue';
import { TableCompiler } from '../../../daemon/src/lists/compile.ts';
import { Flood } from '../flood.ts';
import { NameGenerator } from '../names.ts';
import { atLeast, type Measure, type Row, type RowOptions, type RowResult, type Table } from '../row.ts';
import { median, medianRatio } from '../statistics.ts';
import {
  type CaseName,
  caseNames,
  clock,
  type Enforced,
  type NameFiles,
  TestBed,
  WINDOW,
} from './test-bed.ts';

const SEED = 830;
const CATEGORIES = 8;

interface Size {
  readonly listed: number;
  readonly enforced: Enforced;
  /** Nanoseconds a query, by case, a sample for each round. */
  readonly path: ReadonlyMap<CaseName, number[]>;
  /** Answers a second and nanoseconds an answer. */
  readonly rate: ReadonlyMap<CaseName, number[]>;
  readonly cost: ReadonlyMap<CaseName, number[]>;
}

/** What Khiên adds to a DNS query. */
export const dnsCost: Row = {
  name: 'dns-cost',
  title: 'queries through the classifier against the same path without it',
  run,
};

async function run({ quick, folder, progress }: RowOptions): Promise<RowResult> {
  const sizes = quick ? [0, 10_000] : [0, 100_000, 1_000_000];
  const rounds = quick ? 3 : 15;
  const packets = quick ? 5_000 : 20_000;
  const seconds = quick ? 0.1 : 0.3;
  const flood = new Flood(folder);
  const generator = new NameGenerator(SEED);
  const names = generator.listed(Math.max(...sizes));
  const results: Size[] = [];
  for (const listed of sizes) {
    const about = (text: string) => progress(`${listed} names: ${text}`);
    about('compiling the list');
    const list = compile(names.slice(0, listed), join(folder, `${listed}.khl`));
    const files = writeQueries(generator, names.slice(0, listed), folder);
    const bed = await TestBed.start(flood, files);
    try {
      about('loading');
      const enforced = await bed.enforce(list);
      about('what the kernel spends on a query');
      const path = await bed.withSink((sink) =>
        interleave(caseNames, rounds, (name) => bed.kernelPath(name, sink, packets)),
      );
      about('answers a second');
      const asking = caseNames.filter((name) => name !== 'managed, blocked');
      const answers = await bed.withResolver((resolver) =>
        interleave(asking, rounds, (name) => bed.answers(name, resolver, seconds)),
      );
      const rate = mapValues(answers, (samples) => samples.map((sample) => sample.rate));
      const cost = mapValues(answers, (samples) => samples.map((sample) => sample.cost));
      results.push({ listed, enforced, path, rate, cost });
    } finally {
      await bed.stop();
    }
  }
  return {
    measures: results.flatMap(measures),
    tables: [loading(results), kernelPath(results), answersASecond(results)],
    aims: results.flatMap(({ listed, rate }) => [
      atLeast(
        `answers a second with ${listed} names, managed to floor`,
        ratio(rate, 'managed, allowed'),
        0.8,
      ),
      atLeast(`answers a second with ${listed} names, unmanaged to floor`, ratio(rate, 'unmanaged'), 0.97),
    ]),
    notes: [
      'floor: the three tables dormant, so that no hook of theirs is in the way; the firewall of the router stays',
      'ratios are medians of the ratios within each round; rounds go through the cases in turn',
      'sender, kernel and dnsmasq share one core: what a query costs anywhere lowers the answers a second',
    ],
    parameters: { rounds, packetsARound: packets, secondsARound: seconds, seed: SEED, window: WINDOW, clock },
  };
}

/** Compiles names into a list file, an eighth of them in each of eight categories. */
function compile(names: readonly string[], path: string): string {
  const compiler = new TableCompiler();
  names.forEach((name, index) => {
    compiler.add(index % CATEGORIES, name);
  });
  writeFileSync(path, Buffer.concat(compiler.finish().pieces));
  return path;
}

/** Without a list, names of services are what is blocked. */
function writeQueries(generator: NameGenerator, listed: readonly string[], folder: string): NameFiles {
  const services = catalogue.services.flatMap(({ names }) => names);
  const write = (name: string, lines: readonly string[]) => {
    const path = join(folder, `${name}-${listed.length}.txt`);
    writeFileSync(path, `${lines.join('\n')}\n`);
    return path;
  };
  const allowed = generator.allowed(4096, new Set([...listed, ...services]));
  return {
    allowed: write('allowed', allowed),
    cached: write('cached', allowed.slice(0, 500)),
    blocked: write('blocked', generator.blocked(4096, listed.length === 0 ? services : listed)),
  };
}

/** Measures each case once in every round. The first round, in which caches are cold, is not kept. */
async function interleave<T>(
  cases: readonly CaseName[],
  rounds: number,
  measure: (name: CaseName) => Promise<T>,
): Promise<Map<CaseName, T[]>> {
  const samples = new Map<CaseName, T[]>(cases.map((name) => [name, []]));
  for (let round = 0; round <= rounds; round++) {
    for (const name of cases) {
      const sample = await measure(name);
      if (round > 0) samples.get(name)?.push(sample);
    }
  }
  return samples;
}

function measures({ listed, path, rate, cost }: Size): Measure[] {
  const all = (what: string, unit: string, samples: ReadonlyMap<CaseName, number[]>) =>
    [...samples].map(([name, each]) => ({ name: `${listed} names, ${name}: ${what}`, unit, samples: each }));
  return [
    ...all('kernel path', 'ns', path),
    ...all('answers', '1/s', rate),
    ...all('cost of an answer', 'ns', cost),
  ];
}

function loading(results: readonly Size[]): Table {
  return {
    title: 'loading by the enforcer',
    columns: ['names listed', 'names in the kernel', 'ms'],
    rows: results.map(({ listed, enforced }) => [listed, enforced.names, enforced.milliseconds]),
  };
}

function kernelPath(results: readonly Size[]): Table {
  return {
    title: `${clock === 'cpu' ? 'processor' : 'wall'} time of a query up to the socket`,
    columns: ['names', 'case', 'ns', 'ns added', 'to floor'],
    rows: results.flatMap(({ listed, path }) =>
      [...path].map(([name, samples]) => [
        listed,
        name,
        median(samples),
        median(samples.map((sample, round) => sample - (path.get('floor')?.[round] ?? Number.NaN))),
        ratio(path, name),
      ]),
    ),
  };
}

function answersASecond(results: readonly Size[]): Table {
  return {
    title: 'answers of dnsmasq from its cache',
    columns: ['names', 'case', 'a second', 'to floor', 'ns an answer', 'to floor'],
    rows: results.flatMap(({ listed, rate, cost }) =>
      [...rate].map(([name, samples]) => [
        listed,
        name,
        median(samples),
        ratio(rate, name),
        median(cost.get(name) ?? []),
        ratio(cost, name),
      ]),
    ),
  };
}

function ratio(samples: ReadonlyMap<CaseName, number[]>, name: CaseName): number {
  return medianRatio(samples.get(name) ?? [], samples.get('floor') ?? []);
}

function mapValues<K, V, W>(map: ReadonlyMap<K, V>, change: (value: V) => W): Map<K, W> {
  return new Map([...map].map(([key, value]) => [key, change(value)]));
}
