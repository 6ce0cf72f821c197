import { execFileSync, spawn } from 'node:child_process';
import { once } from 'node:events';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { sizesFor } from '../../../daemon/src/enforce/name-filling.ts';
import type { NameLists } from '../../../daemon/src/lists/name-lists.ts';
import { TableFile } from '../../../daemon/src/lists/table-file.ts';
import { nodeEnvironment, nodeFlags } from '../../system/router.ts';
import { bundle } from '../bundle.ts';
import { cpuTime, peakMemory } from '../proc.ts';
import { atMost, type Row, type RowOptions, type RowResult } from '../row.ts';
import { median, medianRatio } from '../statistics.ts';
import { ALL, compileEditions, type Editions } from './list-edition.ts';
import { type Loaded, loadedSchema } from './loaded.ts';
import { type KeyForm, writeNftFile } from './nft-file.ts';

const MB = 1e6;
const forms: readonly KeyForm[] = ['numbers', 'words'];

/** How long loading names takes, and what memory, against `nft -f`. */
export const listLoad: Row = {
  name: 'list-load',
  title: 'loading names into the kernel',
  run,
};

interface Spent {
  readonly milliseconds: number;
  /** Processor time in milliseconds. */
  readonly cpu: number;
  /** Bytes by which memory grew at most. */
  readonly memory: number;
}

/** What is timed in each round, in this order. */
const works = [
  'nft -f, numbers',
  'nft -f, words',
  'load',
  'update, 1 % differ',
  'update, 1 % replaced',
  'a category less',
  'that category again',
] as const;
type Work = (typeof works)[number];

async function run({ quick, folder, progress }: RowOptions): Promise<RowResult> {
  const count = quick ? 50_000 : 1_000_000;
  const rounds = quick ? 2 : 5;
  progress(`${count} names`);
  const editions: Editions = {
    first: join(folder, 'first.khl'),
    changed: join(folder, 'changed.khl'),
    replaced: join(folder, 'replaced.khl'),
  };
  compileEditions(count, editions);
  const lists = await TableFile.open(editions.first);
  const file = (form: KeyForm) => join(folder, `${form}.nft`);
  const sizes = sizesFor(countsOf(lists));
  for (const form of forms) await writeNftFile(file(form), lists, ALL, { form, sizes });
  lists.close();

  const program = await bundle(new URL('load-worker.ts', import.meta.url), folder);
  const spent = new Map<Work, Spent[]>(works.map((work) => [work, []]));
  const put = (work: Work, what: Spent) => spent.get(work)?.push(what);
  let names = 0;
  for (let round = 0; round < rounds; round++) {
    progress(`round ${round + 1} of ${rounds}`);
    for (const form of forms) put(`nft -f, ${form}`, await loadWithNft(file(form)));
    const steps: [Work, string, number][] = [
      ['load', editions.first, ALL],
      ['update, 1 % differ', editions.changed, ALL],
      ['update, 1 % replaced', editions.replaced, ALL],
      ['a category less', editions.replaced, ALL >> 1],
      ['that category again', editions.replaced, ALL],
    ];
    const loaded = await loadAsDaemon(
      program,
      steps.map(([, list, mask]) => ({ list, mask })),
    );
    for (const [index, [work]] of steps.entries()) {
      const { milliseconds, user, system, peakGrowth } = loaded[index] ?? missing();
      put(work, { milliseconds, cpu: user + system, memory: peakGrowth });
    }
    names = loaded[0]?.names ?? 0;
  }
  return report(spent, { count, names, rounds });
}

function missing(): never {
  throw new Error('a load was not answered');
}

/** Entries by the map that they go into. */
function countsOf(lists: NameLists): Map<number, number> {
  const counts = new Map<number, number>();
  for (const { keyLength, count } of lists.entries()) {
    counts.set(keyLength, (counts.get(keyLength) ?? 0) + count);
  }
  return counts;
}

