import type { Instant, Mac } from '@khien/shared/id';

/** A phone that walks about changes its port now and then; one address in two places does so with every frame. */
const MOVES = 8;
const WITHIN = 60_000;
/** What joins elsewhere goes on to send for longer than this; a phone that changes its mind does so once, not twice within the hour. */
const BRIEF = 3000;
const BRIEF_TIMES = 2;
const BRIEF_WITHIN = 3_600_000;
const MAX_DEVICES = 512;

interface Place {
  readonly port: number;
  /** The first frame that was seen to come by this port, and the last. */
  readonly from: Instant;
  to: Instant;
}

interface Course {
  place: Place;
  /** Where it was before. */
  former: number | undefined;
  moves: Instant[];
  /** When it was back from where it was for a moment. */
  brief: Instant[];
}

/** Finds addresses that come in by several ports of the bridge at once. Pure: time comes in with each call. */
export class PortMoves {
  readonly #seen = new Map<Mac, Course>();

  /**
   * The port that a frame of `mac` came in by last, and when. True where it is in two places: it has moved too often, or was
   * elsewhere for a moment again and again, as where another device sends single frames in its name.
   */
  at(mac: Mac, port: number, heard: Instant, now: Instant): boolean {
    const known = this.#seen.get(mac);
    if (known === undefined) {
      const [oldest] = this.#seen.keys();
      if (this.#seen.size >= MAX_DEVICES && oldest !== undefined) this.#seen.delete(oldest);
      this.#seen.set(mac, {
        place: { port, from: heard, to: heard },
        former: undefined,
        moves: [],
        brief: [],
      });
      return false;
    }
    const { place, former } = known;
    if (place.port === port) {
      place.to = Math.max(place.to, heard);
      return false;
    }
    known.brief = known.brief.filter((at) => now - at < BRIEF_WITHIN);
    const isBack = port === former && place.to - place.from < BRIEF;
    if (isBack) known.brief.push(now);
    // The way back leads from the other place, and not to it.
    known.former = isBack ? undefined : place.port;
    known.place = { port, from: heard, to: heard };
    known.moves = [...known.moves.filter((at) => now - at < WITHIN), now];
    if (known.moves.length < MOVES && known.brief.length < BRIEF_TIMES) return false;
    known.moves = [];
    known.brief = [];
    return true;
  }
}
