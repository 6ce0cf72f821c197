import { foldedKey } from './name-key.ts';

// Two masks of 16 bits as four characters of a string that V8 stores with one byte each.
const MASK_BYTES = 4;

export interface PackedName {
  readonly wire: Buffer;
  /** Categories that list the name. */
  readonly listed: number;
  /** Categories that an exception takes from it. */
  readonly lifted: number;
}

/** Names of one wire length, back to back with their masks, in the order of their keys. */
export interface SortedNames {
  readonly length: number;
  at(index: number): PackedName;
  sameKey(one: number, other: number): boolean;
}

/** Collects names of one wire length. */
export class PackedNames {
  readonly wireLength: number;
  readonly #size: number;
  #bytes: Buffer;
  #count = 0;

  constructor(wireLength: number) {
    this.wireLength = wireLength;
    this.#size = wireLength + MASK_BYTES;
    this.#bytes = Buffer.alloc(16 * this.#size);
  }

  get count(): number {
    return this.#count;
  }

  push(wire: Buffer, listed: number, lifted: number): void {
    const at = this.#count * this.#size;
    if (at + this.#size > this.#bytes.length) {
      const larger = Buffer.alloc(Math.ceil((this.#bytes.length * 1.5) / this.#size) * this.#size);
      this.#bytes.copy(larger);
      this.#bytes = larger;
    }
    wire.copy(this.#bytes, at);
    this.#bytes.writeUInt16LE(listed, at + this.wireLength);
    this.#bytes.writeUInt16LE(lifted, at + this.wireLength + 2);
    this.#count++;
  }

  sorted(): SortedNames {
    const { wireLength } = this;
    // As strings, key first: nothing else sorts as fast, and of one length they are few.
    const records = Array.from({ length: this.#count }, (_, index) => {
      const record = this.#bytes.subarray(index * this.#size, (index + 1) * this.#size);
      return foldedKey(record.subarray(0, wireLength)).toString('latin1') + record.toString('latin1');
    }).sort();
    const recordAt = (index: number): string => records[index] ?? '';
    return {
      length: records.length,
      at: (index) => {
        const record = Buffer.from(recordAt(index), 'latin1');
        return {
          wire: record.subarray(wireLength, 2 * wireLength),
          listed: record.readUInt16LE(2 * wireLength),
          lifted: record.readUInt16LE(2 * wireLength + 2),
        };
      },
      sameKey: (one, other) => recordAt(one).slice(0, wireLength) === recordAt(other).slice(0, wireLength),
    };
  }
}
