import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { existsSync } from 'node:fs';
import { connect } from 'node:net';
import { setTimeout as sleep } from 'node:timers/promises';
import { fileURLToPath } from 'node:url';
import { freePort } from '@khien/cloud/free-port.fixture';

const bundle = fileURLToPath(new URL('../../cloud/dist/khien-cloud.mjs', import.meta.url));
const START_TIME = 60_000;

export interface CloudNodeOptions {
  /** Folder of its data; the embedded database is in it unless `databaseUrl` is given. */
  readonly data: string;
  readonly databaseUrl?: string;
  /** Of its environment, beside where things are. */
  readonly environment?: Readonly<Record<string, string>>;
}

/** The bundled cloud as a process on loopback, on ports that stay the same however often it is started. */
export class CloudNode {
  readonly httpPort: number;
  readonly mqttPort: number;
  readonly metricsPort: number;
  readonly #options: CloudNodeOptions;
  #process: ChildProcess | undefined;
  #log = '';

  private constructor(options: CloudNodeOptions, ports: readonly [number, number, number]) {
    this.#options = options;
    [this.httpPort, this.mqttPort, this.metricsPort] = ports;
  }

  /** Not started yet. */
  static async place(options: CloudNodeOptions): Promise<CloudNode> {
    if (!existsSync(bundle)) throw new Error('the cloud is not bundled: run make build');
    return new CloudNode(options, [await freePort(), await freePort(), await freePort()]);
  }

  /** Of its data. */
  get folder(): string {
    return this.#options.data;
  }

  get url(): string {
    return `http://127.0.0.1:${this.httpPort}`;
  }

  get pid(): number {
    if (this.#process?.pid === undefined) throw new Error('the cloud does not run');
    return this.#process.pid;
  }

  /** The last of what it logged. */
  get log(): string {
    return this.#log;
  }

  /** Resolves when it answers. */
  async start(): Promise<void> {
    const { data, databaseUrl, environment } = this.#options;
    const started = spawn(process.execPath, [bundle], {
      stdio: ['ignore', 'pipe', 'pipe'],
      env: {
        PATH: process.env.PATH,
        KHIEN_DATA: data,
        KHIEN_HTTP_LISTEN: `127.0.0.1:${this.httpPort}`,
        KHIEN_MQTT_LISTEN: `127.0.0.1:${this.mqttPort}`,
        KHIEN_METRICS_LISTEN: `127.0.0.1:${this.metricsPort}`,
        KHIEN_PUBLIC_URL: `http://localhost:${this.httpPort}`,
        KHIEN_LOG: 'error',
        ...(databaseUrl === undefined ? {} : { KHIEN_DATABASE_URL: databaseUrl }),
        ...environment,
      },
    });
    this.#process = started;
    const keep = (chunk: Buffer): void => {
      this.#log = (this.#log + chunk).slice(-20_000);
    };
    started.stdout.on('data', keep);
    started.stderr.on('data', keep);
    const until = Date.now() + START_TIME;
    while (!(await this.answers())) {
      if (started.exitCode !== null || Date.now() > until)
        throw new Error(`the cloud does not start: ${this.#log}`);
      await sleep(50);
    }
  }

  answers(): Promise<boolean> {
    return fetch(`${this.url}/healthz`, { signal: AbortSignal.timeout(2_000) }).then(
      (response) => response.ok,
      () => false,
    );
  }

  /** As a power cut ends a process. */
  async kill(): Promise<void> {
    await this.#end('SIGKILL');
  }

  /** In good order. Resolves with its status, null where it did not run. */
  stop(): Promise<number | null> {
    return this.#end('SIGTERM');
  }

  async #end(signal: NodeJS.Signals): Promise<number | null> {
    const ending = this.#process;
    if (ending === undefined || ending.exitCode !== null || ending.signalCode !== null) return null;
    const gone = once(ending, 'exit');
    ending.kill(signal);
    await gone;
    return ending.exitCode;
  }
}

/** Whether somebody listens there. */
export function portIsOpen(port: number): Promise<boolean> {
  return new Promise((resolve) => {
    const socket = connect(port, '127.0.0.1');
    socket.once('connect', () => {
      socket.destroy();
      resolve(true);
    });
    socket.once('error', () => resolve(false));
  });
}
