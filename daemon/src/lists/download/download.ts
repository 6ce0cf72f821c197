import { spawn } from 'node:child_process';
import { constants, setPriority } from 'node:os';
import { text } from 'node:stream/consumers';
import { KhienError } from '@khien/shared/error';
import { type DownloadJob, downloadOutcomeSchema } from './job.ts';

/** Downloads a table into its place, or rejects with a KhienError; `signal` ends it. */
export type Download = (job: DownloadJob, signal: AbortSignal) => Promise<void>;

/** What proving a table and ending may take beyond the download itself, milliseconds. */
const GRACE = 120_000;

/**
 * Downloads in a process of its own, with what this one was started with, behind all others in the queue for the processor.
 *
 * @param program the bundle of `download-process`
 */
export function downloadBy(program: string): Download {
  return async (job, signal) => {
    const child = spawn(process.execPath, [...process.execArgv, program, JSON.stringify(job)], {
      // Its input ends with us, and it with that: two that write one file would spoil it.
      stdio: ['pipe', 'pipe', 'inherit'],
      signal: AbortSignal.any([signal, AbortSignal.timeout(job.tryMs + GRACE)]),
      killSignal: 'SIGKILL',
    });
    const ended = new Promise<string>((resolve, reject) => {
      child.once('error', reject);
      child.once('close', (code, killed) => resolve(`it ended with ${code ?? killed}`));
    });
    if (child.pid !== undefined) behindOthers(child.pid);
    const [said, end] = await Promise.all([text(child.stdout), ended]).catch((cause: unknown) => {
      throw new KhienError('LIST_INTERRUPTED', 'the download was ended', { cause });
    });
    const outcome = downloadOutcomeSchema.safeParse(parseJson(said));
    if (!outcome.success) throw new KhienError('LIST_INTERRUPTED', `the download says nothing; ${end}`);
    if (!outcome.data.done) throw refused(outcome.data.code, outcome.data.message);
  };
}

function behindOthers(pid: number): void {
  try {
    setPriority(pid, constants.priority.PRIORITY_LOW);
  } catch {
    // It has ended already.
  }
}

function refused(code: string, message: string): KhienError {
  return new KhienError(code, message);
}

function parseJson(said: string): unknown {
  try {
    return JSON.parse(said);
  } catch {
    return undefined;
  }
}
