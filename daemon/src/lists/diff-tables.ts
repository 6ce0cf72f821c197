import { maskHalf } from '@khien/shared/list';
import type { ListChunk, NameLists } from './name-lists.ts';

/** A name that two tables do not say the same of. */
export interface NameDifference {
  /** As `keyOf` makes it; valid until the next step. */
  readonly key: Buffer;
  /** What `chunks` of the old table has for it; undefined where it has none. */
  readonly before: number | undefined;
  /** What `chunks` of the new table has for it; undefined where it has none. */
  readonly after: number | undefined;
}

/**
 * Walks two tables in their order and tells where they differ, as far as the categories in `mask` go: applied to
 * `before.chunks(mask)` the differences make `after.chunks(mask)`. Equal stretches are passed over by comparing bytes, and
 * nothing but a chunk of each is held in memory. `read` comes after each few thousand names, when others may get their turn.
 */
export function* diffTables(
  before: NameLists,
  after: NameLists,
  mask: number,
): Generator<NameDifference | 'read'> {
  const old = new Cursor(before.entries());
  const wanted = new Cursor(after.entries());
  while (!(old.ended && wanted.ended)) {
    const order = old.compare(wanted);
    const run = order === 0 ? old.equalRun(wanted) : 0;
    if (run > 0) {
      const [oldRead, wantedRead] = [old.advance(run), wanted.advance(run)];
      if (oldRead || wantedRead) yield 'read';
      continue;
    }
    const was = order <= 0 ? old.said(mask) : undefined;
    const is = order >= 0 ? wanted.said(mask) : undefined;
    if (was !== is) yield { key: (order <= 0 ? old : wanted).key, before: was, after: is };
    const oldRead = order <= 0 && old.advance(1);
    const wantedRead = order >= 0 && wanted.advance(1);
    if (oldRead || wantedRead) yield 'read';
  }
}

const NOTHING: ListChunk = { keyLength: 0, keys: Buffer.alloc(0), masks: new Uint32Array(0), count: 0 };

/** A place in a table. */
class Cursor {
  readonly #chunks: Iterator<ListChunk>;
  #chunk = NOTHING;
  #maskBytes: Buffer = Buffer.alloc(0);
  #index = 0;

  constructor(chunks: Iterable<ListChunk>) {
    this.#chunks = chunks[Symbol.iterator]();
    this.#next();
  }

  get ended(): boolean {
    return this.#chunk.count === 0;
  }

  get key(): Buffer {
    const { keys, keyLength } = this.#chunk;
    return keys.subarray(this.#index * keyLength, (this.#index + 1) * keyLength);
  }

  /** What `chunks(mask)` has for this entry. */
  said(mask: number): number | undefined {
    const both = this.#chunk.masks[this.#index] ?? 0;
    return (maskHalf.changes(both) & mask) === 0 ? undefined : maskHalf.categories(both) & mask;
  }

  /** Below 0 where this one is at an earlier key; one that has ended is behind all keys. */
  compare(other: Cursor): number {
    if (this.ended) return 1;
    if (other.ended) return -1;
    const { keyLength } = this.#chunk;
    if (keyLength !== other.#chunk.keyLength) return keyLength - other.#chunk.keyLength;
    return this.#compareBytes(other, 0, 1);
  }

  /** From here on, how many entries in a row are equal, with their masks; less than there are where looking closer would take longer. */
  equalRun(other: Cursor): number {
    const most = Math.min(this.#chunk.count - this.#index, other.#chunk.count - other.#index);
    let equal = 0;
    for (let size = 1; equal < most; size *= 2) {
      const length = Math.min(size, most - equal);
      if (this.#compareBytes(other, equal, length) !== 0 || !this.#sameMasks(other, equal, length)) break;
      equal += length;
    }
    return equal;
  }

  /** Goes `count` entries on, not past the end of the chunk. Whether that was into another chunk. */
  advance(count: number): boolean {
    this.#index += count;
    if (this.#index < this.#chunk.count) return false;
    this.#next();
    return true;
  }

  #compareBytes(other: Cursor, from: number, count: number): number {
    const { keys, keyLength } = this.#chunk;
    const at = (this.#index + from) * keyLength;
    const otherAt = (other.#index + from) * keyLength;
    const length = count * keyLength;
    return keys.compare(other.#chunk.keys, otherAt, otherAt + length, at, at + length);
  }

  #sameMasks(other: Cursor, from: number, count: number): boolean {
    const at = (this.#index + from) * 4;
    const otherAt = (other.#index + from) * 4;
    return this.#maskBytes.compare(other.#maskBytes, otherAt, otherAt + count * 4, at, at + count * 4) === 0;
  }

  #next(): void {
    const next = this.#chunks.next();
    this.#chunk = next.done === true ? NOTHING : next.value;
    const { buffer, byteOffset, byteLength } = this.#chunk.masks;
    this.#maskBytes = Buffer.from(buffer, byteOffset, byteLength);
    this.#index = 0;
  }
}
