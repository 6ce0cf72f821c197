export interface Rate {
  /** What may come at once. */
  readonly burst: number;
  readonly perSecond: number;
}

/** Allows a burst, then a steady rate. */
export class TokenBucket {
  readonly #rate: Rate;
  #tokens: number;
  #at: number;

  /** @param now any clock that does not go back, milliseconds */
  constructor(rate: Rate, now: number) {
    this.#rate = rate;
    this.#tokens = rate.burst;
    this.#at = now;
  }

  /** Takes `count`, which may be more than there is; returns how long to wait before the next, milliseconds. */
  take(count: number, now: number): number {
    const { burst, perSecond } = this.#rate;
    this.#tokens = Math.min(burst, this.#tokens + ((now - this.#at) * perSecond) / 1000) - count;
    this.#at = now;
    return this.#tokens >= 0 ? 0 : (-this.#tokens * 1000) / perSecond;
  }
}
