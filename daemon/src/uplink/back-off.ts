/**
 * Delays between tries to reach the cloud: exponential with jitter, so that a hundred thousand routers do not come
 * back in the same second.
 */
export class BackOff {
  readonly #firstMs: number;
  readonly #longestMs: number;
  readonly #random: () => number;
  #failures = 0;

  constructor(firstMs: number, longestMs: number, random: () => number = Math.random) {
    this.#firstMs = firstMs;
    this.#longestMs = longestMs;
    this.#random = random;
  }

  /** Milliseconds to wait before the next try; longer each time. */
  next(): number {
    const ceiling = Math.min(this.#longestMs, this.#firstMs * 2 ** Math.min(this.#failures, 30));
    this.#failures += 1;
    const floor = this.#firstMs / 2;
    return floor + this.#random() * (ceiling - floor);
  }

  /** The last try worked. */
  reset(): void {
    this.#failures = 0;
  }
}
