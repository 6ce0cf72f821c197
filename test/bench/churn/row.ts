import { writeFileSync } from 'node:fs';
import { availableParallelism } from 'node:os';
import { join } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import { TableCompiler } from '../../../daemon/src/lists/compile.ts';
import { FamilyHome } from '../../system/family-home.ts';
import { nodeEnvironment, nodeFlags } from '../../system/router.ts';
import { Flood } from '../flood.ts';
import { NameGenerator } from '../names.ts';
import { type Memory, readMemory } from '../proc.ts';
import { atMost, type Row, type RowOptions, type RowResult } from '../row.ts';
import { median } from '../statistics.ts';
import { type Happened, Hour, type Material } from './hour.ts';

const MB = 1e6;
const LIMIT_MB = 24;
/** Readings of one state differ by as much. */
const NO_GROWTH_MB = 1;
const CATEGORIES = 4;

/** Whether the daemon's memory grows while much happens. */
export const churn: Row = {
  name: 'churn',
  title: 'memory of the daemon through an hour in which much happens',
  run,
};

async function run({ quick, folder, progress }: RowOptions): Promise<RowResult> {
  const minutes = quick ? 6 : 60;
  const listed = quick ? 5_000 : 100_000;
  const flood = new Flood(folder);
  const material = writeLists(listed, folder);
  const system = await FamilyHome.start({ logQueries: false, folder, progress });
  try {
    const { home, router } = system;
    const bare = home.router.spawn(process.execPath, [...nodeFlags, '-e', 'setInterval(() => {}, 1e9)'], {
      env: nodeEnvironment,
    });
    const hour = new Hour(system, flood, material, { minutes, core: availableParallelism() - 1 });
    progress('the first list');
    await hour.publish(material.lists[0]);
    const samples: Memory[] = [];
    const idle: Memory[] = [];
    const { pid } = router.process;
    for (let minute = 0; minute < minutes; minute++) {
      if (minute % 10 === 0) progress(`minute ${minute} of ${minutes}`);
      await hour.minute(minute);
      await delay(quick ? 50 : 200);
      samples.push(readMemory(pid));
      idle.push(readMemory(bare.pid));
    }
    if (router.process.pid !== pid || !router.process.running) throw new Error('the daemon has ended');
    return report({ samples, idle, happened: hour.happened, listed });
  } finally {
    await system.stop();
  }
}

/** Two lists, of which each has nine tenths of the other's names. Their categories are in the preset of every age. */
function writeLists(count: number, folder: string): Material {
  const names = new NameGenerator(count).listed(Math.round(count * 1.1));
  const compile = (file: string, chosen: readonly string[]): string => {
    const compiler = new TableCompiler();
    chosen.forEach((name, index) => {
      compiler.add(index % CATEGORIES, name);
    });
    const path = join(folder, file);
    writeFileSync(path, Buffer.concat(compiler.finish().pieces));
    return path;
  };
  const first = names.slice(0, count);
  const second = names.slice(-count);
  const blocked = join(folder, 'blocked.txt');
  writeFileSync(blocked, `${second.filter((name, index) => index < 2000 && name.length < 98).join('\n')}\n`);
  return { blocked, lists: [compile('first.khl', first), compile('second.khl', second)] };
}

function report({
  samples,
  idle,
  happened,
  listed,
}: {
  readonly samples: readonly Memory[];
  readonly idle: readonly Memory[];
  readonly happened: Happened;
  readonly listed: number;
}): RowResult {
  const third = Math.floor(samples.length / 3);
  const parts: readonly (readonly [string, readonly Memory[]])[] = [
    ['node alone', idle],
    ['first third', samples.slice(0, third)],
    ['second third', samples.slice(third, -third)],
    ['last third', samples.slice(-third)],
  ];
  const of = (name: string, field: keyof Memory) =>
    median((parts.find(([part]) => part === name)?.[1] ?? []).map((memory) => memory[field])) / MB;
  return {
    measures: [
      { name: 'RSS, minute by minute', unit: 'MB', samples: samples.map(({ rss }) => rss / MB) },
      { name: 'RSS of node alone', unit: 'MB', samples: idle.map(({ rss }) => rss / MB) },
    ],
    tables: [
      {
        title: 'memory in MB (10^6 bytes), medians',
        columns: ['part of the hour', 'RSS', 'over node alone', 'anonymous', 'peak RSS'],
        rows: parts.map(([name]) => [
          name,
          of(name, 'rss'),
          of(name, 'rss') - of('node alone', 'rss'),
          of(name, 'anonymous'),
          of(name, 'peak'),
        ]),
      },
    ],
    aims: [
      atMost(
        'MB over node alone in the last third',
        of('last third', 'rss') - of('node alone', 'rss'),
        LIMIT_MB,
      ),
      atMost(
        'MB by which the last third is above the first',
        of('last third', 'rss') - of('first third', 'rss'),
        NO_GROWTH_MB,
      ),
    ],
    notes: [
      `in ${samples.length} minutes: ${happened.policies} policies, ${happened.tries} blocked tries, ${happened.devices} new devices, ${happened.links} lost links, ${happened.lists} new lists of ${listed} names`,
      `node ${process.version} ${nodeFlags.join(' ')} for both; memory is read at the end of each minute`,
    ],
    parameters: { minutes: samples.length, listed, ...happened },
  };
}
