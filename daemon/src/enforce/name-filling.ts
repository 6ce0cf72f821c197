import type { Nftables, PackedElements } from 'node-nftables';
import { addClassifierMaps, classifierRules } from './classifier.ts';
import type { HeldNames } from './held.ts';
import { LONGEST_KEY, nameLengths, nameMap } from './name-map.ts';
import { type NameBlock, NameTable } from './name-table.ts';
import { Turns } from './turns.ts';

/**
 * A transaction of rules takes about so many bytes: little enough that a policy need not wait long for its turn, and that it
 * fits a socket with the kernel's default limits.
 */
const RULES_AT_ONCE = 16_000;
/** Entries that a map has room for beside those of the lists, for a family's own names. */
const SPARE = 128;

/**
 * Makes the classifier's maps and rules in a table that has neither yet, and fills the maps. Resolves with how many names
 * that were. Rules come first: binding a map to a rule walks all its elements.
 *
 * @throws NetlinkError; KhienError `LIST_CORRUPT`; the signal's reason
 */
export async function fillMaps(nft: Nftables, names: HeldNames, signal: AbortSignal): Promise<number> {
  const turns = new Turns();
  const table = new NameTable(names.names, names.lists, names.listMask);
  const counts = table.ownCounts();
  const { lists, listMask, roomForAll } = names;
  for (const { keyLength, count } of roomForAll ? lists.entries() : lists.chunks(listMask)) {
    if (keyLength > LONGEST_KEY) break;
    await turns.give();
    signal.throwIfAborted();
    counts.set(keyLength, (counts.get(keyLength) ?? 0) + count);
  }
  await addProgram(nft, sizesFor(counts), signal);
  return addNames(nft, table.blocks(), turns, signal);
}

async function addProgram(
  nft: Nftables,
  sizes: ReadonlyMap<number, number>,
  signal: AbortSignal,
): Promise<void> {
  let transaction = nft.transaction();
  addClassifierMaps(transaction, sizes);
  for (const rule of classifierRules()) {
    transaction.addRule(rule);
    if (transaction.byteLength < RULES_AT_ONCE) continue;
    await transaction.commit();
    signal.throwIfAborted();
    transaction = nft.transaction();
  }
  await transaction.commit();
}

async function addNames(
  nft: Nftables,
  blocks: Generator<NameBlock>,
  turns: Turns,
  signal: AbortSignal,
): Promise<number> {
  let total = 0;
  let next = blocks.next();
  while (next.done !== true) {
    const { wireLength } = next.value;
    total += await nft.addPacked(nameMap(wireLength, 0), ofLength(wireLength));
  }
  return total;

  async function* ofLength(wireLength: number): AsyncGenerator<PackedElements> {
    while (next.done !== true && next.value.wireLength === wireLength) {
      const { keys, masks, count } = next.value;
      yield { keys, values: masks, count };
      await turns.give();
      signal.throwIfAborted();
      next = blocks.next();
    }
  }
}

/**
 * How large to make the maps, by wire length. The kernel gives a map a power of two of buckets, at least 4/3 of its size,
 * and refuses more entries than the size: so each is made as large as its buckets allow, a tenth and more above what it
 * gets, for lists grow.
 */
export function sizesFor(counts: ReadonlyMap<number, number>): Map<number, number> {
  return new Map(
    nameLengths.map((length) => {
      const wanted = Math.ceil((counts.get(length) ?? 0) * 1.1) + SPARE;
      return [length, (bucketsFor(wanted) * 3) / 4];
    }),
  );
}

/** Buckets of a hash set with a size (nft_hash_buckets in the kernel's nft_set_hash.c). */
export function bucketsFor(size: number): number {
  return 2 ** Math.ceil(Math.log2((size * 4) / 3));
}