async function loadWithNft(file: string): Promise<Spent> {
  const at = performance.now();
  const nft = spawn('nft', ['-f', file], { stdio: ['ignore', 'inherit', 'inherit'] });
  let memory = 0;
  let cpu = 0;
  const look = setInterval(() => {
    try {
      memory = peakMemory(nft.pid ?? 0);
      cpu = cpuTime(nft.pid ?? 0) / 1e6;
    } catch {
      // It has ended between two looks.
    }
  }, 20);
  const [code] = await once(nft, 'exit');
  clearInterval(look);
  if (code !== 0) throw new Error(`nft -f ended with ${String(code)}`);
  const milliseconds = performance.now() - at;
  execFileSync('nft', ['flush', 'ruleset']);
  return { milliseconds, cpu, memory };
}

/** Loads one list after the other in a new process with the router's flags. */
async function loadAsDaemon(
  program: string,
  commands: readonly { list: string; mask: number }[],
): Promise<Loaded[]> {
  const worker = spawn(process.execPath, [...nodeFlags, program], {
    stdio: ['pipe', 'pipe', 'inherit'],
    env: { ...process.env, ...nodeEnvironment },
  });
  const loaded: Loaded[] = [];
  worker.stdin.end(commands.map((command) => `${JSON.stringify(command)}\n`).join(''));
  for await (const line of createInterface({ input: worker.stdout })) {
    loaded.push(loadedSchema.parse(JSON.parse(line)));
  }
  execFileSync('nft', ['flush', 'ruleset']);
  return loaded;
}

function report(
  spent: ReadonlyMap<Work, readonly Spent[]>,
  { count, names, rounds }: { count: number; names: number; rounds: number },
): RowResult {
  const samples = (work: Work, of: keyof Spent) => (spent.get(work) ?? []).map((each) => each[of]);
  const ratio = (work: Work, to: Work, of: keyof Spent) => medianRatio(samples(work, of), samples(to, of));
  return {
    measures: works.map((work) => ({ name: work, unit: 'ms', samples: samples(work, 'milliseconds') })),
    tables: [
      {
        title: `${names} names, medians of ${rounds} rounds`,
        columns: ['work', 'ms', 'processor ms', 'memory MB', 'time to nft, numbers', 'time to load'],
        rows: works.map((work) => [
          work,
          median(samples(work, 'milliseconds')),
          median(samples(work, 'cpu')),
          median(samples(work, 'memory')) / MB,
          ratio(work, 'nft -f, numbers', 'milliseconds'),
          ratio(work, 'load', 'milliseconds'),
        ]),
      },
    ],
    aims: [
      atMost(
        'time to load to that of nft -f, keys as numbers',
        ratio('load', 'nft -f, numbers', 'milliseconds'),
        0.333,
      ),
      atMost(
        'time to load to that of nft -f, keys as words',
        ratio('load', 'nft -f, words', 'milliseconds'),
        0.333,
      ),
      atMost('memory to that of nft -f, keys as numbers', ratio('load', 'nft -f, numbers', 'memory'), 0.1),
      atMost('MB by which the loading process grows at most', median(samples('load', 'memory')) / MB, 40),
      atMost('1 % update to load, time', ratio('update, 1 % differ', 'load', 'milliseconds'), 0.033),
    ],
    notes: [
      `${execFileSync('nft', ['--version'], { encoding: 'utf8' }).trim()}; its file has plain maps that no rule uses, of the sizes and key lengths of ours, with the same elements`,
      'numbers: each key one number; words: a concatenation of 32-bit words. Its memory is all that it has at most, its processor time is looked at every 20 ms',
      `ours: the daemon's loader in a process of its own, node ${nodeFlags.join(' ')}; memory is what it grows by at most. Its maps are looked up by up to 60 rules each, for each of which the kernel checks each element as it comes: half of the kernel’s part`,
      'an update reads both lists whole, 47 MB, and the kernel takes its elements one by one as it takes those of a load: these two are about two thirds of its time',
      '1 % differ: half a hundredth of the names went, as many others came; replaced: a hundredth went, as many came',
    ],
    parameters: { count, names, rounds },
  };
}
