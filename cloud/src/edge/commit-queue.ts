import type { RouterBatch } from '../ports.ts';

/** How long the first batch waits for others, milliseconds. */
const WINDOW = 3;
const MAX_BATCHES = 512;

export type Commit = (batches: readonly RouterBatch[]) => Promise<readonly PromiseSettledResult<void>[]>;

interface Waiting {
  readonly batch: RouterBatch;
  readonly resolve: () => void;
  readonly reject: (error: unknown) => void;
}

/**
 * Group commit: the batches of all routers that arrive within a few milliseconds, or while the disk is busy with those
 * before, become one transaction, and each sender is told when its own is committed. One transaction at a time, in the
 * order of arrival.
 */
export class CommitQueue {
  readonly #commit: Commit;
  #waiting: Waiting[] = [];
  #running: Promise<void> | undefined;

  constructor(commit: Commit) {
    this.#commit = commit;
  }

  /** Resolves when the batch is committed; rejects with the reason why it is not. */
  put(batch: RouterBatch): Promise<void> {
    return new Promise((resolve, reject) => {
      this.#waiting.push({ batch, resolve, reject });
      this.#running ??= this.#run();
    });
  }

  /** Resolves when nothing waits any more. */
  async drained(): Promise<void> {
    while (this.#running !== undefined) await this.#running;
  }

  async #run(): Promise<void> {
    await new Promise((resolve) => setTimeout(resolve, WINDOW));
    while (this.#waiting.length > 0) await this.#commitGroup(this.#waiting.splice(0, MAX_BATCHES));
    this.#running = undefined;
  }

  async #commitGroup(group: readonly Waiting[]): Promise<void> {
    try {
      const results = await this.#commit(group.map(({ batch }) => batch));
      for (const [index, waiting] of group.entries()) {
        const result = results[index];
        if (result?.status === 'fulfilled') waiting.resolve();
        else waiting.reject(result?.reason);
      }
    } catch (error) {
      for (const waiting of group) waiting.reject(error);
    }
  }
}
