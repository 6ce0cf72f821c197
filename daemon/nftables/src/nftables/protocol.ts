import { type AttributeWriter, align } from '../netlink/attribute-writer.ts';
import { NetlinkError } from '../netlink/error.ts';

/** Subsystem numbers and message types of linux/netfilter/nfnetlink.h and nf_tables.h. */
const NFNL_SUBSYS_NFTABLES = 10;

export const messageType = {
  newTable: 0,
  getTable: 1,
  deleteTable: 2,
  newChain: 3,
  getChain: 4,
  deleteChain: 5,
  newRule: 6,
  getRule: 7,
  deleteRule: 8,
  newSet: 9,
  getSet: 10,
  deleteSet: 11,
  newElements: 12,
  getElements: 13,
  deleteElements: 14,
  newGeneration: 15,
  getGeneration: 16,
} as const;

export const batchBegin = 0x10;
export const batchEnd = 0x11;

export function nftablesType(type: number): number {
  return (NFNL_SUBSYS_NFTABLES << 8) | type;
}

/** Protocol families of linux/netfilter.h, by the names that nft gives them. */
const families = { inet: 1, ip: 2, arp: 3, netdev: 5, bridge: 7, ip6: 10 } as const;

export type Family = keyof typeof families;

export const familyNumber = (family: Family): number => families[family];

const namesOfFamilies = new Map<number, Family>(
  Object.entries(families).map(([name, number]) => [number, name as Family]),
);

/** Throws EBADMSG for a family this package does not know. */
export function familyName(number: number): Family {
  const name = namesOfFamilies.get(number);
  if (name === undefined) throw new NetlinkError('EBADMSG', `malformed netlink reply: family ${number}`);
  return name;
}

const GENERIC_HEADER = 4;

/** struct nfgenmsg: the header of every nfnetlink message. */
export function writeGenericHeader(writer: AttributeWriter, family: number, resource = 0): void {
  const at = writer.reserve(GENERIC_HEADER);
  writer.written.writeUInt8(family, at);
  writer.written.writeUInt16BE(resource, at + 2);
}

/** Splits an nfnetlink payload into its family and its attributes. Throws EBADMSG. */
export function readGenericHeader(payload: Buffer): { family: number; attributes: Buffer } {
  if (payload.length < GENERIC_HEADER)
    throw new NetlinkError('EBADMSG', 'malformed netlink reply: no nfgenmsg');
  return { family: payload.readUInt8(0), attributes: payload.subarray(align(GENERIC_HEADER)) };
}
