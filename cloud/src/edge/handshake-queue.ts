import { type Arrival, sourceOf } from './handshakes.ts';

/** Handshakes under way at a time: some tenths of a second of one core. */
const MOST = 128;
/** One that takes longer waits for its peer, and holds up nobody, milliseconds: a long way there and back. */
const SLOT_TIME = 300;
/** Whoever has waited for so long may go without being blamed, milliseconds. */
const LONG_WAIT = 5_000;

/**
 * Ten thousand routers come back in the second in which their node does. Were all their handshakes begun at once, each would
 * take longer than a router waits, and all that work would be for nothing, again and again. So they wait for their turn as
 * bare sockets, and whoever has gone by then costs nothing.
 *
 * Addresses have their turns one after the other, whatever waits behind each: who opens many connections holds up itself.
 * How many may wait of one address is for `Handshakes` to say, and is many, since a provider may have ten thousand homes behind
 * one (RFC 6598); for them too a connection that ends after a long wait is no failure. One whose turn has come and comes to
 * nothing is, so that an attacker's address is refused after some seconds.
 */
export class HandshakeQueue {
  readonly #begin: (arrival: Arrival) => void;
  readonly #most: number;
  readonly #slotTime: number;
  /** By address, whose turn is next first; with when each came. */
  readonly #waiting = new Map<string, Map<Arrival, number>>();
  readonly #under = new Map<Arrival, NodeJS.Timeout>();

  constructor(begin: (arrival: Arrival) => void, most = MOST, slotTime = SLOT_TIME) {
    this.#begin = begin;
    this.#most = most;
    this.#slotTime = slotTime;
  }

  /** Its peer has said hello. `done` must be called when its handshake has, or it has ended. */
  enter(arrival: Arrival): void {
    const source = sourceOf(arrival.address);
    const others = this.#waiting.get(source) ?? new Map<Arrival, number>();
    others.set(arrival, performance.now());
    this.#waiting.set(source, others);
    this.#next();
  }

  done(arrival: Arrival): void {
    const source = sourceOf(arrival.address);
    const others = this.#waiting.get(source);
    const since = others?.get(arrival);
    if (since !== undefined) {
      arrival.excused = performance.now() - since >= LONG_WAIT;
      others?.delete(arrival);
      if (others?.size === 0) this.#waiting.delete(source);
    }
    clearTimeout(this.#under.get(arrival));
    if (this.#under.delete(arrival)) this.#next();
  }

  #next(): void {
    for (const [source, others] of this.#waiting) {
      if (this.#under.size >= this.#most) return;
      // Again at the end of a round, where this comes by once more.
      this.#waiting.delete(source);
      const [arrival] = others.keys();
      if (arrival === undefined) continue;
      others.delete(arrival);
      if (others.size > 0) this.#waiting.set(source, others);
      if (arrival.socket.destroyed) continue;
      this.#under.set(
        arrival,
        setTimeout(() => this.#late(arrival), this.#slotTime),
      );
      this.#begin(arrival);
    }
  }

  /** What has come meanwhile is read first: where it is this machine that is late, nobody else is to be begun with. */
  #late(arrival: Arrival): void {
    setImmediate(() => this.done(arrival));
  }
}
