import { nodeFlags } from '../../system/router.ts';
import { type Aim, atLeast, atMost, type Measure, type RowResult, type Table } from '../row.ts';
import { median, medianRatio } from '../statistics.ts';
import { type Turn, WINDOW } from './contestant.ts';
import type { KhienStart } from './khien-home.ts';
import { type Question, questions, SEED, WARM_NAMES } from './workload.ts';

export const FLOOR = 'dnsmasq, no list';
export const KHIEN = 'Khiên';
const DNSMASQ = 'dnsmasq, local=';
const unbounds = ['unbound, local-zone', 'unbound, RPZ'];
const MB = 1e6;

/** What processes hold, in bytes. */
export interface Footprint {
  readonly rss: number;
  readonly peak: number;
}

export interface Findings {
  readonly turns: ReadonlyMap<string, ReadonlyMap<Question, readonly Turn[]>>;
  /** After all rounds. */
  readonly processes: ReadonlyMap<string, Footprint>;
  /** Khiên's processes without the list. */
  readonly without: Footprint;
  readonly starts: readonly KhienStart[];
  /** Bytes that the kernel gave back with the tables. */
  readonly givenBack: readonly number[];
  /** Milliseconds from the start of each peer until it blocked. */
  readonly ready: ReadonlyMap<string, number>;
  readonly versions: readonly string[];
  readonly parameters: { readonly count: number; readonly rounds: number; readonly seconds: number };
}

export function report(found: Findings): RowResult {
  const { turns, parameters, versions } = found;
  return {
    measures: measures(turns),
    tables: [speed(found), footprints(found)],
    aims: aims(found),
    notes: [
      `${versions.join('; ')}; Khiên: node ${process.version} ${nodeFlags.join(' ')}, and the same dnsmasq without a list`,
      `a second: ${WINDOW} queries under way; latency: one under way; both from the cache of whoever has one; ${WARM_NAMES} names, "many" 4096, of which the responder remembers 1024`,
      'client, kernel and whoever answers share one core; each round goes through all in turn, and ratios are of the same round. A second is one of the core’s time that these had (of the time on the wall where the kernel counts softirqs apart): of the core says which part of a turn that was, and where it is below 0.9 others wanted the core, and latencies say as much of these',
      'memory: RSS of the processes after the rounds (Khiên: daemon and dnsmasq), and for Khiên what SUnreclaim, VmallocUsed and Percpu of /proc/meminfo grew by from before the daemon to the names’ being loaded, which all else on the machine moves too; beside it what went with the tables. The list’s file is read by the page cache, which can be given back, and is not counted',
      'ready: from the process’s start until a listed name is blocked; for Khiên until all names are in the kernel, before which its responder decides from the file',
      'dnsmasq: local= with many names a line, the smallest and fastest of its forms: address= is the same table, address= with 0.0.0.0 takes a fifth more, a hosts file two thirds more and leaves names below those listed open. unbound RPZ: a record for the name and one for all below',
      'blocked: half of the names are listed, half are below a listed one; Khiên answers with 0.0.0.0, the others with NXDOMAIN. All are asked for at random among the million; the responder records each in its bursts',
    ],
    parameters: { ...parameters, seed: SEED, window: WINDOW },
  };
}

function samples(
  { turns }: Pick<Findings, 'turns'>,
  name: string,
  question: Question,
  of: keyof Turn,
): number[] {
  return (turns.get(name)?.get(question) ?? []).map((turn) => turn[of]);
}

function measures(turns: Findings['turns']): Measure[] {
  return [...turns].flatMap(([name, byQuestion]) =>
    [...byQuestion.keys()].flatMap((question) => [
      {
        name: `${name}, ${question}: answers`,
        unit: '1/s',
        samples: samples({ turns }, name, question, 'rate'),
      },
      { name: `${name}, ${question}: p99`, unit: 'µs', samples: samples({ turns }, name, question, 'p99') },
    ]),
  );
}

