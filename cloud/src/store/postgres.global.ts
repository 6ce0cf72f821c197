import type { TestProject } from 'vitest/node';
import { openStore } from './open.ts';
import { PostgresServer } from './postgres-server.fixture.ts';

declare module 'vitest' {
  interface ProvidedContext {
    /** A server for tests, with a migrated database called `template`; undefined where they use the embedded store. */
    postgres?: { readonly url: string; readonly template: string };
  }
}

/** One server for all test files of a run. Nothing of it outlives the run, so nothing waits for the disk. */
export default async function setup(project: TestProject): Promise<() => Promise<void>> {
  const server = await PostgresServer.start({ fsync: 'off', full_page_writes: 'off', autovacuum: 'off' });
  try {
    await server.query('create database template template template0');
    await (await openStore(server.url('template'))).close();
    project.provide('postgres', { url: server.url('postgres'), template: 'template' });
  } catch (error) {
    await server.stop();
    throw error;
  }
  return () => server.stop();
}
