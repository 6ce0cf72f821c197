import { createHash } from 'node:crypto';
import { closeSync, openSync, readSync } from 'node:fs';
import { open } from 'node:fs/promises';
import { KhienError } from '@khien/shared/error';
import type { DnsName } from '@khien/shared/name';
import { keyOf, suffixesOf } from './name-key.ts';
import type { ListChunk, NameLists } from './name-lists.ts';
import {
  CATEGORIES,
  CHECKED_FROM,
  corrupt,
  type Header,
  LONGEST_HEADER,
  OWN_CATEGORIES,
  parseHeader,
  type Section,
} from './table-format.ts';

const CHUNK_BYTES = 64 * 1024;
const CHUNK_ENTRIES = 4096;

/** A compiled list on disk; it holds a file descriptor and the index, a few kilobytes. */
export class TableFile implements NameLists {
  readonly revision: string;
  readonly #file: number;
  readonly #header: Header;
  readonly #byLength: ReadonlyMap<number, Section>;

  private constructor(file: number, header: Header) {
    this.#file = file;
    this.#header = header;
    this.#byLength = new Map(header.sections.map((section) => [section.keyLength, section]));
    this.revision = header.checksum.toString('hex', 0, 16);
  }

  /**
   * Opens a list after reading all of it once against its checksum.
   *
   * @throws KhienError `LIST_UNSUPPORTED`, `LIST_CORRUPT`, `LIST_UNREADABLE` (with the system's error as its cause)
   */
  static async open(path: string): Promise<TableFile> {
    let header: Header;
    try {
      header = await readAndVerify(path);
    } catch (cause) {
      if (cause instanceof KhienError) throw cause;
      throw new KhienError('LIST_UNREADABLE', `cannot read the list ${path}`, { cause });
    }
    return new TableFile(openSync(path, 'r'), header);
  }

  close(): void {
    closeSync(this.#file);
  }

  count(mask: number): number {
    const bits = this.#header.counts.filter((_, bit) => (mask & (1 << bit)) !== 0);
    if (bits.length <= 1) return bits[0] ?? 0;
    let count = 0;
    for (const { masks } of this.#blocks(false)) {
      for (const own of masks) if ((own & mask & OWN_CATEGORIES) !== 0) count++;
    }
    return count;
  }

  *chunks(mask: number): Generator<ListChunk> {
    const wanted = mask & OWN_CATEGORIES;
    if (wanted === 0) return;
    for (const { keyLength, keys, masks } of this.#blocks(true)) {
      let count = 0;
      masks.forEach((both, index) => {
        const above = (both >>> CATEGORIES) & wanted;
        const own = both & wanted;
        if ((own & ~above) === 0) return;
        if (index !== count) keys.copyWithin(count * keyLength, index * keyLength, (index + 1) * keyLength);
        masks[count++] = own | above;
      });
      if (count > 0) yield { keyLength, keys, masks, count };
    }
  }

  lookup(name: DnsName): { name: DnsName; mask: number }[] {
    const found: { name: DnsName; mask: number }[] = [];
    for (const suffix of suffixesOf(name)) {
      const section = this.#byLength.get(suffix.length + 2);
      const mask = section && this.#maskOf(section, keyOf(suffix));
      if (mask !== undefined) found.push({ name: suffix, mask: mask & OWN_CATEGORIES });
    }
    return found;
  }

  #maskOf({ keyLength, count, keysAt, masksAt }: Section, key: Buffer): number | undefined {
    const read = Buffer.alloc(keyLength);
    let low = 0;
    let high = count;
    while (low < high) {
      const middle = (low + high) >>> 1;
      this.#read(read, keyLength, keysAt + middle * keyLength);
      const order = read.compare(key);
      if (order === 0) {
        this.#read(read, 4, masksAt + middle * 4);
        return read.readUInt32LE(0);
      }
      if (order < 0) low = middle + 1;
      else high = middle;
    }
    return undefined;
  }

  /** The table in pieces that fit a pair of buffers, which each step overwrites; `keys` are left out unless asked for. */
  *#blocks(withKeys: boolean): Generator<{ keyLength: number; keys: Buffer; masks: Uint32Array }> {
    const keys = Buffer.alloc(withKeys ? CHUNK_BYTES : 0);
    const masks = new Uint32Array(CHUNK_ENTRIES);
    const maskBytes = Buffer.from(masks.buffer);
    for (const { keyLength, count, keysAt, masksAt } of this.#header.sections) {
      const fit = Math.min(CHUNK_ENTRIES, Math.floor(CHUNK_BYTES / keyLength));
      for (let first = 0; first < count; first += fit) {
        const size = Math.min(fit, count - first);
        if (withKeys) this.#read(keys, size * keyLength, keysAt + first * keyLength);
        this.#read(maskBytes, size * 4, masksAt + first * 4);
        yield { keyLength, keys, masks: masks.subarray(0, size) };
      }
    }
  }

  #read(into: Buffer, length: number, position: number): void {
    if (readSync(this.#file, into, 0, length, position) !== length) throw corrupt('it became shorter');
  }
}

async function readAndVerify(path: string): Promise<Header> {
  const file = await open(path, 'r');
  try {
    const first = Buffer.alloc(LONGEST_HEADER);
    const { bytesRead } = await file.read(first, 0, first.length, 0);
    const header = parseHeader(first.subarray(0, bytesRead));
    const { size } = await file.stat();
    if (size !== header.fileLength) throw corrupt(`${size} bytes long instead of ${header.fileLength}`);
    const hash = createHash('sha256');
    const buffer = Buffer.alloc(CHUNK_BYTES);
    for (let at = CHECKED_FROM; at < size; ) {
      const { bytesRead: length } = await file.read(buffer, 0, Math.min(buffer.length, size - at), at);
      if (length === 0) throw corrupt('it became shorter');
      hash.update(buffer.subarray(0, length));
      at += length;
    }
    if (!hash.digest().equals(header.checksum)) throw corrupt('the checksum differs');
    return header;
  } finally {
    await file.close();
  }
}
