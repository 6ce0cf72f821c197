import type { Clock } from '../clock/clock.ts';

/** Queries within a second: more than a home asks, and what keeps a small router's core busy for most of it. */
const MANY = 1000;
const SECOND = 1000;

/** Calls `begin` while many queries come. */
export class Rush {
  readonly #clock: Pick<Clock, 'after'>;
  readonly #begin: () => () => void;
  #end: (() => void) | undefined;
  #cancel: (() => void) | undefined;
  #queries = 0;

  /** @param begin called when many come; what it returns, when they no longer do */
  constructor(clock: Pick<Clock, 'after'>, begin: () => () => void) {
    this.#clock = clock;
    this.#begin = begin;
  }

  /** To be called for each query. */
  query(): void {
    this.#queries++;
    if (this.#cancel === undefined) this.#lookLater();
    if (this.#queries === MANY) this.#end ??= this.#begin();
  }

  stop(): void {
    this.#cancel?.();
    this.#queries = 0;
    this.#look();
  }

  #lookLater(): void {
    this.#cancel = this.#clock.after(SECOND, () => this.#look());
  }

  #look(): void {
    this.#cancel = undefined;
    if (this.#queries < MANY) {
      this.#end?.();
      this.#end = undefined;
    }
    this.#queries = 0;
    // Whether it is over is seen a second later, though nobody asks any more.
    if (this.#end !== undefined) this.#lookLater();
  }
}
