import type { Instant, Mac } from '@khien/shared/id';

/** A device that has just come asks for an address first; milliseconds. */
const SPEAKS_WITHIN = 10_000;
/** Whoever invents addresses shall not fill the parents' list: so many are told in so long. */
const TOLD = 16;
const TOLD_WITHIN = 10 * 60_000;
const MAX_WATCHED = 512;

/** Finds who sends frames and tells nobody an address. Pure: time comes in with each call. */
export class SilentSenders {
  #since = new Map<Mac, Instant>();
  #told: Instant[] = [];

  /** Of the addresses that the bridge knows and nobody else does, those that count as devices now. */
  among(unknown: readonly Mac[], now: Instant): Mac[] {
    this.#since = new Map(
      unknown.slice(0, MAX_WATCHED).map((mac) => [mac, Math.min(this.#since.get(mac) ?? now, now)]),
    );
    this.#told = this.#told.filter((at) => Math.abs(now - at) < TOLD_WITHIN);
    const due = [...this.#since].filter(([, since]) => now - since >= SPEAKS_WITHIN).map(([mac]) => mac);
    const told = due.slice(0, TOLD - this.#told.length);
    this.#told.push(...told.map(() => now));
    return told;
  }
}
