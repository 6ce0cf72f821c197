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

interface Sender {
  readonly resolve: () => void;
  readonly reject: (error: unknown) => void;
}

interface Waiting<B> {
  readonly batch: B;
  readonly bytes: number;
  /** Also of what it has superseded. */
  readonly senders: readonly Sender[];
}

export interface CommitQueueOptions<B> {
  /** Transactions at a time: more than one where the store has more than one process. */
  readonly lanes?: number;
  /** What a lane waits before each transaction, milliseconds; a moment before the first of some, unless told. */
  readonly every?: number;
  readonly maxBytes?: number;
  readonly patience?: number;
  /** Asked before each try; what is not wanted any more is left out. */
  readonly isWanted?: (batch: B) => boolean;
  /**
   * Makes one of two of a router, where a later one says what an earlier one does and that one is not committed yet; its sender
   * is told when the later one is. Without this all are committed.
   */
  readonly supersede?: (earlier: B, later: B) => B;
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
  readonly #every: number | undefined;
  readonly #isWanted: (batch: B) => boolean;
  readonly #supersede: ((earlier: B, later: B) => B) | undefined;
  readonly #lanes = new Map<symbol, Promise<void>>();
  /** Routers of which something is being committed. */
  readonly #under = new Set<Id>();
  #waiting: Waiting<B>[] = [];
  /** What waits of each router, where later ones supersede earlier ones. */
  readonly #newest = new Map<Id, Waiting<B>>();
  #bytes = 0;
  #stopping = false;

  /** @param rowsOf how much of a transaction a batch takes */
  constructor(commit: Commit<B>, rowsOf: (batch: B) => number, options: CommitQueueOptions<B> = {}) {
    this.#commit = commit;
    this.#rowsOf = rowsOf;
    this.#most = options.lanes ?? 1;
    this.#every = options.every;
    this.#maxBytes = options.maxBytes ?? MAX_BYTES;
    this.#patience = options.patience ?? PATIENCE;
    this.#isWanted = options.isWanted ?? (() => true);
    this.#supersede = options.supersede;
  }

  /**
   * Resolves when the batch is committed, or is not wanted any more; rejects with the reason why it is not.
   *
   * @param bytes how large the message was that it came in
   * @throws KhienError `STORE_UNAVAILABLE` where too much waits already, or it has waited too long
   */
  put(batch: B, bytes: number): Promise<void> {
    const superseded = this.#newest.get(batch.router)?.bytes ?? 0;
    if (this.#bytes - superseded + bytes > this.#maxBytes) {
      return Promise.reject(new KhienError('STORE_UNAVAILABLE', 'too much waits to be committed'));
    }
    this.#bytes += bytes;
    return new Promise((resolve, reject) => {
      this.#wait({ batch, bytes, senders: [{ resolve, reject }] });
      if (this.#lanes.size < this.#most) this.#open();
    });
  }

  /** Commits what waits, if the store answers, and resolves when nothing does any more. */
  async stop(): Promise<void> {
    this.#stopping = true;
    while (this.#lanes.size > 0) await Promise.all(this.#lanes.values());
  }

  #wait(waiting: Waiting<B>): void {
    const earlier = this.#newest.get(waiting.batch.router);
    if (earlier !== undefined) {
      Object.assign(earlier, this.#folded(earlier, waiting));
      return;
    }
    this.#waiting.push(waiting);
    if (this.#supersede !== undefined) this.#newest.set(waiting.batch.router, waiting);
  }

  /** What is left of two of a router. */
  #folded(earlier: Waiting<B>, later: Waiting<B>): Waiting<B> {
    this.#bytes -= earlier.bytes;
    return {
      batch: this.#supersede?.(earlier.batch, later.batch) ?? later.batch,
      bytes: later.bytes,
      senders: [...earlier.senders, ...later.senders],
    };
  }

  #open(): void {
    const lane = Symbol('lane');
    this.#lanes.set(lane, this.#run(lane));
  }

  async #run(lane: symbol): Promise<void> {
    await sleep(this.#every ?? WINDOW);
    for (let group = this.#next(); group.length > 0; group = this.#next()) {
      const routers = new Set(group.map(({ batch }) => batch.router));
      for (const router of routers) this.#under.add(router);
      await this.#commitGroup(group);
      for (const router of routers) this.#under.delete(router);
      if (this.#every !== undefined) await sleep(this.#every);
    }
    // In the tick in which nothing was found: what comes in the next opens another.
    this.#lanes.delete(lane);
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
      if (!full) this.#newest.delete(batch.router);
    }
    this.#waiting = left;
    return group;
  }

  async #commitGroup(group: readonly Waiting<B>[]): Promise<void> {
    const since = performance.now();
    let left = group;
    const isLast = () => this.#stopping || performance.now() - since > this.#patience;
    for (let tries = 0; ; tries += 1) {
      left = left.filter((waiting) => !this.#isLeftOut(waiting));
      if (left.length === 0) return;
      left = await this.#commitOnce(left, isLast);
      if (left.length > 0) await sleep(pause(tries));
    }
  }

  /** Whether something is not to be committed after all. */
  #isLeftOut(waiting: Waiting<B>): boolean {
    const later = this.#newest.get(waiting.batch.router);
    if (later !== undefined) {
      Object.assign(later, this.#folded(waiting, later));
      return true;
    }
    if (this.#isWanted(waiting.batch)) return false;
    this.#bytes -= waiting.bytes;
    for (const { resolve } of waiting.senders) resolve();
    return true;
  }

  /** Returns those that are to be tried again. */
  async #commitOnce(group: readonly Waiting<B>[], isLast: () => boolean): Promise<readonly Waiting<B>[]> {
    const results = await this.#settle(group);
    return group.filter((waiting, index) => {
      const result = results[index];
      const reason = result?.status === 'rejected' ? result.reason : undefined;
      if (isPassing(reason) && !isLast()) return true;
      this.#bytes -= waiting.bytes;
      for (const sender of waiting.senders) {
        if (result?.status === 'fulfilled') sender.resolve();
        else sender.reject(reason);
      }
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
