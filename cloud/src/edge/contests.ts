import type { Id } from '@khien/shared/id';

const HOUR = 3_600_000;
/** Take-overs in an hour that are more than a router that changes its way to the Internet. */
const CONTESTED = 6;
/** Routers that are counted at once; the oldest are forgotten. */
const MAX_ROUTERS = 10_000;

/**
 * Counts how often a connection of a router was taken over from another address while it was open. A key that is used in
 * two places makes each throw the other out, over and over.
 */
export class Contests {
  readonly #counts = new Map<Id, { since: number; count: number }>();

  /**
   * Returns whether this one makes the router contested; that is said once an hour.
   *
   * @param now any clock that does not go back, milliseconds
   */
  takenOver(router: Id, now: number): boolean {
    const before = this.#counts.get(router);
    const hour = before !== undefined && now - before.since < HOUR ? before : { since: now, count: 0 };
    hour.count += 1;
    this.#counts.delete(router);
    this.#counts.set(router, hour);
    const [oldest] = this.#counts.keys();
    if (this.#counts.size > MAX_ROUTERS && oldest !== undefined) this.#counts.delete(oldest);
    return hour.count === CONTESTED;
  }
}
