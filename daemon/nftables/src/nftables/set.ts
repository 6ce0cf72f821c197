import type { AttributeWriter } from '../netlink/attribute-writer.ts';
import { Attributes } from '../netlink/attributes.ts';
import { readGenericHeader } from '../netlink/nfnetlink.ts';
import type { DataType } from './datatype.ts';
import { writeNamed } from './expressions/named.ts';
import { checkName } from './name.ts';
import { familyName } from './protocol.ts';
import type { TableRef } from './table.ts';
import { commentType, decodeComment, encodeByteOrder, encodeComment } from './userdata.ts';

export interface SetRef {
  readonly table: TableRef;
  readonly name: string;
}

/**
 * `timeout`: elements may expire. `dynamic`: rules may add elements (`dynset`). `constant`: elements cannot change once
 * a rule uses the set.
 */
export type SetFlag = 'constant' | 'timeout' | 'dynamic';

/** A named set or, with `data`, a map. */
export interface NamedSet extends SetRef {
  readonly key: DataType;
  /** What a map has for each key. */
  readonly data?: DataType | 'verdict';
  readonly flags?: readonly SetFlag[];
  /** How many elements it may have; the kernel sizes its hash table by it and refuses more with ENFILE. */
  readonly size?: number;
  /** Milliseconds an element lives when it does not say itself; needs the flag `timeout`. */
  readonly timeout?: number;
  /** Every element counts the packets that match it. Needs Linux 5.7 where no rule adds the elements. */
  readonly counter?: boolean;
  readonly comment?: string;
}

export interface SetInfo extends SetRef {
  readonly handle: number;
  readonly key: DataType;
  readonly data: DataType | 'verdict' | undefined;
  readonly flags: readonly SetFlag[];
  readonly size: number | undefined;
  readonly timeout: number | undefined;
  readonly comment: string | undefined;
}

const attribute = {
  table: 1,
  name: 2,
  flags: 3,
  keyType: 4,
  keyLength: 5,
  dataType: 6,
  dataLength: 7,
  description: 9,
  id: 10,
  timeout: 11,
  userdata: 13,
  handle: 16,
  expression: 17,
} as const;
const descriptionAttribute = { size: 1 } as const;

const NOTHING = Buffer.alloc(0);
const NFT_SET_MAP = 0x8;
const NFT_DATA_VERDICT = 0xffff_ff00;
const flagBits: readonly (readonly [SetFlag, number])[] = [
  ['constant', 0x2],
  ['timeout', 0x10],
  ['dynamic', 0x20],
];

/** `id` tells the sets of one transaction apart. */
export function writeSet(writer: AttributeWriter, set: NamedSet, id: number): void {
  const flags = flagBits.reduce((bits, [name, bit]) => (set.flags?.includes(name) ? bits | bit : bits), 0);
  writeSetRef(writer, set);
  writer.u32(attribute.flags, set.data === undefined ? flags : flags | NFT_SET_MAP);
  writer.u32(attribute.keyType, set.key.id);
  writer.u32(attribute.keyLength, set.key.length);
  if (set.data !== undefined) {
    const data = set.data === 'verdict' ? { id: NFT_DATA_VERDICT, length: 0 } : set.data;
    writer.u32(attribute.dataType, data.id);
    writer.u32(attribute.dataLength, data.length);
  }
  const { size, timeout } = set;
  if (size !== undefined)
    writer.nest(attribute.description, () => writer.u32(descriptionAttribute.size, size));
  writer.u32(attribute.id, id);
  if (timeout !== undefined) writer.u64(attribute.timeout, timeout);
  writer.bytes(attribute.userdata, encodeUserdata(set));
  if (set.counter === true) writer.nest(attribute.expression, () => writeNamed(writer, 'counter'));
}

function encodeUserdata({ key, data, comment }: NamedSet): Buffer {
  return Buffer.concat([
    encodeByteOrder('key', key.byteOrder),
    data === undefined || data === 'verdict' ? NOTHING : encodeByteOrder('data', data.byteOrder),
    comment === undefined ? NOTHING : encodeComment(commentType.set, comment),
  ]);
}

export function writeSetRef(writer: AttributeWriter, set: SetRef): void {
  writer.string(attribute.table, checkName(set.table.name));
  writer.string(attribute.name, checkName(set.name));
}

/** Limits a dump of sets to one table. */
export function writeSetsOf(writer: AttributeWriter, table: TableRef): void {
  writer.string(attribute.table, checkName(table.name));
}

export function parseSet(payload: Buffer): SetInfo {
  const header = readGenericHeader(payload);
  const attributes = new Attributes(header.attributes);
  const bits = attributes.u32(attribute.flags) ?? 0;
  return {
    table: {
      family: familyName(header.family),
      name: attributes.required(attributes.string(attribute.table), 'the table of a set'),
    },
    name: attributes.required(attributes.string(attribute.name), 'the name of a set'),
    handle: attributes.u64(attribute.handle) ?? 0,
    key: { id: attributes.u32(attribute.keyType) ?? 0, length: attributes.u32(attribute.keyLength) ?? 0 },
    data: (bits & NFT_SET_MAP) === 0 ? undefined : parseData(attributes),
    flags: flagBits.filter(([, bit]) => (bits & bit) !== 0).map(([name]) => name),
    size: attributes.nested(attribute.description)?.u32(descriptionAttribute.size),
    timeout: attributes.u64(attribute.timeout),
    comment: decodeComment(commentType.set, attributes.bytes(attribute.userdata)),
  };
}

function parseData(attributes: Attributes): DataType | 'verdict' {
  const id = attributes.u32(attribute.dataType) ?? 0;
  return id === NFT_DATA_VERDICT ? 'verdict' : { id, length: attributes.u32(attribute.dataLength) ?? 0 };
}
