import type { AttributeWriter } from '../netlink/attribute-writer.ts';
import { Attributes } from '../netlink/attributes.ts';
import { readGenericHeader } from '../netlink/nfnetlink.ts';
import { checkName } from './name.ts';
import { type Family, familyName } from './protocol.ts';
import { commentType, decodeComment, encodeComment } from './userdata.ts';

export interface TableRef {
  readonly family: Family;
  readonly name: string;
}

/**
 * `dormant`: its base chains see no packets. `owner`: only the socket that made it may change it, and it goes with that
 * socket (Linux 5.12). `persist`: an owned table stays when the socket closes (Linux 6.9).
 */
export type TableFlag = 'dormant' | 'owner' | 'persist';

export interface Table extends TableRef {
  readonly flags?: readonly TableFlag[];
  readonly comment?: string;
}

export interface TableInfo extends TableRef {
  readonly handle: number;
  readonly flags: readonly TableFlag[];
  /** Chains, sets and objects in it. */
  readonly use: number;
  readonly comment: string | undefined;
}

const attribute = { name: 1, flags: 2, use: 3, handle: 4, userdata: 6 } as const;
const flagBits: readonly (readonly [TableFlag, number])[] = [
  ['dormant', 1],
  ['owner', 2],
  ['persist', 4],
];

export function writeTable(writer: AttributeWriter, table: Table): void {
  writeTableRef(writer, table);
  if (table.flags !== undefined) {
    writer.u32(
      attribute.flags,
      flagBits.reduce((bits, [name, bit]) => (table.flags?.includes(name) ? bits | bit : bits), 0),
    );
  }
  if (table.comment !== undefined) {
    writer.bytes(attribute.userdata, encodeComment(commentType.table, table.comment));
  }
}

export function writeTableRef(writer: AttributeWriter, table: TableRef): void {
  writer.string(attribute.name, checkName(table.name));
}

export function parseTable(payload: Buffer): TableInfo {
  const header = readGenericHeader(payload);
  const attributes = new Attributes(header.attributes);
  const bits = attributes.u32(attribute.flags) ?? 0;
  return {
    family: familyName(header.family),
    name: attributes.required(attributes.string(attribute.name), 'the name of a table'),
    handle: attributes.u64(attribute.handle) ?? 0,
    flags: flagBits.filter(([, bit]) => (bits & bit) !== 0).map(([name]) => name),
    use: attributes.u32(attribute.use) ?? 0,
    comment: decodeComment(commentType.table, attributes.bytes(attribute.userdata)),
  };
}
