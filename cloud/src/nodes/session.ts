import { setTimeout as sleep } from 'node:timers/promises';
import type { FastifyBaseLogger } from 'fastify';
import pg from 'pg';
import { storeError, storeUnavailable } from '../store/failures.ts';
import { connectionTo } from '../store/postgres.ts';

/** How soon a server, or a way to it, that is gone without a word is noticed, milliseconds. */
const ASK_EVERY = 5_000;
const ANSWER_TIME = 5_000;
/** Between tries to connect again, milliseconds. */
const FIRST_PAUSE = 50;
const LONGEST_PAUSE = 2_000;

interface Listeners {
  /** The session is open, for the first time or again: what it is to listen to is to be said again. */
  readonly opened: () => Promise<void>;
  readonly lost: () => void;
  readonly notified: (channel: string, payload: string) => void;
}

/**
 * A connection of this node to PostgreSQL that is kept open, for what belongs to a session and not to a transaction:
 * notifications and advisory locks. It comes back by itself; what the session held is gone then.
 */
export class DatabaseSession {
  readonly #url: string;
  readonly #listeners: Partial<Listeners>[] = [];
  readonly #stopping = new AbortController();
  #client: pg.Client | undefined;
  #kept: Promise<void> = Promise.resolve();

  constructor(url: string) {
    this.#url = url;
  }

  listen(listeners: Partial<Listeners>): void {
    this.#listeners.push(listeners);
  }

  /** @throws KhienError `STORE_UNAVAILABLE` where the first connection cannot be had */
  async start(log: Pick<FastifyBaseLogger, 'warn' | 'info'>): Promise<void> {
    const first = await this.#open();
    this.#kept = this.#keep(first, log);
  }

  /** @throws KhienError `STORE_UNAVAILABLE`, also while the session is closed */
  async query<R extends pg.QueryResultRow>(sql: string, parameters: readonly unknown[] = []): Promise<R[]> {
    if (this.#client === undefined) throw storeUnavailable('the session is closed');
    try {
      return (await this.#client.query<R>(sql, [...parameters])).rows;
    } catch (error) {
      throw storeError(error);
    }
  }

  async stop(): Promise<void> {
    this.#stopping.abort();
    await this.#client?.end().catch(() => undefined);
    await this.#kept;
  }

  async #keep(first: pg.Client, log: Pick<FastifyBaseLogger, 'warn' | 'info'>): Promise<void> {
    const { signal } = this.#stopping;
    let client: pg.Client | undefined = first;
    for (let pause = FIRST_PAUSE; !signal.aborted; ) {
      if (client !== undefined) {
        await this.#untilLost(client);
        if (signal.aborted) return;
        log.warn('the session with the database is lost');
        pause = FIRST_PAUSE;
      }
      await sleep(pause * (0.5 + Math.random()), undefined, { signal }).catch(() => undefined);
      pause = Math.min(LONGEST_PAUSE, pause * 2);
      if (signal.aborted) return;
      client = await this.#open().catch(() => undefined);
      if (client !== undefined) log.info('the session with the database is open again');
    }
  }

  async #open(): Promise<pg.Client> {
    const client = new pg.Client({ ...connectionTo(this.#url), query_timeout: ANSWER_TIME });
    client.on('error', () => undefined);
    client.on('notification', ({ channel, payload = '' }) => {
      for (const { notified } of this.#listeners) notified?.(channel, payload);
    });
    try {
      await client.connect();
      this.#client = client;
      for (const { opened } of this.#listeners) await opened?.();
      return client;
    } catch (error) {
      this.#client = undefined;
      await client.end().catch(() => undefined);
      throw storeError(error);
    }
  }

  async #untilLost(client: pg.Client): Promise<void> {
    const ended = new AbortController();
    const asking = this.#askUntilSilent(client, ended.signal);
    const gone = new Promise<void>((resolve) => client.once('end', () => resolve()));
    await Promise.race([gone, asking]);
    ended.abort();
    this.#client = undefined;
    await client.end().catch(() => undefined);
    for (const { lost } of this.#listeners) lost?.();
  }

  async #askUntilSilent(client: pg.Client, ended: AbortSignal): Promise<void> {
    for (;;) {
      await sleep(ASK_EVERY, undefined, { signal: ended, ref: false }).catch(() => undefined);
      if (ended.aborted) return;
      try {
        await client.query('select 1');
      } catch {
        return;
      }
    }
  }
}
