import type { ListChunk, NameLists } from '../lists/name-lists.ts';
import { answerBelow, keyLengthFor, LONGEST_KEY, nameLengths } from './name-map.ts';
import { type Masks, type OwnEntry, ownEntries } from './own-entries.ts';
import { SuffixFilter } from './suffix-filter.ts';

/** Entries of one map: `count` keys of the map's key length back to back, and their answers. */
export interface NameBlock {
  /** In wire format. */
  readonly wireLength: number;
  readonly keys: Buffer;
  readonly masks: Uint32Array;
  readonly count: number;
}

/** Few enough that others need not wait for one to be made, enough for a transaction of the kernel's. */
const BLOCK_ENTRIES = 1024;

/**
 * All that the classifier's maps shall hold: own names, and the lists' names with what the own names above them say.
 * Nothing of the lists is kept in memory.
 */
export class NameTable {
  readonly #lists: NameLists;
  readonly #listMask: number;
  readonly #own = new Map<number, OwnEntry[]>();
  readonly #above: SuffixFilter;

  /** `names` and their masks as `ownNames` makes them. */
  constructor(names: Masks, lists: NameLists, listMask: number) {
    this.#lists = lists;
    this.#listMask = listMask;
    this.#above = new SuffixFilter(names);
    for (const entry of ownEntries(names).values()) {
      const entries = this.#own.get(entry.wireLength) ?? [];
      entries.push(entry);
      this.#own.set(entry.wireLength, entries);
    }
    for (const entries of this.#own.values()) entries.sort((a, b) => a.key.compare(b.key));
  }

  /** In the order (wire length, key). Each step overwrites the block before. */
  *blocks(): Generator<NameBlock> {
    const block = new Block();
    const lists = this.#lists.chunks(this.#listMask)[Symbol.iterator]();
    let chunk = nextChunk(lists);
    for (const wireLength of nameLengths) {
      const own = this.#own.get(wireLength) ?? [];
      let next = 0;
      block.begin(wireLength);
      for (; chunk !== undefined && chunk.keyLength === wireLength; chunk = nextChunk(lists)) {
        for (let index = 0; index < chunk.count; index++) {
          const at = index * wireLength;
          let order = 1;
          for (let entry = own[next]; entry !== undefined; entry = own[next]) {
            order = entry.key.compare(chunk.keys, at, at + wireLength, 0, wireLength);
            if (order > 0) break;
            if (block.isFull) yield block.take();
            block.put(entry.key, 0, entry.key.length, entry.mask);
            next++;
            if (order === 0) break;
          }
          if (order === 0) continue;
          if (block.isFull) yield block.take();
          const above = this.#above.maskAbove(chunk.keys, at, at + wireLength);
          const answer = answerBelow(chunk.keys, at, at + wireLength, chunk.masks[index] ?? 0, above);
          block.put(chunk.keys, at, at + wireLength, answer);
        }
      }
      for (const { key, mask } of own.slice(next)) {
        if (block.isFull) yield block.take();
        block.put(key, 0, key.length, mask);
      }
      if (!block.isEmpty) yield block.take();
    }
  }

  /** Own names by wire length. */
  ownCounts(): Map<number, number> {
    return new Map([...this.#own].map(([wireLength, entries]) => [wireLength, entries.length]));
  }
}

function nextChunk(lists: Iterator<ListChunk>): ListChunk | undefined {
  const next = lists.next();
  return next.done === true ? undefined : next.value;
}

/** Collects entries of one map in buffers that are used again. */
class Block {
  readonly #keys = Buffer.alloc(BLOCK_ENTRIES * LONGEST_KEY);
  readonly #masks = new Uint32Array(BLOCK_ENTRIES);
  #wireLength = 0;
  #stride = 0;
  #count = 0;

  begin(wireLength: number): void {
    this.#wireLength = wireLength;
    this.#stride = keyLengthFor(wireLength);
    this.#keys.fill(0);
  }

  get isFull(): boolean {
    return this.#count === BLOCK_ENTRIES;
  }

  get isEmpty(): boolean {
    return this.#count === 0;
  }

  put(source: Buffer, start: number, end: number, mask: number): void {
    // Buffer's copy makes an object for each.
    let to = this.#count * this.#stride;
    for (let at = start; at < end; at++) this.#keys[to++] = source[at] ?? 0;
    this.#masks[this.#count] = mask;
    this.#count++;
  }

  take(): NameBlock {
    const count = this.#count;
    this.#count = 0;
    return { wireLength: this.#wireLength, keys: this.#keys, masks: this.#masks, count };
  }
}
