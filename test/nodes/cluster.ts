import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, readFileSync, rmSync, symlinkSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { PostgresServer } from '@khien/cloud/store/postgres-server.fixture';
import { buildSync } from 'esbuild';
import { freePort } from '../fleet/cloud-node.ts';
import { type Backend, Balancer } from './balancer.ts';

const cloudFolder = fileURLToPath(new URL('../../cloud', import.meta.url));

/** One process of the cloud. */
export class CloudNode implements Backend {
  readonly name: string;
  readonly http: number;
  readonly mqtt: number;
  /** Its own; all that matters is in the database. */
  readonly folder: string;
  readonly #program: string;
  readonly #environment: Readonly<Record<string, string>>;
  #process: ChildProcess | undefined;

  constructor(
    place: Backend & { readonly folder: string },
    program: string,
    environment: Readonly<Record<string, string>>,
  ) {
    this.name = place.name;
    this.http = place.http;
    this.mqtt = place.mqtt;
    this.folder = place.folder;
    this.#program = program;
    this.#environment = environment;
  }

  get url(): string {
    return `http://127.0.0.1:${this.http}`;
  }

  /** Resolves when it serves. */
  async start(): Promise<void> {
    const child = spawn(process.execPath, [this.#program], {
      env: {
        PATH: process.env.PATH,
        ...this.#environment,
        KHIEN_DATA: this.folder,
        KHIEN_HTTP_LISTEN: `127.0.0.1:${this.http}`,
        KHIEN_MQTT_LISTEN: `127.0.0.1:${this.mqtt}`,
      },
      stdio: ['ignore', 'pipe', 'inherit'],
    });
    this.#process = child;
    const said = new Promise<string>((resolve) => {
      child.stdout.on('data', (chunk: Buffer) => {
        if (chunk.includes('Khiên')) resolve('started');
      });
    });
    const outcome = await Promise.race([said, once(child, 'exit').then(() => 'ended')]);
    if (outcome !== 'started') throw new Error(`${this.name} did not start`);
  }

  /** Resolves with the exit code, null after SIGKILL. */
  async end(signal: 'SIGKILL' | 'SIGTERM'): Promise<number | null> {
    const child = this.#process;
    if (child === undefined || child.exitCode !== null || child.signalCode !== null) return null;
    const gone = once(child, 'exit');
    child.kill(signal);
    await gone;
    return child.exitCode;
  }
}

/** Nodes of the real cloud over one PostgreSQL, behind one load balancer. */
export class Cluster {
  readonly postgres: PostgresServer;
  readonly database: string;
  readonly nodes: readonly CloudNode[];
  /** Of the load balancer. */
  readonly http: number;
  readonly mqtt: number;
  readonly #folder: string;
  readonly #balancer: Balancer;

  private constructor(parts: {
    postgres: PostgresServer;
    database: string;
    nodes: readonly CloudNode[];
    at: { http: number; mqtt: number };
    folder: string;
    balancer: Balancer;
  }) {
    this.postgres = parts.postgres;
    this.database = parts.database;
    this.nodes = parts.nodes;
    this.http = parts.at.http;
    this.mqtt = parts.at.mqtt;
    this.#folder = parts.folder;
    this.#balancer = parts.balancer;
  }

  /** An empty database, and nodes that are not started. */
  static async prepare(count: number): Promise<Cluster> {
    const folder = mkdtempSync(join(tmpdir(), 'khien-nodes-'));
    const program = bundle(folder);
    const postgres = await PostgresServer.start();
    const database = await postgres.createDatabase();
    const at = { http: await freePort(), mqtt: await freePort() };
    const environment = {
      KHIEN_DATABASE_URL: database,
      KHIEN_PUBLIC_URL: `http://localhost:${at.http}`,
      KHIEN_MQTT_URL: `mqtts://localhost:${at.mqtt}`,
      KHIEN_HTTP_TRUSTED_PROXIES: '127.0.0.1',
      KHIEN_LOG: 'fatal',
    };
    const nodes: CloudNode[] = [];
    for (let n = 0; n < count; n += 1) {
      const name = `node${n}`;
      const place = { name, folder: join(folder, name), http: await freePort(), mqtt: await freePort() };
      nodes.push(new CloudNode(place, program, environment));
    }
    const balancer = await Balancer.start(folder, at, nodes);
    return new Cluster({ postgres, database, nodes, at, folder, balancer });
  }

  get url(): string {
    return `http://localhost:${this.http}`;
  }

  async stop(): Promise<void> {
    for (const node of this.nodes) await node.end('SIGKILL');
    await this.#balancer.stop();
    await this.postgres.stop();
    rmSync(this.#folder, { recursive: true, force: true });
  }
}

/** As plain JavaScript the cloud starts three times faster than through tsx, and it starts often here. */
function bundle(folder: string): string {
  const outfile = join(folder, 'cloud.mjs');
  const { dependencies, version } = JSON.parse(readFileSync(join(cloudFolder, 'package.json'), 'utf8'));
  symlinkSync(join(cloudFolder, '../node_modules'), join(folder, 'node_modules'));
  // What x509 needs to be loaded before it (authority/reflect.ts) comes first only where both are in the bundle.
  const isBundled = (name: string) => name.startsWith('@khien/') || name === '@peculiar/x509';
  buildSync({
    entryPoints: [join(cloudFolder, 'src/main.ts')],
    bundle: true,
    platform: 'node',
    format: 'esm',
    target: 'node20',
    external: Object.keys(dependencies).filter((name) => !isBundled(name)),
    define: { KHIEN_VERSION: JSON.stringify(version) },
    outfile,
  });
  return outfile;
}
