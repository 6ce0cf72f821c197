import { isKhienError, KhienError } from '@khien/shared/error';

/** Who waits: browsers that an account was signed in from before, or anybody. */
export type Lane = 'known' | 'stranger';

interface Waiting {
  readonly begin: () => void;
  readonly refuse: (reason: KhienError) => void;
}

/**
 * Does a few things at a time and lets a few more wait, those of known browsers first. More are refused at once: what many
 * ask for together costs no more than what may wait, and keeps nobody who is known. Work that waits for a store which does
 * not answer holds its place for long; then those who wait, and those for whom there is no place, are told so instead.
 */
export class Turns {
  readonly #atOnce: number;
  readonly #mostWaiting: number;
  readonly #waiting: Readonly<Record<Lane, Waiting[]>> = { known: [], stranger: [] };
  #running = 0;
  /** Why work failed, while the store does not answer. */
  #outage: KhienError | undefined;

  /** @param mostWaiting in each lane */
  constructor(atOnce: number, mostWaiting: number) {
    this.#atOnce = atOnce;
    this.#mostWaiting = mostWaiting;
  }

  /** @throws KhienError `TOO_MANY_REQUESTS`, `STORE_UNAVAILABLE`, and what `work` throws */
  async take<T>(lane: Lane, work: () => Promise<T>): Promise<T> {
    await this.#turn(this.#waiting[lane]);
    try {
      const done = await work();
      this.#outage = undefined;
      return done;
    } catch (error) {
      if (isKhienError(error) && error.code === 'STORE_UNAVAILABLE') this.#giveUp(error);
      throw error;
    } finally {
      const next = this.#waiting.known.shift() ?? this.#waiting.stranger.shift();
      // Whoever waits takes over the place.
      if (next === undefined) this.#running -= 1;
      else next.begin();
    }
  }

  /** Whoever waits would learn the same, later. */
  #giveUp(outage: KhienError): void {
    this.#outage = outage;
    const { known, stranger } = this.#waiting;
    for (const { refuse } of [...known.splice(0), ...stranger.splice(0)]) refuse(outage);
  }

  async #turn(waiting: Waiting[]): Promise<void> {
    if (this.#running < this.#atOnce) {
      this.#running += 1;
      return;
    }
    if (waiting.length >= this.#mostWaiting) {
      if (this.#outage !== undefined) throw this.#outage;
      throw new KhienError('TOO_MANY_REQUESTS', 'too many passwords are looked at; try again in a moment');
    }
    await new Promise<void>((begin, refuse) => waiting.push({ begin, refuse }));
  }
}
