import { SHORTEST_KEY } from '@khien/shared/list';
import { type DataType, dataType, type NamedSet } from 'node-nftables';
import { DNS_TABLE } from '../layout.ts';
import { answerOf } from './second-reading.ts';

/**
 * The longest names that have a map, in wire format. Longer ones are undecided: few are asked for, and each length more is a
 * rule more by which every name of a map is checked as it is loaded.
 */
export const LONGEST_KEY = 64;
/** Wire lengths that have a map, ascending. */
export const nameLengths: readonly number[] = Array.from(
  { length: LONGEST_KEY - SHORTEST_KEY + 1 },
  (_, index) => SHORTEST_KEY + index,
);

// One bitwise of nft prints 16 bytes.
const REGISTER_GROUP = 16;

/**
 * Length of a key in the map for names of a wire length. Keys longer than one register group are printed by nft as
 * concatenations, whose fields are multiples of four bytes: the kernel fills the last register with zeros.
 */
export function keyLengthFor(wireLength: number): number {
  return wireLength > REGISTER_GROUP ? (wireLength + 3) & ~3 : wireLength;
}

export const dnsTable = { family: 'inet', name: DNS_TABLE } as const;

const answer: DataType = dataType.mark;

/** The map from names of one wire length to the classifier's answer. */
export function nameMap(wireLength: number, size: number): NamedSet {
  return {
    table: dnsTable,
    name: nameOfMap(wireLength),
    key: dataType.integer(keyLengthFor(wireLength)),
    data: answer,
    size,
  };
}

export function nameOfMap(wireLength: number): string {
  return `q${wireLength}`;
}

/** Where a name's key (as `keyOf` makes it, of a name that has a map) goes in the kernel, with the answer for it. */
export function placed(key: Buffer, mask: number): { wireLength: number; key: Buffer; mask: number } {
  const padded = Buffer.alloc(keyLengthFor(key.length));
  key.copy(padded);
  return { wireLength: key.length, key: padded, mask: answerOf(key, 0, key.length, mask) };
}

/** Categories are told by listed names themselves, all of them; what else an own name says holds for all below it. */
const HEIRLOOM = 0xffff_0000;

/**
 * The answer for a listed name (its key in `keys[start, end)`) that is no own name: `listed` is what the lists say of it,
 * `above` the mask of the nearest own name above it.
 */
export function answerBelow(keys: Buffer, start: number, end: number, listed: number, above: number): number {
  return answerOf(keys, start, end, listed | (above & HEIRLOOM));
}
