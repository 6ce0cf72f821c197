import type { AttributeWriter } from '../../netlink/attribute-writer.ts';
import { NetlinkError } from '../../netlink/error.ts';
import { checkName } from '../name.ts';
import { verdictRegister } from '../register.ts';
import { writeData } from './data.ts';

// enum nft_cmp_ops
const operators = { eq: 0, neq: 1, lt: 2, lte: 3, gt: 4, gte: 5 } as const;

export interface Cmp {
  readonly kind: 'cmp';
  readonly register: number;
  readonly operator: keyof typeof operators;
  readonly value: Uint8Array;
}

export interface Range {
  readonly kind: 'range';
  readonly register: number;
  readonly operator: 'eq' | 'neq';
  readonly from: Uint8Array;
  readonly to: Uint8Array;
}

export interface Lookup {
  readonly kind: 'lookup';
  readonly set: string;
  /** Holds the key, in as many registers as it is long. */
  readonly register: number;
  /** Where a map leaves its data; absent for a set. */
  readonly target: number | undefined;
  /** Matches when the key is not in the set. */
  readonly inverted: boolean;
}

const cmpAttribute = { source: 1, operator: 2, data: 3 } as const;
const rangeAttribute = { source: 1, operator: 2, from: 3, to: 4 } as const;
const lookupAttribute = { set: 1, source: 2, target: 3, flags: 5 } as const;
const NFT_LOOKUP_F_INV = 1;

/** Ends the rule unless the register compares so with the value, byte by byte (big endian for lt … gte). */
export function cmp(register: number, operator: Cmp['operator'], value: Uint8Array): Cmp {
  return { kind: 'cmp', register, operator, value };
}

/** Ends the rule unless from ≤ register ≤ to, or with `neq` if so. Throws EINVAL when the lengths differ. */
export function range(
  register: number,
  operator: Range['operator'],
  from: Uint8Array,
  to: Uint8Array,
): Range {
  if (from.length !== to.length) throw new NetlinkError('EINVAL', 'the ends of a range differ in length');
  return { kind: 'range', register, operator, from, to };
}

/** Ends the rule unless the register's value is in the set, or with `inverted` if it is. */
export function lookup(register: number, set: string, options: { readonly inverted?: boolean } = {}): Lookup {
  return { kind: 'lookup', register, set, target: undefined, inverted: options.inverted ?? false };
}

/** Loads what the map has for the register's value; ends the rule when it has nothing. */
export function lookupMap(register: number, map: string, target: number): Lookup {
  return { kind: 'lookup', register, set: map, target, inverted: false };
}

/** Decides by a verdict map; goes on with the next rule when it has nothing. */
export function lookupVerdict(register: number, map: string): Lookup {
  return lookupMap(register, map, verdictRegister);
}

export function writeCmp(writer: AttributeWriter, { register, operator, value }: Cmp): void {
  writer.u32(cmpAttribute.source, register);
  writer.u32(cmpAttribute.operator, operators[operator]);
  writeData(writer, cmpAttribute.data, value);
}

export function writeRange(writer: AttributeWriter, { register, operator, from, to }: Range): void {
  writer.u32(rangeAttribute.source, register);
  writer.u32(rangeAttribute.operator, operators[operator]);
  writeData(writer, rangeAttribute.from, from);
  writeData(writer, rangeAttribute.to, to);
}

export function writeLookup(writer: AttributeWriter, { register, set, target, inverted }: Lookup): void {
  writer.string(lookupAttribute.set, checkName(set));
  writer.u32(lookupAttribute.source, register);
  if (target !== undefined) writer.u32(lookupAttribute.target, target);
  if (inverted) writer.u32(lookupAttribute.flags, NFT_LOOKUP_F_INV);
}
