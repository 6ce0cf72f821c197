import { KhienError } from '@khien/shared/error';

/** Who waits: browsers that an account was signed in from before, or anybody. */
export type Lane = 'known' | 'stranger';

/**
 * Does a few things at a time and lets a few more wait, those of known browsers first. More are refused at once: what many
 * ask for together costs no more than what may wait, and keeps nobody who is known.
 */
export class Turns {
  readonly #atOnce: number;
  readonly #mostWaiting: number;
  readonly #waiting: Readonly<Record<Lane, (() => void)[]>> = { known: [], stranger: [] };
  #running = 0;

  /** @param mostWaiting in each lane */
  constructor(atOnce: number, mostWaiting: number) {
    this.#atOnce = atOnce;
    this.#mostWaiting = mostWaiting;
  }

  /** @throws KhienError `TOO_MANY_REQUESTS`, and what `work` throws */
  async take<T>(lane: Lane, work: () => Promise<T>): Promise<T> {
    await this.#turn(this.#waiting[lane]);
    try {
      return await work();
    } finally {
      const next = this.#waiting.known.shift() ?? this.#waiting.stranger.shift();
      // Whoever waits takes over the place.
      if (next === undefined) this.#running -= 1;
      else next();
    }
  }

  async #turn(waiting: (() => void)[]): Promise<void> {
    if (this.#running < this.#atOnce) {
      this.#running += 1;
      return;
    }
    if (waiting.length >= this.#mostWaiting) {
      throw new KhienError('TOO_MANY_REQUESTS', 'too many passwords are looked at; try again in a moment');
    }
    await new Promise<void>((resolve) => waiting.push(resolve));
  }
}
