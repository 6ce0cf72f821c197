import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { freePort } from '@khien/cloud/free-port.fixture';
import { PostgresServer } from '@khien/cloud/store/postgres-server.fixture';
import { CloudNode } from '../fleet/cloud-node.ts';
import { Balancer } from './balancer.ts';

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
    const postgres = await PostgresServer.start();
    const database = await postgres.createDatabase();
    const at = { http: await freePort(), mqtt: await freePort() };
    const environment = {
      KHIEN_PUBLIC_URL: `http://localhost:${at.http}`,
      KHIEN_MQTT_URL: `mqtts://localhost:${at.mqtt}`,
      KHIEN_HTTP_TRUSTED_PROXIES: '127.0.0.1',
      KHIEN_LOG: 'fatal',
    };
    const nodes: CloudNode[] = [];
    for (let n = 0; n < count; n += 1) {
      const data = join(folder, `node${n}`);
      nodes.push(await CloudNode.place({ data, databaseUrl: database, environment }));
    }
    const balancer = await Balancer.start(
      folder,
      at,
      nodes.map(({ httpPort: http, mqttPort: mqtt }, n) => ({ name: `node${n}`, http, mqtt })),
    );
    return new Cluster({ postgres, database, nodes, at, folder, balancer });
  }

  get url(): string {
    return `http://localhost:${this.http}`;
  }

  async stop(): Promise<void> {
    for (const node of this.nodes) await node.kill();
    await this.#balancer.stop();
    await this.postgres.stop();
    rmSync(this.#folder, { recursive: true, force: true });
  }
}
