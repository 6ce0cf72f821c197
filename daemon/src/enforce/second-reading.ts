import { HELP, UNDECIDED } from '../layout.ts';

/** A length whose case bit is masked may have been so much more. */
const CASE_BIT = 0x20;
// What masking makes of the bytes of names that then look like lengths.
const HYPHEN = 0x2d & ~CASE_BIT;
const ZERO = 0x30 & ~CASE_BIT;
const NINE = 0x39 & ~CASE_BIT;

/** By a byte's distance from the end: whether labels lead from it to the terminator. Names with a map have 64 at most. */
const leads = new Uint8Array(64);

/**
 * Whether a key (as `keyOf` makes it, in `keys[start, end)`, of a name that has a map of its length) ends in the key of
 * another name that is not above its own: where a hyphen or a digit is taken for a length, or a length for another. A query
 * for that name may end in the whole key, though it is not below the key's name.
 */
export function hasSecondReading(keys: Buffer, start: number, end: number): boolean {
  const terminator = end - 1;
  leads.fill(0, 0, end - start);
  leads[0] = 1;
  let readings = 0;
  /** How many bytes in a row, from the next one on, may be of a label. */
  let inLabel = 0;
  for (let at = terminator - 1; at > start; at--) {
    const byte = keys[at] ?? 0;
    if (byte < CASE_BIT) {
      const left = terminator - at - 1 - byte;
      const asItIs = byte > 0 && byte <= inLabel && leads[left] === 1;
      const asMore = byte + CASE_BIT <= inLabel && leads[left - CASE_BIT] === 1;
      if (asItIs && asMore) return true;
      if (asItIs || asMore) {
        leads[terminator - at] = 1;
        readings++;
      }
    }
    inLabel = byte >= CASE_BIT || byte === HYPHEN || (byte >= ZERO && byte <= NINE) ? inLabel + 1 : 0;
  }
  let labels = 0;
  for (let at = start + 1 + (keys[start] ?? 0); at < terminator; labels++) {
    const length = keys[at] ?? 0;
    at += 1 + length + (length > 0 && leads[terminator - at - 1 - length] === 1 ? 0 : CASE_BIT);
  }
  return readings > labels;
}

/** The answer for a key of which `mask` is said: where it has a second reading, only the responder can tell. */
export function answerOf(keys: Buffer, start: number, end: number, mask: number): number {
  return (hasSecondReading(keys, start, end) ? (mask & ~HELP) | UNDECIDED : mask) >>> 0;
}
