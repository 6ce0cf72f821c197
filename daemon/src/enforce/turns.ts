import { setImmediate as turn } from 'node:timers/promises';

/** How long a work may keep others waiting at a time, in milliseconds. */
const LONGEST = 2;

/** Gives others their turns in a long work. */
export class Turns {
  #since = performance.now();

  /** Resolves at once until the work has kept others waiting long enough. To be called every millisecond or so. */
  async give(): Promise<void> {
    if (performance.now() - this.#since < LONGEST) return;
    await turn();
    this.#since = performance.now();
  }
}
