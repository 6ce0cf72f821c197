import { createHash } from 'node:crypto';
import type { FastifyRateLimitStore, FastifyRateLimitStoreCtor } from '@fastify/rate-limit';
import { KhienError } from '@khien/shared/error';
import type { Db } from '../store/open.ts';

/** Addresses that are counted in memory at once; the oldest are forgotten. */
const MOST = 10_000;

type Callback = Parameters<FastifyRateLimitStore['incr']>[1];

interface Spent {
  readonly current: number;
  /** Until it is forgotten, milliseconds. */
  readonly ttl: number;
}

/**
 * Where limits are counted when there may be several nodes: those that a route sets, which are against guessing, in the
 * store for all nodes together; the one of all requests, which is against load, in this node's memory. What is counted is
 * known by its hash only, for it is an address or an email.
 */
export function sharedLimits(db: Db): FastifyRateLimitStoreCtor {
  let children = 0;

  class InStore implements FastifyRateLimitStore {
    readonly #limit: string;

    constructor(limit: string) {
      this.#limit = limit;
    }

    incr(key: string, done: Callback, window: number): void {
      settle(this.#spend(hashOf(key), window, Date.now()), done);
    }

    read(key: string, done: Callback): void {
      settle(this.#look(hashOf(key), Date.now()), done);
    }

    child(): FastifyRateLimitStore {
      return this;
    }

    async #spend(key: string, window: number, now: number): Promise<Spent> {
      const { times, until } = await db
        .insertInto('spent')
        .values({ limit: this.#limit, key, times: 1, until: now + window })
        .onConflict((conflict) =>
          conflict.columns(['limit', 'key']).doUpdateSet((eb) => ({
            times: eb
              .case()
              .when('spent.until', '<=', now)
              .then(1)
              .else(eb('spent.times', '+', 1))
              .end(),
            until: eb
              .case()
              .when('spent.until', '<=', now)
              .then(eb.ref('excluded.until'))
              .else(eb.ref('spent.until'))
              .end(),
          })),
        )
        .returning(['times', 'until'])
        .executeTakeFirstOrThrow();
      return { current: times, ttl: until - now };
    }

    async #look(key: string, now: number): Promise<Spent> {
      const row = await db
        .selectFrom('spent')
        .select(['times', 'until'])
        .where('limit', '=', this.#limit)
        .where('key', '=', key)
        .where('until', '>', now)
        .executeTakeFirst();
      return row === undefined ? { current: 0, ttl: 0 } : { current: row.times, ttl: row.until - now };
    }
  }

  return class InMemory implements FastifyRateLimitStore {
    readonly #spent = new Map<string, { times: number; until: number }>();

    incr(key: string, done: Callback, window: number): void {
      const now = Date.now();
      const before = this.#spent.get(key);
      const spent = before !== undefined && before.until > now ? before : { times: 0, until: now + window };
      spent.times += 1;
      this.#spent.delete(key);
      this.#spent.set(key, spent);
      const [oldest] = this.#spent.keys();
      if (this.#spent.size > MOST && oldest !== undefined) this.#spent.delete(oldest);
      done(null, { current: spent.times, ttl: spent.until - now });
    }

    /** Limits are made in one order on every node, so their number names them. */
    child(): FastifyRateLimitStore {
      children += 1;
      return new InStore(String(children));
    }
  };
}

function settle(counted: Promise<Spent>, done: Callback): void {
  counted.then(
    (spent) => done(null, spent),
    (error: unknown) =>
      done(error instanceof Error ? error : new KhienError('UNEXPECTED', 'a limit cannot be counted')),
  );
}

function hashOf(key: string): string {
  return createHash('sha256').update(key).digest('base64url');
}
