import { createHash } from 'node:crypto';
import { KhienError } from '@khien/shared/error';
import {
  CHECKED_FROM,
  encodeTableHeader,
  LONGEST_HEADER,
  LONGEST_TABLE,
  layOutTable,
  maskHalf,
  sealTable,
  TABLE_CATEGORIES,
  tableVersionPattern,
} from '@khien/shared/list';
import type { DnsName } from '@khien/shared/name';
import { foldedKey, wireOf } from './name-key.ts';
import { PackedNames } from './packed-names.ts';

export interface CompiledTable {
  /** The file, in pieces that belong one after another. */
  readonly pieces: readonly Buffer[];
  /** What people call this content. */
  readonly version: string;
  readonly entries: number;
  /** Entries that add the category of bit 0 … 15. */
  readonly counts: readonly number[];
  /** Times a name was listed again in a category that it has already. */
  readonly repeated: number;
  /** Names that are left out because what is above them says the same. */
  readonly covered: number;
  /** Names that an exception takes out of a category, or out of all. */
  readonly excepted: number;
}

export interface FinishOptions {
  /** 1 to 64 letters, digits and `.:_-`; made of the content where absent. */
  readonly version?: string;
  /** Is told how many of all names have been put in order. */
  readonly progress?: (done: number, all: number) => void;
}

/** The names of one wire length in their final form. */
interface Section {
  readonly keyLength: number;
  readonly count: number;
  readonly keys: Buffer;
  /** As the table has them; 0 where an exception has nothing to change. */
  readonly masks: Uint32Array;
  /** Categories that exceptions have taken from the name and all below it. */
  readonly lifted: Uint16Array;
}

interface Tally {
  repeated: number;
  covered: number;
  excepted: number;
}

/**
 * Compiles names by category into one table: `add` each, then `finish`. A listed name means itself and all below it. An
 * exception of a category takes its name and all below out of that category, whatever else lists them. Holds the names as
 * packed bytes, and puts one length at a time in order.
 */
export class TableCompiler {
  readonly #names = new Map<number, PackedNames>();
  #count = 0;

  /** @throws KhienError `LIST_CATEGORY` where `bit` is not 0 … 15 */
  add(bit: number, name: DnsName): void {
    this.#put(name, categoryOf(bit), 0);
  }

  /** @throws KhienError `LIST_CATEGORY` where `bit` is not 0 … 15 */
  except(bit: number, name: DnsName): void {
    this.#put(name, 0, categoryOf(bit));
  }

