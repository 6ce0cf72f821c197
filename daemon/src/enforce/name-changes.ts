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

/** Walks two tables in their order and tells where they differ. */
export function* nameChanges(before: Iterable<NameBlock>, after: Iterable<NameBlock>): Generator<NameChange> {
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
    if (order <= 0) old.advance();
    if (order >= 0) wanted.advance();
  }
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
      key: Buffer.from(this.#block?.keys.subarray(at, at + this.#stride) ?? []),
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

  advance(): void {
    this.#index++;
    if (this.#index >= (this.#block?.count ?? 0)) this.#next();
  }

  #next(): void {
    const next = this.#blocks.next();
    this.#block = next.done === true ? undefined : next.value;
    this.#index = 0;
    this.#stride = keyLengthFor(this.#block?.wireLength ?? 0);
  }
}
