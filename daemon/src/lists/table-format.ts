import { KhienError } from '@khien/shared/error';

/**
 * A compiled list, `.khl`. All numbers are little endian.
 *
 *     0  8 bytes  magic "KHIENLST"
 *     8  u32      version of this layout
 *    12  u32      number of sections
 *    16  u32      entries in all
 *    20  u32      zero
 *    24  32 bytes SHA-256 of everything that follows
 *    56  16 u32   entries that carry the category of bit 0 … 15
 *   120  sections, 12 bytes each, ascending: u32 key length, u32 entries, u32 where the section's bytes begin
 *        then, section by section: its keys back to back, ascending; its masks, u32 each
 *
 * A key is a name as `keyOf` makes it. The low half of a mask has the categories that list the name; the high half those
 * that list a name above it, so that nobody has to look for ancestors while loading.
 */
export const VERSION = 1;
export const MAGIC = Buffer.from('KHIENLST', 'latin1');
export const CATEGORIES = 16;
export const OWN_CATEGORIES = 0xffff;

/** Wire lengths of names with two labels or more: `a.b` to RFC 1035's limit. */
export const SHORTEST_KEY = 5;
export const LONGEST_KEY = 255;

/** Where what the checksum covers begins. */
export const CHECKED_FROM = 56;
const INDEX = CHECKED_FROM + 4 * CATEGORIES;
const SECTION = 12;
export const LONGEST_HEADER = INDEX + SECTION * (LONGEST_KEY - SHORTEST_KEY + 1);

export interface Section {
  readonly keyLength: number;
  readonly count: number;
  /** Byte offset of its keys in the file. */
  readonly keysAt: number;
  /** Byte offset of its masks in the file. */
  readonly masksAt: number;
}

export interface Header {
  readonly checksum: Buffer;
  readonly entries: number;
  /** Entries by category bit. */
  readonly counts: readonly number[];
  readonly sections: readonly Section[];
  /** How long the whole file is, in bytes. */
  readonly fileLength: number;
}

/** Lays sections out one after another. */
export function layOut(sizes: readonly { keyLength: number; count: number }[]): Section[] {
  let at = INDEX + SECTION * sizes.length;
  return sizes.map(({ keyLength, count }) => {
    const keysAt = at;
    const masksAt = keysAt + keyLength * count;
    at = masksAt + 4 * count;
    return { keyLength, count, keysAt, masksAt };
  });
}

/** The header with its index; the checksum is left zero. */
export function encodeHeader(sections: readonly Section[], counts: readonly number[]): Buffer {
  const header = Buffer.alloc(INDEX + SECTION * sections.length);
  MAGIC.copy(header);
  header.writeUInt32LE(VERSION, 8);
  header.writeUInt32LE(sections.length, 12);
  header.writeUInt32LE(
    sections.reduce((sum, { count }) => sum + count, 0),
    16,
  );
  for (let bit = 0; bit < CATEGORIES; bit++) header.writeUInt32LE(counts[bit] ?? 0, CHECKED_FROM + 4 * bit);
  sections.forEach(({ keyLength, count, keysAt }, index) => {
    const at = INDEX + SECTION * index;
    header.writeUInt32LE(keyLength, at);
    header.writeUInt32LE(count, at + 4);
    header.writeUInt32LE(keysAt, at + 8);
  });
  return header;
}

/**
 * Reads a header from the first `LONGEST_HEADER` bytes of a file (fewer where it is shorter).
 *
 * @throws KhienError `LIST_UNSUPPORTED` for another version, `LIST_CORRUPT` for anything that no compiler writes
 */
export function parseHeader(bytes: Buffer): Header {
  if (bytes.length < INDEX || !bytes.subarray(0, MAGIC.length).equals(MAGIC)) throw corrupt('no list header');
  const version = bytes.readUInt32LE(8);
  if (version !== VERSION) {
    throw new KhienError('LIST_UNSUPPORTED', `the list has layout ${version}, known is ${VERSION}`);
  }
  const sectionCount = bytes.readUInt32LE(12);
  if (bytes.length < INDEX + SECTION * sectionCount) throw corrupt(`${sectionCount} sections`);
  const sizes = Array.from({ length: sectionCount }, (_, index) => {
    const at = INDEX + SECTION * index;
    return {
      keyLength: bytes.readUInt32LE(at),
      count: bytes.readUInt32LE(at + 4),
      keysAt: bytes.readUInt32LE(at + 8),
    };
  });
  const sections = layOut(sizes);
  sections.forEach(({ keyLength, count, keysAt }, index) => {
    const shortest = (sections[index - 1]?.keyLength ?? SHORTEST_KEY - 1) + 1;
    if (keyLength < shortest || keyLength > LONGEST_KEY || count === 0 || keysAt !== sizes[index]?.keysAt) {
      throw corrupt(`section ${index}: ${count} keys of ${keyLength} bytes`);
    }
  });
  const entries = sections.reduce((sum, { count }) => sum + count, 0);
  if (entries !== bytes.readUInt32LE(16)) throw corrupt('the sections do not add up');
  const last = sections.at(-1);
  return {
    checksum: bytes.subarray(24, CHECKED_FROM),
    entries,
    counts: Array.from({ length: CATEGORIES }, (_, bit) => bytes.readUInt32LE(CHECKED_FROM + 4 * bit)),
    sections,
    fileLength: last === undefined ? INDEX : last.masksAt + 4 * last.count,
  };
}

export function corrupt(what: string): KhienError {
  return new KhienError('LIST_CORRUPT', `not a compiled list: ${what}`);
}
