import { availableParallelism } from 'node:os';
import type { Device } from '../../home/index.ts';
import type { Flood } from '../flood.ts';
import { cpuTime, softirqsCountApart } from '../proc.ts';
import type { QueryFiles, Question } from './workload.ts';

/** Whoever answers queries, as a device meets it. */
export interface Contestant {
  readonly name: string;
  readonly asker: Device;
  readonly address: string;
  /** The processes that answer. */
  readonly pids: readonly number[];
  /** How it says that a name is blocked: by the address 0.0.0.0, or by NXDOMAIN; undefined where it blocks none. */
  readonly blocksBy: 'address' | 'absence' | undefined;
}

/** What one turn measured. */
export interface Turn {
  /**
   * Answers a second of the core's time with `WINDOW` queries under way: what the client, the kernel for it and whoever answers
   * ran. On a machine that does nothing else that is the time on the wall.
   */
  readonly rate: number;
  /** The part of the core's time that these had. */
  readonly share: number;
  /** Microseconds to an answer with one query under way. */
  readonly p50: number;
  readonly p99: number;
}

/** Queries that the client keeps under way. */
export const WINDOW = 64;
/** A machine that others use stands still now and then. */
const ATTEMPTS = 3;

// All that a query costs is paid on one core, so that nothing hides on another.
const core = availableParallelism() - 1;

/** Puts what answers on the core that asks. */
export async function pin({ asker, pids }: Contestant): Promise<void> {
  for (const pid of pids) await asker.check('taskset', ['-acp', String(core), String(pid)]);
}

/**
 * Asks for some seconds with many queries under way, and for half as long with one.
 *
 * @throws Error where again and again answers were lost, or were not what they must be
 */
export async function ask(
  flood: Flood,
  { name, asker, address, pids, blocksBy }: Contestant,
  question: Question,
  { queries, seconds }: { readonly queries: QueryFiles; readonly seconds: number },
): Promise<Turn> {
  const absent = question !== 'allowed' && blocksBy === 'absence';
  let wrong = '';
  for (let attempt = 0; attempt < ATTEMPTS; attempt++) {
    const file = queries[question];
    const before = ranFor(pids);
    const many = await flood.ask(asker, core, address, file, { seconds, window: WINDOW });
    const ran = ranFor(pids) - before + many.cpu;
    const one = await flood.ask(asker, core, address, file, { seconds: seconds / 2, window: 1 });
    const right = absent ? many.negative : many.answered;
    const other = absent ? many.answered + one.answered : many.negative + one.negative;
    if (right > 0 && other === 0 && many.stalls + one.stalls === 0) {
      const share = ran / many.wall;
      const rate = (right * 1e9) / (softirqsCountApart() ? many.wall : ran);
      return { rate, share, p50: one.p50 / 1000, p99: one.p99 / 1000 };
    }
    wrong = `${right} answers, ${other} that say the opposite, ${many.stalls} and ${one.stalls} stalls`;
  }
  throw new Error(`${name}, ${question}: ${wrong}`);
}

function ranFor(pids: readonly number[]): number {
  return pids.reduce((sum, pid) => sum + cpuTime(pid), 0);
}
