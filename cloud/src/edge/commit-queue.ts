import { setTimeout as sleep } from 'node:timers/promises';
import { KhienError } from '@khien/shared/error';
import type { Id } from '@khien/shared/id';
import { ROWS_AT_ONCE } from '../ports.ts';
import { isPassing } from '../store/failures.ts';
import { pause } from './patience.ts';

/** How long the first batch waits for others, milliseconds. */
const WINDOW = 3;
const MAX_BATCHES = 512;
/** What may wait in all, bytes of payload: a slow store must not fill the memory. */
const MAX_BYTES = 64 * 1024 * 1024;
/** How long a store that does not answer is waited for, milliseconds: longer than a router waits for its PUBACK. */
const PATIENCE = 60_000;

/** What a router has sent. */
interface Batch {
  readonly router: Id;
}

export type Commit<B> = (batches: readonly B[]) => Promise<readonly PromiseSettledResult<void>[]>;

interface Waiting<B> {
  readonly batch: B;
  readonly bytes: number;
  readonly resolve: () => void;
  readonly reject: (error: unknown) => void;
}

export interface CommitQueueOptions {
  /** Transactions at a time: more than one where the store has more than one process. */
  readonly lanes?: number;
  readonly maxBytes?: number;
  readonly patience?: number;
}

/**
 * Group commit: the batches of all routers that arrive within a few milliseconds, or while the disk is busy with those
 * before, become one transaction, and each sender is told when its own is committed. What a router sends is committed in
 * the order of arrival. While the store does not answer they wait, up to a bound of time and bytes.
 */
export class CommitQueue<B extends Batch> {
  readonly #commit: Commit<B>;
  readonly #rowsOf: (batch: B) => number;
  readonly #maxBytes: number;
  readonly #patience: number;
  readonly #most: number;
  readonly #lanes = new Set<Promise<void>>();
  /** Routers of which something is being committed. */
  readonly #under = new Set<Id>();
  #waiting: Waiting<B>[] = [];
  #bytes = 0;
  #stopping = false;

  /** @param rowsOf how much of a transaction a batch takes */
  constructor(
    commit: Commit<B>,
    rowsOf: (batch: B) => number,
    { maxBytes = MAX_BYTES, patience = PATIENCE, lanes = 1 }: CommitQueueOptions = {},
  ) {
    this.#commit = commit;
    this.#rowsOf = rowsOf;
    this.#most = lanes;
    this.#maxBytes = maxBytes;
    this.#patience = patience;
  }

  /**
   * Resolves when the batch is committed; rejects with the reason why it is not.
   *
   * @param bytes how large the message was that it came in
   * @throws KhienError `STORE_UNAVAILABLE` where too much waits already, or it has waited too long
   */
  put(batch: B, bytes: number): Promise<void> {
    if (this.#bytes + bytes > this.#maxBytes) {
      return Promise.reject(new KhienError('STORE_UNAVAILABLE', 'too much waits to be committed'));
    }
    this.#bytes += bytes;
    return new Promise((resolve, reject) => {
      this.#waiting.push({ batch, bytes, resolve, reject });
      if (this.#lanes.size < this.#most) this.#open();
    });
  }

  /** Commits what waits, if the store answers, and resolves when nothing does any more. */
  async stop(): Promise<void> {
    this.#stopping = true;
    while (this.#lanes.size > 0) await Promise.all(this.#lanes);
  }

  #open(): void {
    const lane = this.#run().finally(() => this.#lanes.delete(lane));
    this.#lanes.add(lane);
  }

  async #run(): Promise<void> {
    await sleep(WINDOW);
    for (let group = this.#next(); group.length > 0; group = this.#next()) {
      const routers = new Set(group.map(({ batch }) => batch.router));
      for (const router of routers) this.#under.add(router);
      await this.#commitGroup(group);
      for (const router of routers) this.#under.delete(router);
    }
  }

  /**
   * No more than one transaction takes, or what is committed already would wait for the rest to be acknowledged; and nothing of a
   * router of which something is under way, or it could come before it.
   */
  #next(): readonly Waiting<B>[] {
    const group: Waiting<B>[] = [];
    const left: Waiting<B>[] = [];
    let rows = 0;
    let full = false;
    for (const waiting of this.#waiting) {
      const { batch } = waiting;
      if (this.#under.has(batch.router)) {
        left.push(waiting);
        continue;
      }
      rows += this.#rowsOf(batch);
      full ||= group.length > 0 && (group.length === MAX_BATCHES || rows > ROWS_AT_ONCE);
      (full ? left : group).push(waiting);
    }
    this.#waiting = left;
    return group;
  }

  async #commitGroup(group: readonly Waiting<B>[]): Promise<void> {
    const since = performance.now();
    let left = group;
    for (let tries = 0; left.length > 0; tries += 1) {
      const isLast = () => this.#stopping || performance.now() - since > this.#patience;
      left = await this.#commitOnce(left, isLast);
      if (left.length > 0) await sleep(pause(tries));
    }
  }

  /** Returns those that are to be tried again. */
  async #commitOnce(group: readonly Waiting<B>[], isLast: () => boolean): Promise<readonly Waiting<B>[]> {
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

  async #settle(group: readonly Waiting<B>[]): Promise<readonly PromiseSettledResult<void>[]> {
    try {
      return await this.#commit(group.map(({ batch }) => batch));
    } catch (reason) {
      return group.map(() => ({ status: 'rejected', reason }));
    }
  }
}
