import type { DnsName } from '@khien/shared/name';

/** Compiled lists of names by category, on disk. No list is ever held in memory. */
export interface NameLists {
  /** Identifies the content: changes when any entry does. */
  readonly revision: string;
  /** How many entries carry any of the categories in `mask` (bits as in the catalogue). */
  count(mask: number): number;
  /**
   * What a classifier needs to tell the categories in `mask`, in the order (key length, key) and in chunks of equal key
   * length: each mask has the entry's own categories and those of the names above it, as far as they are in `mask`.
   * Entries that say no more than a name above them are left out. Each step overwrites the chunk before.
   */
  chunks(mask: number): Iterable<ListChunk>;
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
  count: () => 0,
  chunks: () => [],
  lookup: () => [],
};
