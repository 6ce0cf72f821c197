import { setTimeout as sleep } from 'node:timers/promises';
import { type DocumentKind, documentKinds } from '@khien/shared/document';
import type { Id } from '@khien/shared/id';
import type { FastifyBaseLogger } from 'fastify';
import type { Changes, RouterChange, RouterConnected } from '../changes.ts';
import type { Store } from '../store/open.ts';
import type { Presence } from './presence.ts';
import type { RouterConnection } from './router-connection.ts';

/** Between two rounds, milliseconds; no two nodes in step. */
const EVERY = 30_000;
/** Routers in one query, and how long others are let to the store before the next, milliseconds. */
const PAGE = 500;
const BREATH = 20;

export interface CatchUpDeps {
  readonly store: Store;
  readonly changes: Changes;
  readonly presence: Pick<Presence, 'set'>;
  readonly log: Pick<FastifyBaseLogger, 'error'>;
}

interface Row {
  readonly public_key: string;
  readonly connection: string | null;
  readonly versions: ReadonlyMap<string, number>;
}

/**
 * Compares the routers that are connected here with the store, at times and whenever announcements may have been lost, and
 * says what they would have said: that a router is to be cut, has a later connection elsewhere, or lacks a document. So a
 * node that dies between a commit and its announcement makes others late, and no more.
 */
export class CatchUp {
  readonly #deps: CatchUpDeps;
  readonly #connected: () => Iterable<RouterConnection>;
  readonly #tell: (found: RouterChange | RouterConnected) => void;
  readonly #every: number;
  #stopping = new AbortController();
  #missed = new AbortController();
  #rounds: Promise<void> = Promise.resolve();
  #unsubscribe = (): void => undefined;

  constructor(
    deps: CatchUpDeps,
    connected: () => Iterable<RouterConnection>,
    tell: (found: RouterChange | RouterConnected) => void,
    every = EVERY,
  ) {
    this.#deps = deps;
    this.#connected = connected;
    this.#tell = tell;
    this.#every = every;
  }

  start(): void {
    this.#stopping = new AbortController();
    this.#unsubscribe = this.#deps.changes.onMissed(() => this.#missed.abort());
    this.#rounds = this.#run(this.#stopping.signal);
  }

  async stop(): Promise<void> {
    this.#unsubscribe();
    this.#stopping.abort();
    this.#missed.abort();
    await this.#rounds;
  }

  async #run(stopping: AbortSignal): Promise<void> {
    while (!stopping.aborted) {
      const pause = this.#every * (0.75 + Math.random() / 2);
      await sleep(pause, undefined, { signal: this.#missed.signal, ref: false }).catch(() => undefined);
      this.#missed = new AbortController();
      try {
        await this.#round(stopping);
      } catch (error) {
        this.#deps.log.error({ err: error }, 'what routers missed cannot be read');
      }
    }
  }

  async #round(stopping: AbortSignal): Promise<void> {
    const connections = [...this.#connected()];
    for (let from = 0; from < connections.length && !stopping.aborted; from += PAGE) {
      const page = connections.slice(from, from + PAGE);
      const rows = await this.#rows(page.map(({ router }) => router));
      for (const connection of page) this.#compare(connection, rows.get(connection.router));
      await sleep(BREATH);
    }
  }

  async #rows(routers: readonly Id[]): Promise<ReadonlyMap<Id, Row>> {
    const { db } = this.#deps.store;
    const found = await db
      .selectFrom('router')
      .select(['id', 'public_key', 'connection'])
      .where('id', 'in', routers)
      .execute();
    const documents = await db
      .selectFrom('document')
      .select(['router', 'kind', 'version'])
      .where('router', 'in', routers)
      .execute();
    const versions = new Map<Id, Map<string, number>>(found.map(({ id }) => [id, new Map()]));
    for (const { router, kind, version } of documents) versions.get(router)?.set(kind, version);
    return new Map(found.map(({ id, ...row }) => [id, { ...row, versions: versions.get(id) ?? new Map() }]));
  }

  #compare(connection: RouterConnection, row: Row | undefined): void {
    if (!connection.isOpen) return;
    const { id, router, household, peer } = connection;
    if (household === undefined) {
      // It waits for its family, which it may have by now.
      if (row !== undefined) this.#tell({ router, document: 'policy' });
    } else if (row === undefined || row.public_key !== peer.publicKey) {
      this.#tell({ router, document: null });
    } else if (row.connection !== null && row.connection > id) {
      this.#tell({ router, connection: row.connection });
    } else {
      if (row.connection !== id) this.#deps.presence.set(router, household, id, true);
      const lacking = lackingOf(connection, row);
      if (lacking !== undefined) this.#tell({ router, document: lacking });
    }
  }
}

function lackingOf({ sent }: RouterConnection, { versions }: Row): DocumentKind | undefined {
  return sent && documentKinds.find((kind) => (versions.get(kind) ?? 0) > sent[kind]);
}
