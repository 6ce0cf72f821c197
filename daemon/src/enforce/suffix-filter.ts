import { SHORTEST_KEY } from '@khien/shared/list';
import type { DnsName } from '@khien/shared/name';
import { CASE_MASK, keyOf } from '../lists/name-key.ts';

const FNV_OFFSET = 0x811c9dc5;
const FNV_PRIME = 0x01000193;
const BITS = 20;
const TAIL_BITS = 16;
/** Bytes at the end of a key that are looked at first, in two reads: `tok.com` and its zero. */
const TAIL = 8;

/**
 * Tells which of a few thousand names is above a key, for a million keys, on a router: one look at the end of a key passes
 * most of them over. The others are hashed from their end, with a closer look where a bitmap of the names' hashes says so.
 */
export class SuffixFilter {
  readonly #bitmap = new Uint8Array(2 ** (BITS - 3));
  /** Ends that names have; of the few names shorter than that, their last four bytes. */
  readonly #tails = new Uint8Array(2 ** TAIL_BITS);
  /** By the key with its first byte masked too, as it stands inside a longer key. */
  readonly #masks = new Map<string, number>();
  #longest = 0;

  constructor(names: ReadonlyMap<DnsName, number>) {
    for (const [name, mask] of names) {
      const suffix = keyOf(name);
      suffix[0] = (suffix[0] ?? 0) & CASE_MASK;
      let hash = FNV_OFFSET;
      for (let at = suffix.length - 1; at >= 0; at--) hash = step(hash, suffix[at] ?? 0);
      const slot = hash >>> (32 - BITS);
      this.#bitmap[slot >>> 3] = (this.#bitmap[slot >>> 3] ?? 0) | (1 << (slot & 7));
      this.#tails[tailOf(suffix, suffix.length, suffix.length >= TAIL)] = 1;
      this.#masks.set(suffix.toString('latin1'), mask);
      this.#longest = Math.max(this.#longest, suffix.length);
    }
  }

  /** The mask of the longest name above the key in `keys[start, end)`; 0 where there is none. */
  maskAbove(keys: Buffer, start: number, end: number): number {
    // A name above begins behind the first length byte and at least one letter.
    return this.#longestFrom(keys, start + 2, end) ?? 0;
  }

  /** Whether the key in `keys[start, end)` is of one of the names, or of one below it. */
  isAtOrBelow(keys: Buffer, start: number, end: number): boolean {
    return this.#longestFrom(keys, start, end) !== undefined;
  }

  #mayEndWith(keys: Buffer, first: number, end: number): boolean {
    if (end - first < SHORTEST_KEY) return false;
    const long = end - first >= TAIL;
    return (
      (long && this.#tails[tailOf(keys, end, true)] === 1) || this.#tails[tailOf(keys, end, false)] === 1
    );
  }

  /** The mask of the longest name that the key ends with and that begins at `first` or later. */
  #longestFrom(keys: Buffer, first: number, end: number): number | undefined {
    if (!this.#mayEndWith(keys, first, end)) return undefined;
    const start = Math.max(first, end - this.#longest);
    let found: number | undefined;
    let hash = FNV_OFFSET;
    for (let at = end - 1; at >= start; at--) {
      hash = step(hash, (keys[at] ?? 0) & CASE_MASK);
      const slot = hash >>> (32 - BITS);
      if (((this.#bitmap[slot >>> 3] ?? 0) & (1 << (slot & 7))) === 0 || end - at < SHORTEST_KEY) continue;
      const rest = keys.toString('latin1', at + 1, end);
      found = this.#masks.get(String.fromCharCode((keys[at] ?? 0) & CASE_MASK) + rest) ?? found;
    }
    return found;
  }
}

/** A number for the last eight or four bytes before `end`. */
function tailOf(keys: Buffer, end: number, long: boolean): number {
  const four = keys.readUInt32LE(end - 4);
  if (!long) return Math.imul(four, FNV_PRIME) >>> (32 - TAIL_BITS);
  return (
    Math.imul(Math.imul(four, FNV_PRIME) ^ keys.readUInt32LE(end - TAIL), FNV_PRIME) >>> (32 - TAIL_BITS)
  );
}

function step(hash: number, byte: number): number {
  return Math.imul(hash ^ byte, FNV_PRIME);
}
