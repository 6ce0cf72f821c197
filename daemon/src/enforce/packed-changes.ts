import type { PackedElements } from 'node-nftables';
import type { NameChange } from './name-changes.ts';
import { keyLengthFor } from './name-map.ts';

/** So many changes are collected at most: a few transactions of the kernel's. */
const MOST = 4096;

/** Collects the changes of one map, packed for loading, in buffers that grow and are used again. */
export class PackedChanges {
  readonly #gone = new Pack();
  readonly #come = new Pack();
  #wireLength = 0;

  get wireLength(): number {
    return this.#wireLength;
  }

  get isEmpty(): boolean {
    return this.#gone.count + this.#come.count === 0;
  }

  get isFull(): boolean {
    return this.#gone.count >= MOST || this.#come.count >= MOST;
  }

  /** Whether there are changes, of another map than that for a wire length. */
  hasOthersThan(wireLength: number): boolean {
    return !this.isEmpty && wireLength !== this.#wireLength;
  }

  put({ wireLength, key, before, after }: NameChange): void {
    this.#wireLength = wireLength;
    if (before !== undefined) this.#gone.put(key, before);
    if (after !== undefined) this.#come.put(key, after);
  }

  /** What is to be deleted, and what is to be added then. Valid until the next `put`. */
  take(): { readonly gone: PackedElements; readonly come: PackedElements } {
    const length = keyLengthFor(this.#wireLength);
    return { gone: this.#gone.take(length), come: this.#come.take(length) };
  }
}

class Pack {
  #keys = Buffer.alloc(4096);
  #values = new Uint32Array(64);
  count = 0;

  put(key: Buffer, value: number): void {
    const at = this.count * key.length;
    if (at + key.length > this.#keys.length) this.#keys = Buffer.concat([this.#keys], this.#keys.length * 2);
    if (this.count === this.#values.length) {
      const larger = new Uint32Array(this.#values.length * 2);
      larger.set(this.#values);
      this.#values = larger;
    }
    // Buffer's copy makes an object for each.
    for (let byte = 0; byte < key.length; byte++) this.#keys[at + byte] = key[byte] ?? 0;
    this.#values[this.count] = value;
    this.count++;
  }

  take(keyLength: number): PackedElements {
    const { count } = this;
    this.count = 0;
    return { count, keys: this.#keys.subarray(0, count * keyLength), values: this.#values };
  }
}
