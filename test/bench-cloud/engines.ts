import { mkdir } from 'node:fs/promises';
import { join } from 'node:path';
import { PostgresServer } from '@khien/cloud/store/postgres-server.fixture';
import { CloudNode } from '../fleet/cloud-node.ts';

export type EngineName = 'SQLite' | 'PostgreSQL';

/** A store for one bench, and the nodes over it. */
export interface BenchStore {
  readonly engine: EngineName;
  /** As `openStore` takes it. */
  readonly location: string;
  /** A node over it, not started. */
  node(environment?: Readonly<Record<string, string>>): Promise<CloudNode>;
  /** Stops its nodes and its server. */
  stop(): Promise<void>;
}

/** An empty store below `folder`. What is committed is on the disk, as in production. */
export async function benchStore(engine: EngineName, folder: string): Promise<BenchStore> {
  const data = join(folder, engine);
  await mkdir(data);
  const postgres =
    engine === 'PostgreSQL' ? await PostgresServer.start({ shared_buffers: '512MB' }) : undefined;
  const databaseUrl = await postgres?.createDatabase();
  const nodes: CloudNode[] = [];
  return {
    engine,
    location: databaseUrl ?? join(data, 'khien.sqlite'),
    node: async (environment = {}) => {
      const own = join(data, `node-${nodes.length}`);
      const node = await CloudNode.place(
        databaseUrl === undefined ? { data, environment } : { data: own, databaseUrl, environment },
      );
      nodes.push(node);
      return node;
    },
    stop: async () => {
      for (const node of nodes) await node.stop();
      await postgres?.stop();
    },
  };
}
