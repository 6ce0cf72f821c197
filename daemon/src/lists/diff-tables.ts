import { maskHalf } from '@khien/shared/list';
import type { ListChunk, NameLists } from './name-lists.ts';

/** A name that two tables do not say the same of. */
export interface NameDifference {
  /** Its key, as `keyOf` makes it, is `keys[start, end)`; valid until the next step. */
  readonly keys: Buffer;
  readonly start: number;
  readonly end: number;
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
    const run = old.equalRun(wanted);
    const [oldEnds, wantedEnds] = [old.advance(run), wanted.advance(run)];
    if (oldEnds || wantedEnds) {
      yield 'read';
      continue;
    }
    const order = old.compare(wanted);
    const was = order <= 0 ? old.said(mask) : undefined;
    const is = order >= 0 ? wanted.said(mask) : undefined;
    if (was !== is) yield (order <= 0 ? old : wanted).difference(was, is);
    const oldRead = order <= 0 && old.advance(1);
    const wantedRead = order >= 0 && wanted.advance(1);
    if (oldRead || wantedRead) yield 'read';
  }
}

const NOTHING: ListChunk = { keyLength: 0, keys: Buffer.alloc(0), masks: new Uint32Array(0), count: 0 };

/** About as many entries as are usually equal between two differences of an update. */
const FIRST_STEP = 64;

/** A place in a table. */
class Cursor {
  readonly #chunks: Iterator<ListChunk>;
  #chunk = NOTHING;
  #keys = viewOf(NOTHING.keys);
  #index = 0;

  constructor(chunks: Iterable<ListChunk>) {
    this.#chunks = chunks[Symbol.iterator]();
    this.#next();
  }

  get ended(): boolean {
    return this.#chunk.count === 0;
  }

  difference(before: number | undefined, after: number | undefined): NameDifference {
    const { keys, keyLength } = this.#chunk;
    const start = this.#index * keyLength;
    return { keys, start, end: start + keyLength, before, after };
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
    return this.#compareKeys(other, 0, 1);
  }

  /** From here to the end of the nearer chunk, how many entries in a row are equal, with their masks. */
  equalRun(other: Cursor): number {
    if (this.#chunk.keyLength !== other.#chunk.keyLength) return 0;
    const most = Math.min(this.#chunk.count - this.#index, other.#chunk.count - other.#index);
    let equal = 0;
    // A look at a stretch is one call, however long it is: further looks are over longer stretches.
    for (let step = FIRST_STEP; equal < most; step *= 4) {
      const count = Math.min(step, most - equal);
      const sameKeys =
        this.#compareKeys(other, equal, count) === 0 ? count : this.#sameKeys(other, equal, count);
      const same = this.#sameMasks(other, equal, sameKeys);
      equal += same;
      if (same < count) break;
    }
    return equal;
  }

  /** How many keys in a row are equal, `from` entries behind this one, where one of the next `count` differs. */
  #sameKeys(other: Cursor, from: number, count: number): number {
    const { keyLength } = this.#chunk;
    const [first, otherFirst] = [(this.#index + from) * keyLength, (other.#index + from) * keyLength];
    const [keys, others] = [this.#keys, other.#keys];
    const lastWord = count * keyLength - 4;
    let same = 0;
    while (same <= lastWord && keys.getUint32(first + same) === others.getUint32(otherFirst + same))
      same += 4;
    // The first bytes of a word may end a key.
    while (keys.getUint8(first + same) === others.getUint8(otherFirst + same)) same++;
    return Math.floor(same / keyLength);
  }

  /** How many masks in a row are equal, `from` entries behind this one, of `count`. */
  #sameMasks(other: Cursor, from: number, count: number): number {
    const [masks, others] = [this.#chunk.masks, other.#chunk.masks];
    const [first, otherFirst] = [this.#index + from, other.#index + from];
    let same = 0;
    while (same < count && masks[first + same] === others[otherFirst + same]) same++;
    return same;
  }

  /** Goes `count` entries on, not past the end of the chunk. Whether that was into another chunk. */
  advance(count: number): boolean {
    this.#index += count;
    if (this.#index < this.#chunk.count || this.ended) return false;
    this.#next();
    return true;
  }

  #compareKeys(other: Cursor, from: number, count: number): number {
    const { keys, keyLength } = this.#chunk;
    const at = (this.#index + from) * keyLength;
    const otherAt = (other.#index + from) * keyLength;
    const length = count * keyLength;
    return keys.compare(other.#chunk.keys, otherAt, otherAt + length, at, at + length);
  }

  #next(): void {
    const next = this.#chunks.next();
    const before = this.#chunk.keys;
    this.#chunk = next.done === true ? NOTHING : next.value;
    if (this.#chunk.keys !== before) this.#keys = viewOf(this.#chunk.keys);
    this.#index = 0;
  }
}

function viewOf({ buffer, byteOffset, byteLength }: Buffer): DataView {
  return new DataView(buffer, byteOffset, byteLength);
}