  #put(name: DnsName, listed: number, lifted: number): void {
    const length = name.length + 2;
    let names = this.#names.get(length);
    if (names === undefined) {
      names = new PackedNames(length);
      this.#names.set(length, names);
    }
    names.push(wireOf(name), listed, lifted);
    this.#count++;
  }

  /** @throws KhienError `LIST_VERSION` where `version` is none, `LIST_TOO_LARGE` */
  finish({ version, progress }: FinishOptions = {}): CompiledTable {
    if (version !== undefined && !tableVersionPattern.test(version)) {
      throw new KhienError('LIST_VERSION', `${version} is not 1 to 64 letters, digits and .:_-`);
    }
    const tally: Tally = { repeated: 0, covered: 0, excepted: 0 };
    const byLength = new Map<number, Section>();
    let done = 0;
    for (const length of [...this.#names.keys()].sort((a, b) => a - b)) {
      const names = this.#names.get(length);
      if (names === undefined) continue;
      byLength.set(length, sectionOf(names, byLength, tally));
      this.#names.delete(length);
      done += names.count;
      progress?.(done, this.#count);
    }
    const sections = [...byLength.values()].map(withoutIdle).filter(({ count }) => count > 0);
    return { ...assemble(sections, version), ...tally };
  }
}

function categoryOf(bit: number): number {
  if (!Number.isInteger(bit) || bit < 0 || bit >= TABLE_CATEGORIES) {
    throw new KhienError('LIST_CATEGORY', `${bit} is no category bit`);
  }
  return 1 << bit;
}

/** Sorts, merges what has the same key, and relates it to what is above it. */
function sectionOf(names: PackedNames, shorter: ReadonlyMap<number, Section>, tally: Tally): Section {
  const { wireLength: keyLength } = names;
  const sorted = names.sorted();
  const keys = Buffer.alloc(sorted.length * keyLength);
  const masks = new Uint32Array(sorted.length);
  const allLifted = new Uint16Array(sorted.length);
  let count = 0;
  for (let first = 0; first < sorted.length; ) {
    const name = sorted.at(first);
    let { listed, lifted } = name;
    let next = first + 1;
    for (; next < sorted.length && sorted.sameKey(first, next); next++) {
      const again = sorted.at(next);
      if ((again.listed & listed) !== 0) tally.repeated++;
      listed |= again.listed;
      lifted |= again.lifted;
    }
    first = next;

    const parent = nearestAbove(name.wire, shorter);
    lifted |= parent.lifted;
    const categories = (parent.categories | listed) & ~lifted;
    const changed = categories !== parent.categories;
    if ((listed & lifted) !== 0) tally.excepted++;
    else if (listed !== 0 && !changed) tally.covered++;
    if (!changed && lifted === parent.lifted) continue;
    foldedKey(name.wire).copy(keys, count * keyLength);
    masks[count] = changed ? maskHalf.of(categories, parent.categories) : 0;
    allLifted[count] = lifted;
    count++;
  }
  return { keyLength, count, keys: keys.subarray(0, count * keyLength), masks, lifted: allLifted };
}

/** What the nearest name above one in wire format has. */
function nearestAbove(
  wire: Buffer,
  shorter: ReadonlyMap<number, Section>,
): { categories: number; lifted: number } {
  let lifted = 0;
  for (let at = (wire[0] ?? 0) + 1; at < wire.length - 1; at += (wire[at] ?? 0) + 1) {
    const section = shorter.get(wire.length - at);
    const index = section === undefined ? -1 : indexOf(section, foldedKey(wire.subarray(at)));
    if (section === undefined || index < 0) continue;
    const mask = section.masks[index] ?? 0;
    lifted |= section.lifted[index] ?? 0;
    // An exception without effect says nothing of categories: what is above it does.
    if (mask !== 0) return { categories: maskHalf.categories(mask), lifted };
  }
  return { categories: 0, lifted };
}

function indexOf({ keyLength, keys, count }: Section, key: Buffer): number {
  let low = 0;
  let high = count;
  while (low < high) {
    const middle = (low + high) >>> 1;
    const order = keys.compare(key, 0, keyLength, middle * keyLength, (middle + 1) * keyLength);
    if (order === 0) return middle;
    if (order < 0) low = middle + 1;
    else high = middle;
  }
  return -1;
}

/** Without exceptions that change nothing. */
function withoutIdle(section: Section): Section {
  const { keyLength, keys, masks, lifted } = section;
  let count = 0;
  for (let index = 0; index < section.count; index++) {
    const mask = masks[index] ?? 0;
    if (mask === 0) continue;
    if (index !== count) keys.copyWithin(count * keyLength, index * keyLength, (index + 1) * keyLength);
    masks[count++] = mask;
  }
  return { keyLength, count, keys: keys.subarray(0, count * keyLength), masks, lifted };
}

function assemble(
  sections: readonly Section[],
  version: string | undefined,
): Pick<CompiledTable, 'pieces' | 'version' | 'entries' | 'counts'> {
  const body = sections.flatMap(({ keys, masks, count }) => [keys, littleEndian(masks, count)]);
  const bytes = LONGEST_HEADER + body.reduce((sum, { length }) => sum + length, 0);
  if (bytes > LONGEST_TABLE) throw new KhienError('LIST_TOO_LARGE', `the list would have ${bytes} bytes`);
  const counts = countByCategory(sections);
  const called = version ?? digestOf(body).toString('hex', 0, 6);
  const header = encodeTableHeader(called, layOutTable(sections), counts);
  sealTable(header, digestOf([header.subarray(CHECKED_FROM), ...body]));
  return {
    pieces: [header, ...body],
    version: called,
    entries: sections.reduce((sum, { count }) => sum + count, 0),
    counts,
  };
}

function digestOf(pieces: readonly Buffer[]): Buffer {
  const hash = createHash('sha256');
  for (const piece of pieces) hash.update(piece);
  return hash.digest();
}

function countByCategory(sections: readonly Section[]): number[] {
  const counts = Array<number>(TABLE_CATEGORIES).fill(0);
  for (const { masks, count } of sections) {
    for (let index = 0; index < count; index++) {
      const mask = masks[index] ?? 0;
      const added = maskHalf.changes(mask) & maskHalf.categories(mask);
      for (let bit = 0; added >>> bit !== 0; bit++) {
        if ((added & (1 << bit)) !== 0) counts[bit] = (counts[bit] ?? 0) + 1;
      }
    }
  }
  return counts;
}

function littleEndian(masks: Uint32Array, count: number): Buffer {
  const bytes = Buffer.alloc(count * 4);
  for (let index = 0; index < count; index++) bytes.writeUInt32LE(masks[index] ?? 0, index * 4);
  return bytes;
}
