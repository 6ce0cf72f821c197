import type { Arrival } from './handshakes.ts';

/** Handshakes under way at a time: some tenths of a second of one core. */
const MOST = 64;
/** One that takes longer waits for its peer, and holds up nobody, milliseconds. */
const SLOT_TIME = 3_000;

/**
 * Ten thousand routers come back in the second in which their node does. Were all their handshakes begun at once, each would
 * take longer than a router waits, and all that work would be for nothing, again and again. So they wait for their turn as
 * bare sockets, in the order in which they came, and whoever has gone by then costs nothing.
 */
export class HandshakeQueue {
  readonly #begin: (arrival: Arrival) => void;
  readonly #most: number;
  readonly #slotTime: number;
  readonly #waiting = new Set<Arrival>();
  readonly #under = new Map<Arrival, NodeJS.Timeout>();

  constructor(begin: (arrival: Arrival) => void, most = MOST, slotTime = SLOT_TIME) {
    this.#begin = begin;
    this.#most = most;
    this.#slotTime = slotTime;
  }

  /** Those that wait for their turn. */
  get waiting(): number {
    return this.#waiting.size;
  }

  /** Its peer has begun to speak. `done` must be called once when it is a router's or has ended. */
  enter(arrival: Arrival): void {
    this.#waiting.add(arrival);
    // It is not its fault if it has to go.
    arrival.excused = true;
    this.#next();
  }

  done(arrival: Arrival): void {
    this.#waiting.delete(arrival);
    clearTimeout(this.#under.get(arrival));
    if (this.#under.delete(arrival)) this.#next();
  }

  #next(): void {
    for (const arrival of this.#waiting) {
      if (this.#under.size >= this.#most) return;
      this.#waiting.delete(arrival);
      this.#under.set(
        arrival,
        setTimeout(() => this.done(arrival), this.#slotTime),
      );
      arrival.excused = false;
      this.#begin(arrival);
    }
  }
}
