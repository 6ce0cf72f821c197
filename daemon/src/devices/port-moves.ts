import type { Instant, Mac } from '@khien/shared/id';

/** A phone that walks about changes its port now and then; one address in two places does so with every frame. */
const MOVES = 8;
const WITHIN = 60_000;
const MAX_DEVICES = 512;

/** Finds addresses that come in by several ports of the bridge at once. Pure: time comes in with each call. */
export class PortMoves {
  readonly #seen = new Map<Mac, { port: number; moves: Instant[] }>();

  /** The port that a frame of `mac` came in by last. True where it has moved so often that it is in two places. */
  at(mac: Mac, port: number, now: Instant): boolean {
    const known = this.#seen.get(mac);
    if (known === undefined) {
      const [oldest] = this.#seen.keys();
      if (this.#seen.size >= MAX_DEVICES && oldest !== undefined) this.#seen.delete(oldest);
      this.#seen.set(mac, { port, moves: [] });
      return false;
    }
    if (known.port === port) return false;
    known.port = port;
    known.moves = [...known.moves.filter((at) => now - at < WITHIN), now];
    if (known.moves.length < MOVES) return false;
    known.moves = [];
    return true;
  }
}
