/**
 * Runs jobs one at a time. While one runs, of those that come only the last waits: it stands for the ones it superseded,
 * whose callers get its outcome.
 */
export class ApplyQueue<T> {
  readonly #run: (job: T) => Promise<void>;
  #running: Promise<unknown> = Promise.resolve();
  #next: { job: T; done: Promise<void> } | undefined;

  constructor(run: (job: T) => Promise<void>) {
    this.#run = run;
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
    const next = { job, done: this.#running.then(() => this.#begin()) };
    this.#next = next;
    this.#running = next.done.catch(() => undefined);
    return next.done;
  }

  /** Resolves when nothing runs or waits. */
  async idle(): Promise<void> {
    while (this.#next !== undefined) await this.#running;
    await this.#running;
  }

  #begin(): Promise<void> {
    const next = this.#next;
    this.#next = undefined;
    return next === undefined ? Promise.resolve() : this.#run(next.job);
  }
}
