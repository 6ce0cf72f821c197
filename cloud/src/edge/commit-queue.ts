import { setTimeout as sleep } from 'node:timers/promises';
import { KhienError } from '@khien/shared/error';
import { EVENTS_AT_ONCE, type RouterBatch } from '../ports.ts';
import { isPassing } from '../store/failures.ts';
import { pause } from './patience.ts';

/** How long the first batch waits for others, milliseconds. */
const WINDOW = 3;
const MAX_BATCHES = 512;
/** What may wait in all, bytes of payload: a slow store must not fill the memory. */
const MAX_BYTES = 64 * 1024 * 1024;
/** How long a store that does not answer is waited for, milliseconds: longer than a router waits for its PUBACK. */
const PATIENCE = 60_000;

export type Commit = (batches: readonly RouterBatch[]) => Promise<readonly PromiseSettledResult<void>[]>;

interface Waiting {
  readonly batch: RouterBatch;
  readonly bytes: number;
  readonly resolve: () => void;
  readonly reject: (error: unknown) => void;
}

interface CommitQueueOptions {
  readonly maxBytes?: number;
  readonly patience?: number;
}

/**
 * Group commit: the batches of all routers that arrive within a few milliseconds, or while the disk is busy with those
 * before, become one transaction, and each sender is told when its own is committed. One transaction at a time, in the
 * order of arrival. While the store does not answer they wait, up to a bound of time and bytes.
 */
export class CommitQueue {
  readonly #commit: Commit;
  readonly #maxBytes: number;
  readonly #patience: number;
  #waiting: Waiting[] = [];
  #bytes = 0;
  #running: Promise<void> | undefined;
  #stopping = false;

  constructor(commit: Commit, { maxBytes = MAX_BYTES, patience = PATIENCE }: CommitQueueOptions = {}) {
    this.#commit = commit;
    this.#maxBytes = maxBytes;
    this.#patience = patience;
  }

  /**
   * Resolves when the batch is committed; rejects with the reason why it is not.
   *
   * @param bytes how large the message was that it came in
   * @throws KhienError `STORE_UNAVAILABLE` where too much waits already, or it has waited too long
   */
  put(batch: RouterBatch, bytes: number): Promise<void> {
    if (this.#bytes + bytes > this.#maxBytes) {
      return Promise.reject(new KhienError('STORE_UNAVAILABLE', 'too much waits to be committed'));
    }
    this.#bytes += bytes;
    return new Promise((resolve, reject) => {
      this.#waiting.push({ batch, bytes, resolve, reject });
      this.#running ??= this.#run();
    });
  }

  /** Commits what waits, if the store answers, and resolves when nothing does any more. */
  async stop(): Promise<void> {
    this.#stopping = true;
    while (this.#running !== undefined) await this.#running;
  }

  async #run(): Promise<void> {
    await sleep(WINDOW);
    while (this.#waiting.length > 0) await this.#commitGroup(this.#next());
    this.#running = undefined;
  }

  /** No more than one transaction takes, or what is committed already would wait for the rest to be acknowledged. */
  #next(): readonly Waiting[] {
    let events = 0;
    const over = this.#waiting.findIndex(({ batch }, index) => {
      events += batch.events.length;
      return index > 0 && (index === MAX_BATCHES || events > EVENTS_AT_ONCE);
    });
    return this.#waiting.splice(0, over === -1 ? this.#waiting.length : over);
  }

  async #commitGroup(group: readonly Waiting[]): Promise<void> {
    const since = performance.now();
    let left = group;
    for (let tries = 0; left.length > 0; tries += 1) {
      const isLast = () => this.#stopping || performance.now() - since > this.#patience;
      left = await this.#commitOnce(left, isLast);
      if (left.length > 0) await sleep(pause(tries));
    }
  }

  /** Returns those that are to be tried again. */
  async #commitOnce(group: readonly Waiting[], isLast: () => boolean): Promise<readonly Waiting[]> {
    const results = await this.#settle(group);
    return group.filter((waiting, index) => {
      const result = results[index];
      const reason = result?.status === 'rejected' ? result.reason : undefined;
      if (isPassing(reason) && !isLast()) return true;
      this.#bytes -= waiting.bytes;
      if (result?.status === 'fulfilled') waiting.resolve();
      else waiting.reject(reason);
      return false;
    });
  }

  async #settle(group: readonly Waiting[]): Promise<readonly PromiseSettledResult<void>[]> {
    try {
      return await this.#commit(group.map(({ batch }) => batch));
    } catch (reason) {
      return group.map(() => ({ status: 'rejected', reason }));
    }
  }
}
