import { maskHalf } from '@khien/shared/list';
import type { DnsName } from '@khien/shared/name';

/** Compiled lists of names by category, on disk. No list is ever held in memory. */
export interface NameLists {
  /** Identifies the content: changes when any entry does. */
  readonly revision: string;
  /** What people call this content; empty for none. */
  readonly version: string;
  /** How many entries add any of the categories in `mask` (bits as in the catalogue). */
  count(mask: number): number;
  /**
   * What a classifier needs to tell the categories in `mask`, in the order (key length, key) and in chunks of equal key
   * length: each mask has all that the name and those above it say, as far as it is in `mask`. Entries that say no more
   * than a name above them are left out; one that says less (an exception) is there, with 0 where it says nothing. Each
   * step overwrites the chunk before.
   */
  chunks(mask: number): Iterable<ListChunk>;
  /** All entries, as `chunks`, with their masks as the table has them: see `maskHalf`. */
  entries(): Iterable<ListChunk>;
  /** Every listed name that is `name` or above it, longest first, with its category mask. A binary search on disk. */
  lookup(name: DnsName): readonly { name: DnsName; mask: number }[];
}

/** Up to a few thousand names of one length, back to back in wire format, folded to upper case as the kernel folds. */
export interface ListChunk {
  readonly keyLength: number;
  readonly keys: Buffer;
  readonly masks: Uint32Array;
  readonly count: number;
}

/** The lists of a router that has none. */
export const noLists: NameLists = {
  revision: '',
  version: '',
  count: () => 0,
  chunks: () => [],
  entries: () => [],
  lookup: () => [],
};

/** The entries of a table that tell the categories in `mask`: see `NameLists.chunks`. Overwrites what it is given. */
export function* chunksOf(entries: Iterable<ListChunk>, mask: number): Generator<ListChunk> {
  for (const { keyLength, keys, masks, count: all } of entries) {
    let count = 0;
    for (let index = 0; index < all; index++) {
      const both = masks[index] ?? 0;
      if ((maskHalf.changes(both) & mask) === 0) continue;
      if (index !== count) keys.copyWithin(count * keyLength, index * keyLength, (index + 1) * keyLength);
      masks[count++] = maskHalf.categories(both) & mask;
    }
    if (count > 0) yield { keyLength, keys, masks, count };
  }
}
