import type { DnsName } from '@khien/shared/name';
import { keyOf } from '../lists/name-key.ts';
import { SHORTEST_KEY } from '../lists/table-format.ts';

const FNV_OFFSET = 0x811c9dc5;
const FNV_PRIME = 0x01000193;
const BITS = 20;

/**
 * Tells which of a few thousand names is above a key, for a million keys: hashes each key from its end, and looks closer
 * only where a bitmap of the names' hashes says so.
 */
export class SuffixFilter {
  readonly #bitmap = new Uint8Array(2 ** (BITS - 3));
  /** By the key with its first byte masked too, as it stands inside a longer key. */
  readonly #masks = new Map<string, number>();

  constructor(names: ReadonlyMap<DnsName, number>) {
    for (const [name, mask] of names) {
      const suffix = keyOf(name);
      suffix[0] = (suffix[0] ?? 0) & 0xdf;
      let hash = FNV_OFFSET;
      for (let at = suffix.length - 1; at >= 0; at--) hash = step(hash, suffix[at] ?? 0);
      const slot = hash >>> (32 - BITS);
      this.#bitmap[slot >>> 3] = (this.#bitmap[slot >>> 3] ?? 0) | (1 << (slot & 7));
      this.#masks.set(suffix.toString('latin1'), mask);
    }
  }

  /** The mask of the longest name above the key in `keys[start, end)`; 0 where there is none. */
  maskAbove(keys: Buffer, start: number, end: number): number {
    if (this.#masks.size === 0) return 0;
    let found = 0;
    let hash = FNV_OFFSET;
    // A name above begins behind the first length byte and at least one letter.
    for (let at = end - 1; at >= start + 2; at--) {
      hash = step(hash, keys[at] ?? 0);
      const slot = hash >>> (32 - BITS);
      if (((this.#bitmap[slot >>> 3] ?? 0) & (1 << (slot & 7))) === 0 || end - at < SHORTEST_KEY) continue;
      found = this.#masks.get(keys.toString('latin1', at, end)) ?? found;
    }
    return found;
  }
}

function step(hash: number, byte: number): number {
  return Math.imul(hash ^ byte, FNV_PRIME);
}
