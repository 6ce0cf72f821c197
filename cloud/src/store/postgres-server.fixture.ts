import { type ChildProcess, execFile, spawn } from 'node:child_process';
import { once } from 'node:events';
import { chmodSync, chownSync, mkdtempSync, readdirSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { promisify } from 'node:util';
import pg from 'pg';
import { freePort } from '../free-port.fixture.ts';

const run = promisify(execFile);

/** How long it may take to start or to recover after a kill, milliseconds. */
const START_TIME = 60_000;

/** A real PostgreSQL server of this test's own, in a folder that goes with it. */
export class PostgresServer {
  readonly port: number;
  readonly #folder: string;
  readonly #settings: Readonly<Record<string, string>>;
  #process: ChildProcess | undefined;
  #databases = 0;

  private constructor(folder: string, port: number, settings: Readonly<Record<string, string>>) {
    this.#folder = folder;
    this.port = port;
    this.#settings = settings;
  }

  /** @param settings of postgresql.conf, such as `fsync: 'off'` where no power is cut */
  static async start(settings: Readonly<Record<string, string>> = {}): Promise<PostgresServer> {
    const folder = mkdtempSync(join(tmpdir(), 'khien-postgres-'));
    const server = new PostgresServer(folder, await freePort(), settings);
    try {
      await server.#initialise();
      await server.resume();
      return server;
    } catch (error) {
      await server.stop();
      throw error;
    }
  }

  url(database: string): string {
    return `postgres://postgres@127.0.0.1:${this.port}/${database}`;
  }

  /** The URL of a new database, empty or as its template is. */
  async createDatabase(template = 'template0'): Promise<string> {
    this.#databases += 1;
    const name = `khien_${process.pid}_${this.#databases}`;
    await this.query(`create database ${name} template ${template}`);
    return this.url(name);
  }

  /** As the administrator, in the database `postgres` unless told. */
  query<R extends pg.QueryResultRow>(sql: string, database = 'postgres'): Promise<R[]> {
    return queryOnce(this.url(database), sql);
  }

  /** Starts it, with what was committed before it was killed. Resolves when it answers. */
  async resume(): Promise<void> {
    const settings = {
      listen_addresses: '127.0.0.1',
      unix_socket_directories: '',
      max_connections: '300',
      shared_buffers: '64MB',
      ...this.#settings,
    };
    const flags = Object.entries(settings).flatMap(([name, value]) => ['-c', `${name}=${value}`]);
    const [command, ...args] = asItself(['--pdeathsig', 'KILL'], program('postgres'), [
      ...['-D', this.#folder, '-p', String(this.port)],
      ...flags,
    ]);
    const started = spawn(command, args, { stdio: ['ignore', 'ignore', 'pipe'], cwd: this.#folder });
    this.#process = started;
    let log = '';
    started.stderr.on('data', (chunk: Buffer) => {
      log = (log + chunk).slice(-4000);
    });
    const until = Date.now() + START_TIME;
    while (!(await this.#answers())) {
      if (started.exitCode !== null || Date.now() > until)
        throw new Error(`PostgreSQL does not start: ${log}`);
      await sleep(50);
    }
  }

  /** As when its machine's power is cut, but for what the disk was still to write. */
  async kill(): Promise<void> {
    const process = this.#process;
    if (process === undefined || process.exitCode !== null) return;
    const gone = once(process, 'exit');
    process.kill('SIGKILL');
    await gone;
    // Its other processes notice and let go of the port and of the shared memory.
    while (await this.#answers()) await sleep(20);
  }

  async stop(): Promise<void> {
    const process = this.#process;
    if (process !== undefined && process.exitCode === null && process.signalCode === null) {
      const gone = once(process, 'exit');
      // Immediate shutdown (postgresql.org/docs/current/server-shutdown.html).
      process.kill('SIGQUIT');
      await gone;
    }
    rmSync(this.#folder, { recursive: true, force: true });
  }

  async #initialise(): Promise<void> {
    chmodSync(this.#folder, 0o700);
    if (isRoot()) {
      const [user, group] = await Promise.all([idOf('-u'), idOf('-g')]);
      chownSync(this.#folder, user, group);
    }
    const flags = ['-U', 'postgres', '-A', 'trust', '-E', 'UTF8', '--locale', 'C', '--no-sync'];
    const [command, ...args] = asItself([], program('initdb'), ['-D', this.#folder, ...flags]);
    await run(command, args, { cwd: this.#folder });
  }

  #answers(): Promise<boolean> {
    return this.query('select 1').then(
      () => true,
      () => false,
    );
  }
}

/** One statement on a connection of its own. */
export async function queryOnce<R extends pg.QueryResultRow>(url: string, sql: string): Promise<R[]> {
  const client = new pg.Client({ connectionString: url, connectionTimeoutMillis: 5000 });
  client.on('error', () => undefined);
  await client.connect();
  try {
    return (await client.query<R>(sql)).rows;
  } finally {
    await client.end();
  }
}

/** PostgreSQL refuses to run as root; Debian makes a user for it. */
function asItself(flags: string[], command: string, args: string[]): [string, ...string[]] {
  const user = isRoot() ? ['--reuid', 'postgres', '--regid', 'postgres', '--clear-groups'] : [];
  return ['setpriv', ...user, ...flags, command, ...args];
}

function isRoot(): boolean {
  return process.getuid?.() === 0;
}

async function idOf(flag: '-u' | '-g'): Promise<number> {
  return Number((await run('id', [flag, 'postgres'])).stdout);
}

/** The newest of those that Debian has installed. */
function program(name: string): string {
  const versions = readdirSync('/usr/lib/postgresql').sort((a, b) => Number(b) - Number(a));
  return `/usr/lib/postgresql/${versions[0]}/bin/${name}`;
}
