import { createHash } from 'node:crypto';
import { KhienError } from '@khien/shared/error';
import { isDnsName } from '@khien/shared/name';
import { wireOf } from './name-key.ts';
import { CATEGORIES, CHECKED_FROM, encodeHeader, layOut, OWN_CATEGORIES } from './table-format.ts';

export interface CompiledTable {
  /** The file, in pieces that belong one after another. */
  readonly pieces: readonly Buffer[];
  readonly entries: number;
  /** Lines that hold no DNS name: addresses, single labels, damage. */
  readonly rejected: number;
}

/** A section's keys and masks in their final form. */
interface Sorted {
  readonly keyLength: number;
  readonly keys: Buffer;
  readonly masks: Uint32Array;
}

// A mask of 16 bits as two characters of a string that V8 stores with one byte each.
const MASK_CHARACTERS = 2;

/**
 * Compiles lists of names, one a line, into one table: `add` each line with its category's bit, then `finish`. Holds the
 * names as packed bytes, sorts one key length at a time.
 */
export class TableCompiler {
  readonly #names = new Map<number, PackedNames>();
  #rejected = 0;

  /** Takes a line of a plain list: a name, `#` starts a comment. Whether there was a name. */
  add(bit: number, line: string): boolean {
    if (!Number.isInteger(bit) || bit < 0 || bit >= CATEGORIES) {
      throw new KhienError('LIST_CATEGORY', `${bit} is no category bit`);
    }
    const name = nameIn(line);
    if (name === '') return false;
    if (!isDnsName(name) || isAddress(name)) {
      this.#rejected++;
      return false;
    }
    const length = name.length + 2;
    let names = this.#names.get(length);
    if (names === undefined) {
      names = new PackedNames(length);
      this.#names.set(length, names);
    }
    names.push(wireOf(name), 1 << bit);
    return true;
  }

  finish(): CompiledTable {
    const sorted: Sorted[] = [];
    const byLength = new Map<number, Sorted>();
    for (const length of [...this.#names.keys()].sort((a, b) => a - b)) {
      const section = sortedSection(length, this.#names.get(length)?.records() ?? [], byLength);
      this.#names.delete(length);
      sorted.push(section);
      byLength.set(length, section);
    }
    const counts = countByCategory(sorted);
    const header = encodeHeader(
      layOut(sorted.map(({ keyLength, masks }) => ({ keyLength, count: masks.length }))),
      counts,
    );
    const body = sorted.flatMap(({ keys, masks }) => [keys, littleEndian(masks)]);
    const hash = createHash('sha256').update(header.subarray(CHECKED_FROM));
    for (const piece of body) hash.update(piece);
    hash.digest().copy(header, CHECKED_FROM - 32);
    return {
      pieces: [header, ...body],
      entries: sorted.reduce((sum, { masks }) => sum + masks.length, 0),
      rejected: this.#rejected,
    };
  }
}

function nameIn(line: string): string {
  const comment = line.indexOf('#');
  const text = (comment < 0 ? line : line.slice(0, comment)).trim().toLowerCase();
  return text.endsWith('.') ? text.slice(0, -1) : text;
}

/** No top-level domain is a number (RFC 3696 §2), so this is an IPv4 address. */
function isAddress(name: string): boolean {
  return /\.\d+$/.test(name);
}

/** Names of one wire length, back to back, with their masks. */
class PackedNames {
  readonly #length: number;
  #bytes: Buffer;
  #count = 0;

  constructor(length: number) {
    this.#length = length;
    this.#bytes = Buffer.alloc(64 * (length + MASK_CHARACTERS));
  }

  push(wire: Buffer, mask: number): void {
    const size = this.#length + MASK_CHARACTERS;
    const at = this.#count * size;
    if (at + size > this.#bytes.length) this.#bytes = Buffer.concat([this.#bytes], this.#bytes.length * 2);
    wire.copy(this.#bytes, at);
    this.#bytes.writeUInt16LE(mask, at + this.#length);
    this.#count++;
  }

  /** Each name as key, wire and mask in one string, whose order is that of the keys. */
  records(): string[] {
    const size = this.#length + MASK_CHARACTERS;
    return Array.from({ length: this.#count }, (_, index) => {
      const record = this.#bytes.toString('latin1', index * size, (index + 1) * size);
      return foldedText(record.slice(0, this.#length)) + record;
    });
  }
}

function foldedText(wire: string): string {
  const bytes = Buffer.from(wire, 'latin1');
  for (let at = 1; at < bytes.length; at++) bytes[at] = (bytes[at] ?? 0) & 0xdf;
  return bytes.toString('latin1');
}

/** Sorts, merges what has the same key, and adds what the nearest listed ancestor says. */
function sortedSection(keyLength: number, records: string[], shorter: ReadonlyMap<number, Sorted>): Sorted {
  records.sort();
  const keys = Buffer.alloc(records.length * keyLength);
  const masks = new Uint32Array(records.length);
  let count = 0;
  let previous = '';
  for (const record of records) {
    const key = record.slice(0, keyLength);
    const mask = record.charCodeAt(2 * keyLength) | (record.charCodeAt(2 * keyLength + 1) << 8);
    if (key === previous) {
      masks[count - 1] = (masks[count - 1] ?? 0) | mask;
      continue;
    }
    const wire = Buffer.from(record.slice(keyLength, 2 * keyLength), 'latin1');
    keys.write(key, count * keyLength, 'latin1');
    masks[count] = (mask | (inherited(wire, shorter) << CATEGORIES)) >>> 0;
    previous = key;
    count++;
  }
  return { keyLength, keys: keys.subarray(0, count * keyLength), masks: masks.slice(0, count) };
}

/** The categories of every listed name above one in wire format. */
function inherited(wire: Buffer, shorter: ReadonlyMap<number, Sorted>): number {
  for (let at = (wire[0] ?? 0) + 1; at < wire.length - 1; at += (wire[at] ?? 0) + 1) {
    const section = shorter.get(wire.length - at);
    if (section === undefined) continue;
    const key = Buffer.from(wire.subarray(at));
    for (let index = 1; index < key.length; index++) key[index] = (key[index] ?? 0) & 0xdf;
    const mask = maskOf(section, key);
    if (mask !== undefined) return (mask & OWN_CATEGORIES) | (mask >>> CATEGORIES);
  }
  return 0;
}

function maskOf({ keyLength, keys, masks }: Sorted, key: Buffer): number | undefined {
  let low = 0;
  let high = masks.length;
  while (low < high) {
    const middle = (low + high) >>> 1;
    const order = keys.compare(key, 0, keyLength, middle * keyLength, (middle + 1) * keyLength);
    if (order === 0) return masks[middle];
    if (order < 0) low = middle + 1;
    else high = middle;
  }
  return undefined;
}

function countByCategory(sections: readonly Sorted[]): number[] {
  const counts = Array<number>(CATEGORIES).fill(0);
  for (const { masks } of sections) {
    for (const mask of masks) {
      for (let bit = 0; bit < CATEGORIES; bit++) {
        if ((mask & (1 << bit)) !== 0) counts[bit] = (counts[bit] ?? 0) + 1;
      }
    }
  }
  return counts;
}

function littleEndian(masks: Uint32Array): Buffer {
  const bytes = Buffer.alloc(masks.length * 4);
  masks.forEach((mask, index) => {
    bytes.writeUInt32LE(mask, index * 4);
  });
  return bytes;
}
