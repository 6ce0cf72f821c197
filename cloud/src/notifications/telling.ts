import { setTimeout as sleep } from 'node:timers/promises';
import type { Instant } from '@khien/shared/id';
import { MINUTE } from '@khien/shared/policy';
import type { FastifyBaseLogger } from 'fastify';
import type { Changes } from '../changes.ts';
import type { Post } from '../outgoing/post.ts';
import { fanOut } from '../push/fan-out.ts';
import { deliverDue } from '../push/outbox.ts';
import type { Send } from '../push/sender.ts';
import type { Store } from '../store/open.ts';
import { deliverWebhooks } from '../webhooks/deliver.ts';
import { makeWeeks } from '../weekly/rounds.ts';
import { ZoneClock } from '../zone/clock.ts';
import { RouterWatch } from './router-watch.ts';

/** How soon what is to be pushed is, milliseconds. */
const PUSH_EVERY = 2_000;
/** How often routers and weeks are looked at. */
const LOOK_EVERY = MINUTE;

export interface TellingDeps {
  readonly store: Store;
  readonly changes: Changes;
  readonly send: Send;
  /** Sends to webhooks. */
  readonly post: Post;
  readonly log: Pick<FastifyBaseLogger, 'error' | 'warn'>;
  readonly now: () => Instant;
}

/**
 * What is told without anybody asking: pushes, webhooks, routers that are gone, summaries of weeks. Every node does it, and what one
 * takes no other does: a row is claimed in the transaction that acts on it.
 */
export class Telling {
  readonly #deps: TellingDeps;
  #stopping = new AbortController();
  #loops: Promise<unknown> = Promise.resolve();

  constructor(deps: TellingDeps) {
    this.#deps = deps;
  }

  start(): void {
    this.#stopping = new AbortController();
    const { store, changes, now } = this.#deps;
    const zones = new ZoneClock();
    const watch = new RouterWatch({ store, changes, now });
    const weekly = { store, changes, zones, now };
    this.#loops = Promise.all([
      this.#loop(PUSH_EVERY, async () => (await fanOut(weekly)) + (await deliverDue(this.#deps))),
      // Apart: an address that answers slowly keeps no push waiting.
      this.#loop(PUSH_EVERY, () => deliverWebhooks(this.#deps)),
      this.#loop(LOOK_EVERY, async () => {
        await watch.round();
        return makeWeeks(weekly);
      }),
    ]);
  }

  /** Resolves when what is under way is done. */
  async stop(): Promise<void> {
    this.#stopping.abort();
    await this.#loops;
  }

  /** Again at once as long as `task` says that there was something to do. */
  async #loop(every: number, task: () => Promise<number>): Promise<void> {
    const { signal } = this.#stopping;
    while (!signal.aborted) {
      const done = await task().catch((error: unknown) => {
        this.#deps.log.error({ err: error }, 'what is to be told could not be');
        return 0;
      });
      if (done === 0) await sleep(every, undefined, { signal, ref: false }).catch(() => undefined);
    }
  }
}
