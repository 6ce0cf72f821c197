import { createHash } from 'node:crypto';
import { closeSync, fstatSync, openSync, read, readSync } from 'node:fs';
import { promisify } from 'node:util';
import { KhienError } from '@khien/shared/error';
import {
  CHECKED_FROM,
  LONGEST_HEADER,
  maskHalf,
  parseTableHeader,
  type TableHeader,
  type TableSection,
  tableCorrupt,
} from '@khien/shared/list';
import type { DnsName } from '@khien/shared/name';
import { keyOf, suffixesOf } from './name-key.ts';
import { chunksOf, type ListChunk, type NameLists } from './name-lists.ts';

const CHUNK_BYTES = 64 * 1024;
const CHUNK_ENTRIES = 4096;
/** What costs about as much to read as a single key. */
const PAGE_BYTES = 4096;
/** Of one look-up at a time: these wait for nothing. */
const page = Buffer.alloc(PAGE_BYTES);

/** Closes the files of tables that nobody has any more: who loads a table may still read it when a newer is in force. */
const abandoned = new FinalizationRegistry<number>((file) => closeSync(file));

/** A compiled list on disk; it holds a file descriptor and the index, a few kilobytes. */
export class TableFile implements NameLists {
  readonly revision: string;
  readonly header: TableHeader;
  readonly #file: number;
  readonly #byLength: ReadonlyMap<number, TableSection>;

  private constructor(file: number, header: TableHeader) {
    this.#file = file;
    this.header = header;
    this.#byLength = new Map(header.sections.map((section) => [section.keyLength, section]));
    this.revision = header.checksum.toString('hex', 0, 16);
    abandoned.register(this, file, this);
  }

  /**
   * Opens a list after reading all of it once against its checksum.
   *
   * @throws KhienError `LIST_UNSUPPORTED`, `LIST_CORRUPT`, `LIST_UNREADABLE` (with the system's error as its cause)
   */
  static async open(path: string): Promise<TableFile> {
    let file: number | undefined;
    try {
      file = openSync(path, 'r');
      return new TableFile(file, await verifiedHeader(file));
    } catch (cause) {
      if (file !== undefined) closeSync(file);
      if (cause instanceof KhienError) throw cause;
      throw new KhienError('LIST_UNREADABLE', `cannot read the list ${path}`, { cause });
    }
  }

  /** Closes the file at once; without it, it is closed when nobody has the table any more. */
  close(): void {
    abandoned.unregister(this);
    closeSync(this.#file);
  }

  get version(): string {
    return this.header.version;
  }

  count(mask: number): number {
    const bits = this.header.counts.filter((_, bit) => (mask & (1 << bit)) !== 0);
    if (bits.length <= 1) return bits[0] ?? 0;
    let count = 0;
    for (const { masks } of this.#blocks(false)) {
      for (const both of masks) {
        if ((maskHalf.changes(both) & maskHalf.categories(both) & mask) !== 0) count++;
      }
    }
    return count;
  }

  *chunks(mask: number): Generator<ListChunk> {
    if (mask !== 0) yield* chunksOf(this.#blocks(true), mask);
  }

  entries(): Generator<ListChunk> {
    return this.#blocks(true);
  }

  lookup(name: DnsName): { name: DnsName; mask: number }[] {
    const found: { name: DnsName; mask: number }[] = [];
    /** What a name further up may still say: the rest has an exception below it. */
    let heard = 0xffff;
    for (const suffix of suffixesOf(name)) {
      const section = this.#byLength.get(suffix.length + 2);
      const both = section && this.#maskOf(section, keyOf(suffix));
      if (both === undefined) continue;
      const mask = maskHalf.changes(both) & maskHalf.categories(both) & heard;
      if (mask !== 0) found.push({ name: suffix, mask });
      heard &= maskHalf.categories(both);
    }
    return found;
  }

  #maskOf({ keyLength, count, keysAt, masksAt }: TableSection, key: Buffer): number | undefined {
    const near = Math.floor(PAGE_BYTES / keyLength);
    let low = 0;
    let high = count;
    while (high - low > near) {
      const middle = (low + high) >>> 1;
      this.#read(page, keyLength, keysAt + middle * keyLength);
      if (page.compare(key, 0, keyLength, 0, keyLength) <= 0) low = middle;
      else high = middle;
    }
    this.#read(page, (high - low) * keyLength, keysAt + low * keyLength);
    const first = low;
    while (low < high) {
      const middle = (low + high) >>> 1;
      const at = (middle - first) * keyLength;
      const order = page.compare(key, 0, keyLength, at, at + keyLength);
      if (order === 0) {
        this.#read(page, 4, masksAt + middle * 4);
        return page.readUInt32LE(0);
      }
      if (order < 0) low = middle + 1;
      else high = middle;
    }
    return undefined;
  }

  /** The table in pieces that fit a pair of buffers, which each step overwrites; `keys` are left out unless asked for. */
  *#blocks(withKeys: boolean): Generator<ListChunk> {
    const keys = Buffer.alloc(withKeys ? CHUNK_BYTES : 0);
    const masks = new Uint32Array(CHUNK_ENTRIES);
    const maskBytes = Buffer.from(masks.buffer);
    for (const { keyLength, count, keysAt, masksAt } of this.header.sections) {
      const fit = Math.min(CHUNK_ENTRIES, Math.floor(CHUNK_BYTES / keyLength));
      for (let first = 0; first < count; first += fit) {
        const size = Math.min(fit, count - first);
        if (withKeys) this.#read(keys, size * keyLength, keysAt + first * keyLength);
        this.#read(maskBytes, size * 4, masksAt + first * 4);
        yield { keyLength, keys, masks: masks.subarray(0, size), count: size };
      }
    }
  }

  #read(into: Buffer, length: number, position: number): void {
    if (readSync(this.#file, into, 0, length, position) !== length) throw tableCorrupt('it became shorter');
  }
}

const readAt = promisify(read);

async function verifiedHeader(file: number): Promise<TableHeader> {
  const first = Buffer.alloc(LONGEST_HEADER);
  const { bytesRead } = await readAt(file, first, 0, first.length, 0);
  const header = parseTableHeader(first.subarray(0, bytesRead));
  const { size } = fstatSync(file);
  if (size !== header.fileLength) throw tableCorrupt(`${size} bytes long instead of ${header.fileLength}`);
  const hash = createHash('sha256');
  const buffer = Buffer.alloc(CHUNK_BYTES);
  for (let at = CHECKED_FROM; at < size; ) {
    const { bytesRead: length } = await readAt(file, buffer, 0, Math.min(buffer.length, size - at), at);
    if (length === 0) throw tableCorrupt('it became shorter');
    hash.update(buffer.subarray(0, length));
    at += length;
  }
  if (!hash.digest().equals(header.checksum)) throw tableCorrupt('the checksum differs');
  return header;
}
