/**
 * Runs jobs one at a time. While one runs, of those that come only the last waits: it stands for the ones it superseded,
 * whose callers get its outcome.
 */
export class ApplyQueue<T> {
  readonly #run: (job: T) => Promise<void>;
  #running: Promise<unknown> = Promise.resolve();
  #unfinished = 0;
  #next: { job: T; done: Promise<void> } | undefined;

  constructor(run: (job: T) => Promise<void>) {
    this.#run = run;
  }

  /** Nothing runs or waits. */
  get isIdle(): boolean {
    return this.#unfinished === 0;
  }

  /** What will run next; undefined where nothing waits. */
  get waiting(): T | undefined {
    return this.#next?.job;
  }

  add(job: T): Promise<void> {
    if (this.#next !== undefined) {
      this.#next.job = job;
      return this.#next.done;
    }
    this.#unfinished++;
    const done = this.#running
      .then(() => this.#begin())
      .finally(() => {
        this.#unfinished--;
      });
    const next = { job, done };
    this.#next = next;
    this.#running = next.done.catch(() => undefined);
    return next.done;
  }

  /** Resolves when nothing runs or waits. */
  async idle(): Promise<void> {
    while (!this.isIdle) await this.#running;
  }

  #begin(): Promise<void> {
    const next = this.#next;
    this.#next = undefined;
    return next === undefined ? Promise.resolve() : this.#run(next.job);
  }
}
