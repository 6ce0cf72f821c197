import { createHash } from 'node:crypto';
import type { FastifyRateLimitStore, FastifyRateLimitStoreCtor } from '@fastify/rate-limit';
import { KhienError } from '@khien/shared/error';
import type { Db } from '../store/open.ts';

/** What is counted in memory at once; the oldest is forgotten. */
const MOST = 10_000;

type Callback = Parameters<FastifyRateLimitStore['incr']>[1];

interface Spent {
  readonly current: number;
  /** Until it is forgotten, milliseconds. */
  readonly ttl: number;
}

interface Counted {
  times: number;
  readonly until: number;
}

/** Counts that are alive, as many as there is room for. */
class Counts {
  readonly #counts = new Map<string, Counted>();

  find(key: string, now: number): Counted | undefined {
    const counted = this.#counts.get(key);
    return counted !== undefined && counted.until > now ? counted : undefined;
  }

  /** As the newest. */
  keep(key: string, counted: Counted): void {
    this.#counts.delete(key);
    this.#counts.set(key, counted);
    const [oldest] = this.#counts.keys();
    if (this.#counts.size > MOST && oldest !== undefined) this.#counts.delete(oldest);
  }
}

/**
 * Where limits are counted when there may be several nodes. Those that are looked at for themselves (`createRateLimit`) are
 * in the store, for all nodes together, and outlive them; what is counted is known by its hash only, for it is an address or
 * an email. Those of routes and of all requests, which are by address, are in this node's memory, for an address that asks
 * for the first time must not cost a write: N nodes let N times as much through, and a node that is started again has
 * forgotten. What could be guessed within such a limit needs another one beside it.
 */
export function sharedLimits(db: Db): FastifyRateLimitStoreCtor {
  let children = 0;

  class InStore implements FastifyRateLimitStore {
    readonly #limit: string;
    /** Whoever goes on asking after a limit was reached costs the store no more. */
    readonly #exceeded = new Counts();

    constructor(limit: string) {
      this.#limit = limit;
    }

    incr(key: string, done: Callback, window: number, max: number): void {
      settle(this.#spend(hashOf(key), { window, max }, Date.now()), done);
    }

    read(key: string, done: Callback): void {
      settle(this.#look(hashOf(key), Date.now()), done);
    }

    child(): FastifyRateLimitStore {
      return this;
    }

    async #spend(
      key: string,
      { window, max }: { readonly window: number; readonly max: number },
      now: number,
    ): Promise<Spent> {
      const exceeded = this.#exceeded.find(key, now);
      if (exceeded !== undefined) return { current: exceeded.times, ttl: exceeded.until - now };
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
      if (times > max) this.#exceeded.keep(key, { times, until });
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
    readonly #counts = new Counts();

    incr(key: string, done: Callback, window: number): void {
      const now = Date.now();
      const spent = this.#counts.find(key, now) ?? { times: 0, until: now + window };
      spent.times += 1;
      this.#counts.keep(key, spent);
      done(null, { current: spent.times, ttl: spent.until - now });
    }

    /** Limits are made in one order on every node, so their number names them. */
    child(parameters: object): FastifyRateLimitStore {
      if (isOfRoute(parameters)) return new InMemory();
      children += 1;
      return new InStore(String(children));
    }
  };
}

/** What the plugin says of where a limit is set; of no route for `createRateLimit`. */
function isOfRoute(parameters: object): boolean {
  const { routeInfo } = { routeInfo: undefined, ...parameters };
  return typeof routeInfo === 'object' && routeInfo !== null && 'url' in routeInfo;
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
