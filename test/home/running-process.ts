import type { ChildProcess } from 'node:child_process';
import { readFileSync } from 'node:fs';
import type { Readable } from 'node:stream';
import { isKhienError } from '@khien/shared/error';
import { homeError } from './error.ts';
import { eventually } from './eventually.ts';

/** A program that runs until it is stopped, in a process group of its own, writing to a log file. */
export class RunningProcess {
  readonly pid: number;
  readonly logFile: string;
  /** The exit status, or null when a signal ended it. */
  readonly exited: Promise<number | null>;
  /** Its standard output where it does not go to the log. */
  readonly stdout: Readable | null;
  readonly #child: ChildProcess;

  /** @param child started as the leader of a process group */
  constructor(child: ChildProcess & { pid: number }, logFile: string) {
    this.pid = child.pid;
    this.logFile = logFile;
    this.stdout = child.stdout;
    this.#child = child;
    this.exited = new Promise((resolve) => {
      child.once('exit', (code) => {
        // At once, because the number of a group that is gone is given to another some day.
        signalGroup(child.pid, 'SIGKILL');
        resolve(code);
      });
    });
  }

  get running(): boolean {
    return this.#child.exitCode === null && this.#child.signalCode === null;
  }

  /** All it has printed so far. */
  log(): string {
    return readFileSync(this.logFile, 'utf8');
  }

  /** Sends a signal to the program and its children, when it still runs; SIGKILL is how a crash is played. */
  kill(signal: NodeJS.Signals): void {
    if (this.running) signalGroup(this.pid, signal);
  }

  /** Asks the program to end, and kills it when it has not after `grace` milliseconds. */
  async stop(grace = 2_000): Promise<void> {
    this.kill('SIGTERM');
    const timer = setTimeout(() => this.kill('SIGKILL'), grace);
    await this.exited;
    clearTimeout(timer);
  }

  /**
   * Waits for a condition that this program brings about.
   * @throws KhienError HOME_PROGRAM_EXITED at once when the program has ended, else HOME_TIMEOUT; both with its last lines
   */
  async ready(
    description: string,
    condition: () => boolean | Promise<boolean>,
    timeout = 10_000,
  ): Promise<void> {
    const met = async () => {
      // In this order, because the program may end between the two.
      const { running } = this;
      if (await condition()) return true;
      if (!running) throw homeError('HOME_PROGRAM_EXITED', `it ended before ${description}`);
      return false;
    };
    try {
      await eventually(description, met, timeout);
    } catch (error) {
      if (!isKhienError(error)) throw error;
      const code = error.code === 'HOME_PROGRAM_EXITED' ? 'HOME_PROGRAM_EXITED' : 'HOME_TIMEOUT';
      const end = this.log().split('\n').slice(-30).join('\n');
      throw homeError(code, `${error.message}\n--- ${this.logFile}\n${end}`, error);
    }
  }
}

/** Sends a signal to a process group, which may be gone. */
export function signalGroup(leader: number, signal: NodeJS.Signals): void {
  try {
    process.kill(-leader, signal);
  } catch (error) {
    if (!(error instanceof Error && 'code' in error && error.code === 'ESRCH')) throw error;
  }
}
