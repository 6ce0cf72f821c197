import { type ChildProcess, spawn } from 'node:child_process';
import { closeSync, mkdirSync, openSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import type { Readable } from 'node:stream';
import { text } from 'node:stream/consumers';
import { HomeError } from './error.ts';
import { eventually } from './eventually.ts';

export interface ExecResult {
  readonly stdout: string;
  readonly stderr: string;
  /** The exit status, or null when a signal ended the program. */
  readonly code: number | null;
}

export interface ExecOptions {
  /** Milliseconds until the program and its children are killed and `exec` throws; 10 s unless told. */
  readonly timeout?: number;
  readonly input?: string;
  readonly env?: Readonly<Record<string, string>>;
  readonly cwd?: string;
}

export interface SpawnOptions {
  /** Names the log file; the command unless told. */
  readonly name?: string;
  readonly env?: Readonly<Record<string, string>>;
  readonly cwd?: string;
  /** Hands standard output to the caller instead of the log. */
  readonly pipeStdout?: boolean;
}

/** A program that runs until it is stopped, in a process group of its own, writing to a log file. */
export class RunningProcess {
  readonly pid: number;
  readonly logFile: string;
  readonly exited: Promise<number | null>;
  readonly stdout: Readable | null;
  readonly #child: ChildProcess;

  constructor(child: ChildProcess, logFile: string, title: string) {
    if (child.pid === undefined) throw new HomeError('command-failed', `${title} could not be started`);
    this.pid = child.pid;
    this.logFile = logFile;
    this.stdout = child.stdout;
    this.#child = child;
    this.exited = new Promise((resolve) => child.once('exit', (code) => resolve(code)));
  }

  get running(): boolean {
    return this.#child.exitCode === null && this.#child.signalCode === null;
  }

  log(): string {
    return readFileSync(this.logFile, 'utf8');
  }

  /** Sends a signal to the program and its children; SIGKILL is how a crash is played. */
  kill(signal: NodeJS.Signals): void {
    signalGroup(this.pid, signal);
  }

  /** Asks the program to end, and kills it when it has not after `grace` milliseconds. */
  async stop(grace = 2_000): Promise<void> {
    if (this.running) this.kill('SIGTERM');
    const timer = setTimeout(() => this.kill('SIGKILL'), grace);
    await this.exited;
    clearTimeout(timer);
    this.kill('SIGKILL');
  }

  /**
   * Waits for a condition that this program brings about.
   * @throws HomeError with the end of its log, `exited` at once when the program has ended, `timeout` otherwise
   */
  async ready(
    description: string,
    condition: () => boolean | Promise<boolean>,
    timeout = 10_000,
  ): Promise<void> {
    const end = () => `\n--- ${this.logFile}\n${this.log().split('\n').slice(-30).join('\n')}`;
    try {
      await eventually(
        description,
        async () => {
          if (await condition()) return true;
          if (!this.running) throw new HomeError('exited', `the program ended before ${description}`);
          return false;
        },
        timeout,
      );
    } catch (error) {
      if (error instanceof HomeError)
        throw new HomeError(error.code, error.message + end(), { cause: error });
      throw error;
    }
  }
}

/** Every program of one virtual home, so that none outlives it. */
export class ProcessTable {
  readonly #logFolder: string;
  readonly #running = new Set<RunningProcess>();
  readonly #execs = new Set<number>();
  #started = 0;

  constructor(logFolder: string) {
    this.#logFolder = logFolder;
    mkdirSync(logFolder, { recursive: true });
  }

  spawn(command: string, args: readonly string[], title: string, options: SpawnOptions = {}): RunningProcess {
    this.#started += 1;
    const logFile = join(this.#logFolder, `${String(this.#started).padStart(3, '0')}-${title}.log`);
    const log = openSync(logFile, 'a');
    const child = spawn(command, args, {
      detached: true,
      stdio: ['ignore', options.pipeStdout ? 'pipe' : log, log],
      env: { ...process.env, ...options.env },
      cwd: options.cwd,
    });
    closeSync(log);
    const running = new RunningProcess(child, logFile, title);
    this.#running.add(running);
    running.exited.then(() => this.#running.delete(running));
    return running;
  }

  /**
   * Runs a program to its end. A non-zero status is a result, not an error.
   * @throws HomeError `timeout`, or `command-failed` when it could not be started
   */
  async exec(command: string, args: readonly string[], options: ExecOptions = {}): Promise<ExecResult> {
    const { timeout = 10_000 } = options;
    const shown = [command, ...args].join(' ');
    const child = spawn(command, args, {
      detached: true,
      stdio: 'pipe',
      env: { ...process.env, ...options.env },
      cwd: options.cwd,
    });
    const { pid } = child;
    const exited = new Promise<number | null>((resolve, reject) => {
      child.once('error', (cause) =>
        reject(new HomeError('command-failed', `${shown}: ${cause.message}`, { cause })),
      );
      child.once('close', (code) => resolve(code));
    });
    let expired = false;
    const timer = setTimeout(() => {
      expired = true;
      if (pid !== undefined) signalGroup(pid, 'SIGKILL');
    }, timeout);
    if (pid !== undefined) this.#execs.add(pid);
    child.stdin.on('error', () => child.stdin.destroy());
    child.stdin.end(options.input ?? '');
    try {
      const [stdout, stderr, code] = await Promise.all([text(child.stdout), text(child.stderr), exited]);
      if (expired)
        throw new HomeError('timeout', `not done after ${timeout} ms: ${shown}\n${stdout}${stderr}`);
      return { stdout, stderr, code };
    } finally {
      clearTimeout(timer);
      if (pid !== undefined) this.#execs.delete(pid);
    }
  }

  /** Runs a program that must succeed, and returns what it printed. */
  async check(command: string, args: readonly string[], options: ExecOptions = {}): Promise<string> {
    const { stdout, stderr, code } = await this.exec(command, args, options);
    if (code === 0) return stdout;
    const input = options.input === undefined ? '' : `\n--- input\n${options.input}`;
    throw new HomeError(
      'command-failed',
      `${[command, ...args].join(' ')} ended with ${code}\n${stderr}${input}`,
    );
  }

  async stop(): Promise<void> {
    for (const pid of this.#execs) signalGroup(pid, 'SIGKILL');
    await Promise.all([...this.#running].map((running) => running.stop()));
  }
}

function signalGroup(pid: number, signal: NodeJS.Signals): void {
  try {
    process.kill(-pid, signal);
  } catch (error) {
    if (!(error instanceof Error && 'code' in error && error.code === 'ESRCH')) throw error;
  }
}
