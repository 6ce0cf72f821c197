import { KhienError } from '../error.ts';
import { tableVersionPattern } from './list-document.ts';

/*
 * A compiled table of names by category, `.khl`; docs/lists.md describes it byte by byte. All numbers are little endian.
 *
 *     0  8 bytes  magic "KHIENLST"
 *     8  u32      layout of what follows
 *    12  u32      number of sections
 *    16  u32      entries in all
 *    20  u32      zero
 *    24  32 bytes SHA-256 of everything that follows
 *    56  64 bytes what people call this content: ASCII, filled with zeros
 *   120  16 u32   entries that add the category of bit 0 … 15
 *   184  sections, 12 bytes each, ascending: u32 key length, u32 entries, u32 where the section's bytes begin
 *        then, section by section: its keys back to back, ascending; its masks, u32 each
 */
export const TABLE_LAYOUT = 2;
export const TABLE_CATEGORIES = 16;

/** Wire lengths of names with two labels or more: `a.b` to RFC 1035's limit. */
export const SHORTEST_KEY = 5;
export const LONGEST_KEY = 255;

/** Where what the checksum covers begins. */
export const CHECKED_FROM = 56;
const MAGIC = Buffer.from('KHIENLST', 'latin1');
const CHECKSUM = 24;
const VERSION_BYTES = 64;
const COUNTS = CHECKED_FROM + VERSION_BYTES;
const INDEX = COUNTS + 4 * TABLE_CATEGORIES;
const SECTION = 12;
export const LONGEST_HEADER = INDEX + SECTION * (LONGEST_KEY - SHORTEST_KEY + 1);

/**
 * The mask of an entry. The low half has the categories in which the name differs from what is above it, and is never
 * zero; the high half has those of the nearest name above it, so that nobody has to look for ancestors while loading.
 */
export const maskHalf = {
  changes: (mask: number): number => mask & 0xffff,
  above: (mask: number): number => mask >>> 16,
  /** The categories of the name itself: what is above it, with the changes. */
  categories: (mask: number): number => (mask ^ (mask >>> 16)) & 0xffff,
  of: (categories: number, above: number): number => ((above << 16) | (categories ^ above)) >>> 0,
} as const;

export interface TableSection {
  readonly keyLength: number;
  readonly count: number;
  /** Byte offset of its keys in the file. */
  readonly keysAt: number;
  /** Byte offset of its masks in the file. */
  readonly masksAt: number;
}

export interface TableHeader {
  readonly version: string;
  readonly checksum: Buffer;
  readonly entries: number;
  /** Entries by category bit. */
  readonly counts: readonly number[];
  readonly sections: readonly TableSection[];
  /** How long the whole file is, in bytes. */
  readonly fileLength: number;
}

/** Lays sections out one after another. */
export function layOutTable(sizes: readonly { keyLength: number; count: number }[]): TableSection[] {
  let at = INDEX + SECTION * sizes.length;
  return sizes.map(({ keyLength, count }) => {
    const keysAt = at;
    const masksAt = keysAt + keyLength * count;
    at = masksAt + 4 * count;
    return { keyLength, count, keysAt, masksAt };
  });
}

/** The header with its index; the checksum is left zero, for `sealTable`. */
export function encodeTableHeader(
  version: string,
  sections: readonly TableSection[],
  counts: readonly number[],
): Buffer {
  const header = Buffer.alloc(INDEX + SECTION * sections.length);
  MAGIC.copy(header);
  header.writeUInt32LE(TABLE_LAYOUT, 8);
  header.writeUInt32LE(sections.length, 12);
  header.writeUInt32LE(
    sections.reduce((sum, { count }) => sum + count, 0),
    16,
  );
  header.write(version, CHECKED_FROM, VERSION_BYTES, 'latin1');
  for (let bit = 0; bit < TABLE_CATEGORIES; bit++) header.writeUInt32LE(counts[bit] ?? 0, COUNTS + 4 * bit);
  sections.forEach(({ keyLength, count, keysAt }, index) => {
    const at = INDEX + SECTION * index;
    header.writeUInt32LE(keyLength, at);
    header.writeUInt32LE(count, at + 4);
    header.writeUInt32LE(keysAt, at + 8);
  });
  return header;
}

/** Writes the checksum into a header. */
export function sealTable(header: Buffer, checksum: Buffer): void {
  checksum.copy(header, CHECKSUM);
}

/**
 * Reads a header from the first `LONGEST_HEADER` bytes of a file (fewer where it is shorter).
 *
 * @throws KhienError `LIST_UNSUPPORTED` for another layout, `LIST_CORRUPT` for anything that no compiler writes
 */
export function parseTableHeader(bytes: Buffer): TableHeader {
  if (bytes.length < INDEX || !bytes.subarray(0, MAGIC.length).equals(MAGIC)) {
    throw tableCorrupt('no list header');
  }
  const layout = bytes.readUInt32LE(8);
  if (layout !== TABLE_LAYOUT) {
    throw new KhienError('LIST_UNSUPPORTED', `the list has layout ${layout}, known is ${TABLE_LAYOUT}`);
  }
  const sectionCount = bytes.readUInt32LE(12);
  if (bytes.length < INDEX + SECTION * sectionCount) throw tableCorrupt(`${sectionCount} sections`);
  const sizes = Array.from({ length: sectionCount }, (_, index) => {
    const at = INDEX + SECTION * index;
    return {
      keyLength: bytes.readUInt32LE(at),
      count: bytes.readUInt32LE(at + 4),
      keysAt: bytes.readUInt32LE(at + 8),
    };
  });
  const sections = layOutTable(sizes);
  sections.forEach(({ keyLength, count, keysAt }, index) => {
    const shortest = (sections[index - 1]?.keyLength ?? SHORTEST_KEY - 1) + 1;
    if (keyLength < shortest || keyLength > LONGEST_KEY || count === 0 || keysAt !== sizes[index]?.keysAt) {
      throw tableCorrupt(`section ${index}: ${count} keys of ${keyLength} bytes`);
    }
  });
  const entries = sections.reduce((sum, { count }) => sum + count, 0);
  if (entries !== bytes.readUInt32LE(16)) throw tableCorrupt('the sections do not add up');
  const version = bytes.toString('latin1', CHECKED_FROM, COUNTS).replace(/\0+$/, '');
  if (!tableVersionPattern.test(version)) throw tableCorrupt('it has no version');
  const last = sections.at(-1);
  return {
    version,
    checksum: Buffer.from(bytes.subarray(CHECKSUM, CHECKED_FROM)),
    entries,
    counts: Array.from({ length: TABLE_CATEGORIES }, (_, bit) => bytes.readUInt32LE(COUNTS + 4 * bit)),
    sections,
    fileLength: last === undefined ? INDEX : last.masksAt + 4 * last.count,
  };
}

export function tableCorrupt(what: string): KhienError {
  return new KhienError('LIST_CORRUPT', `not a compiled list: ${what}`);
}
