import { type ChildProcess, spawn } from 'node:child_process';
import { closeSync, mkdirSync, openSync } from 'node:fs';
import { join } from 'node:path';
import type { Readable } from 'node:stream';
import { homeError } from './error.ts';
import { RunningProcess, signalGroup } from './running-process.ts';

export interface ExecResult {
  readonly stdout: string;
  readonly stderr: string;
  /** The exit status, or null when a signal ended the program. */
  readonly code: number | null;
}

export interface ExecOptions {
  /** Milliseconds until the program and its children are killed and `exec` throws; 10 s unless told. */
  readonly timeout?: number;
  /** What it reads from standard input; nothing unless told. */
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

/** Every program of one virtual home, so that none outlives it. */
export class ProcessTable {
  readonly #logFolder: string;
  readonly #running = new Set<RunningProcess>();
  readonly #execs = new Set<number>();
  #started = 0;
  #ended = false;

  constructor(logFolder: string) {
    this.#logFolder = logFolder;
    mkdirSync(logFolder, { recursive: true });
  }

  /** @throws KhienError HOME_ENDED, or HOME_COMMAND_FAILED when there is no such command */
  spawn(command: string, args: readonly string[], title: string, options: SpawnOptions = {}): RunningProcess {
    this.#checkOpen(command);
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
    child.on('error', () => undefined);
    if (!hasStarted(child)) throw homeError('HOME_COMMAND_FAILED', `${command} could not be started`);
    const running = new RunningProcess(child, logFile);
    this.#running.add(running);
    child.once('exit', () => this.#running.delete(running));
    return running;
  }

  /**
   * Runs a program to its end. A non-zero status is a result, not an error.
   * @throws KhienError HOME_TIMEOUT, HOME_ENDED, or HOME_COMMAND_FAILED when there is no such command
   */
  async exec(command: string, args: readonly string[], options: ExecOptions = {}): Promise<ExecResult> {
    this.#checkOpen(command);
    const { timeout = 10_000, input = '' } = options;
    const child = spawn(command, args, {
      detached: true,
      stdio: 'pipe',
      env: { ...process.env, ...options.env },
      cwd: options.cwd,
    });
    child.on('error', () => undefined);
    if (!hasStarted(child)) throw homeError('HOME_COMMAND_FAILED', `${command} could not be started`);
    const { pid } = child;
    this.#execs.add(pid);
    const closed = new Promise<number | null>((resolve) => child.once('close', (code) => resolve(code)));
    let expired = false;
    const timer = setTimeout(() => {
      expired = true;
      signalGroup(pid, 'SIGKILL');
      // A daemon that left the group may hold these open for ever.
      child.stdout.destroy();
      child.stderr.destroy();
    }, timeout);
    // A program need not read what it is given.
    child.stdin.on('error', () => child.stdin.destroy());
    child.stdin.end(input);
    const out = collect(child.stdout);
    const err = collect(child.stderr);
    const code = await closed;
    clearTimeout(timer);
    this.#execs.delete(pid);
    const result = { stdout: Buffer.concat(out).toString(), stderr: Buffer.concat(err).toString(), code };
    if (!expired) return result;
    const shown = `${command} ${args.join(' ')}\n${result.stdout}${result.stderr}`;
    throw homeError('HOME_TIMEOUT', `not done after ${timeout} ms: ${shown}`);
  }

  /**
   * Runs a program that must succeed, and returns what it printed.
   * @throws KhienError HOME_COMMAND_FAILED with what it said and was given; and what `exec` throws
   */
  async check(command: string, args: readonly string[], options: ExecOptions = {}): Promise<string> {
    const { stdout, stderr, code } = await this.exec(command, args, options);
    if (code === 0) return stdout;
    const input = options.input === undefined ? '' : `--- input\n${options.input}`;
    throw homeError(
      'HOME_COMMAND_FAILED',
      `${command} ${args.join(' ')} ended with ${code}\n${stderr}${input}`,
    );
  }

  /** Ends every program; none can be started any more. */
  async stop(): Promise<void> {
    this.#ended = true;
    for (const pid of this.#execs) signalGroup(pid, 'SIGKILL');
    await Promise.all([...this.#running].map((running) => running.stop()));
  }

  #checkOpen(command: string): void {
    if (this.#ended) throw homeError('HOME_ENDED', `the virtual home has ended; cannot run ${command}`);
  }
}

function collect(stream: Readable): Buffer[] {
  const chunks: Buffer[] = [];
  stream.on('data', (chunk: Buffer) => chunks.push(chunk));
  return chunks;
}

function hasStarted<T extends ChildProcess>(child: T): child is T & { pid: number } {
  return child.pid !== undefined;
}