function speed(found: Findings): Table {
  return {
    title: `${found.parameters.count} names blocked: answers, medians of ${found.parameters.rounds} rounds`,
    columns: [
      'question',
      'who',
      'a second',
      'to dnsmasq, no list',
      'to dnsmasq, local=',
      'of the core',
      'p50 µs',
      'p99 µs',
    ],
    rows: questions.flatMap((question) =>
      [...found.turns].flatMap(([name, byQuestion]) => {
        if (!byQuestion.has(question)) return [];
        const rate = samples(found, name, question, 'rate');
        return [
          [
            question,
            name,
            median(rate),
            medianRatio(rate, samples(found, FLOOR, 'allowed', 'rate')),
            medianRatio(rate, samples(found, DNSMASQ, question, 'rate')),
            median(samples(found, name, question, 'share')),
            median(samples(found, name, question, 'p50')),
            median(samples(found, name, question, 'p99')),
          ],
        ];
      }),
    ),
  };
}

/** Bytes of kernel memory that Khiên's tables hold. */
function kernelOf({ starts }: Findings): number {
  return median(starts.map(({ kernel }) => kernel));
}

/** Bytes in all. */
function memoryOf(found: Findings, name: string): number {
  const { rss } = found.processes.get(name) ?? { rss: Number.NaN };
  return name === KHIEN ? rss + kernelOf(found) : rss;
}

/** Bytes that are there for the list: what a resolver without it takes not counted. */
function memoryForList(found: Findings, name: string): number {
  const floor = name === KHIEN ? found.without.rss : (found.processes.get(FLOOR)?.rss ?? Number.NaN);
  return memoryOf(found, name) - floor;
}

/** Milliseconds. */
function readyOf({ starts, ready }: Findings, name: string): number {
  return name === KHIEN ? median(starts.map(({ loaded }) => loaded)) : (ready.get(name) ?? Number.NaN);
}

function footprints(found: Findings): Table {
  const { processes, starts, givenBack } = found;
  return {
    title: 'memory in MB (10^6 bytes), and time to ready in ms',
    columns: [
      'who',
      'RSS',
      'peak RSS',
      'kernel',
      'kernel, given back',
      'in all',
      'for the list',
      'first block',
      'ready',
    ],
    rows: [...processes].map(([name, { rss, peak }]) => {
      const isKhien = name === KHIEN;
      return [
        name,
        rss / MB,
        peak / MB,
        isKhien ? kernelOf(found) / MB : Number.NaN,
        isKhien ? median(givenBack) / MB : Number.NaN,
        memoryOf(found, name) / MB,
        name.startsWith('unbound') ? Number.NaN : memoryForList(found, name) / MB,
        isKhien ? median(starts.map(({ blocking }) => blocking)) : readyOf(found, name),
        readyOf(found, name),
      ];
    }),
  };
}

/** Of each of unbound's two ways, Khiên must be ahead in everything. */
function aims(found: Findings): Aim[] {
  const ratio = (to: string, question: Question, of: keyof Turn) =>
    medianRatio(samples(found, KHIEN, question, of), samples(found, to, question, of));
  const asked = ['allowed', 'blocked'] as const;
  return [
    atLeast('blocked answers a second, to dnsmasq with the list', ratio(DNSMASQ, 'blocked', 'rate'), 0.8),
    atMost('memory in all, to dnsmasq with the list', memoryOf(found, KHIEN) / memoryOf(found, DNSMASQ), 1.1),
    ...unbounds.flatMap((unbound) => [
      ...asked.map((question) =>
        atLeast(`${question} answers a second, to ${unbound}`, ratio(unbound, question, 'rate'), 1),
      ),
      ...asked.map((question) =>
        atMost(`${question}, p99, to ${unbound}`, ratio(unbound, question, 'p99'), 1),
      ),
      atMost(`memory in all, to ${unbound}`, memoryOf(found, KHIEN) / memoryOf(found, unbound), 1),
      atMost(`time to ready, to ${unbound}`, readyOf(found, KHIEN) / readyOf(found, unbound), 1),
    ]),
  ];
}
