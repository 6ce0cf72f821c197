import { keyLengthFor } from './name-map.ts';
import type { NameBlock } from './name-table.ts';

/** One entry of a map that is not as it shall be. */
export interface NameChange {
  readonly wireLength: number;
  readonly key: Buffer;
  /** The answer it has; undefined where it is not there. */
  readonly before: number | undefined;
  /** The answer it shall have; undefined where it shall go. */
  readonly after: number | undefined;
}

/** A walk over names: their changes, and `read` after each few thousand names, when others may get their turn. */
export type ChangeWalk = Generator<NameChange | 'read'>;

/** Walks two tables in their order and tells where they differ. A change's key is valid until the next step. */
export function* nameChanges(before: Iterable<NameBlock>, after: Iterable<NameBlock>): ChangeWalk {
  const old = new Cursor(before);
  const wanted = new Cursor(after);
  while (!(old.ended && wanted.ended)) {
    const order = old.compare(wanted);
    if (order < 0) {
      yield { ...old.place(), before: old.mask, after: undefined };
    } else if (order > 0) {
      yield { ...wanted.place(), before: undefined, after: wanted.mask };
    } else if (old.mask !== wanted.mask) {
      yield { ...wanted.place(), before: old.mask, after: wanted.mask };
    }
    if (order <= 0 && old.advance()) yield 'read';
    if (order >= 0 && wanted.advance()) yield 'read';
  }
}

const NO_KEY = Buffer.alloc(0);

/** The changes of a walk, in a list. */
export function changesOf(walk: ChangeWalk): NameChange[] {
  const changes: NameChange[] = [];
  for (const change of walk) {
    if (change !== 'read') changes.push({ ...change, key: Buffer.from(change.key) });
  }
  return changes;
}

class Cursor {
  readonly #blocks: Iterator<NameBlock>;
  #block: NameBlock | undefined;
  #index = 0;
  #stride = 0;

  constructor(blocks: Iterable<NameBlock>) {
    this.#blocks = blocks[Symbol.iterator]();
    this.#next();
  }

  get ended(): boolean {
    return this.#block === undefined;
  }

  get mask(): number {
    return this.#block?.masks[this.#index] ?? 0;
  }

  place(): { wireLength: number; key: Buffer } {
    const at = this.#index * this.#stride;
    return {
      wireLength: this.#block?.wireLength ?? 0,
      key: this.#block?.keys.subarray(at, at + this.#stride) ?? NO_KEY,
    };
  }

  /** Below 0 where this one is at an earlier key; one that has ended is behind all keys. */
  compare(other: Cursor): number {
    const mine = this.#block;
    const theirs = other.#block;
    if (mine === undefined) return 1;
    if (theirs === undefined) return -1;
    if (mine.wireLength !== theirs.wireLength) return mine.wireLength - theirs.wireLength;
    const at = this.#index * this.#stride;
    const otherAt = other.#index * this.#stride;
    return mine.keys.compare(theirs.keys, otherAt, otherAt + this.#stride, at, at + this.#stride);
  }

  /** Goes one key on. Whether that was in another block. */
  advance(): boolean {
    this.#index++;
    if (this.#index < (this.#block?.count ?? 0)) return false;
    this.#next();
    return true;
  }

  #next(): void {
    const next = this.#blocks.next();
    this.#block = next.done === true ? undefined : next.value;
    this.#index = 0;
    this.#stride = keyLengthFor(this.#block?.wireLength ?? 0);
  }
}
