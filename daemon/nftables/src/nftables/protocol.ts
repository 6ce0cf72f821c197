import type { AttributeWriter } from '../netlink/attribute-writer.ts';
import { NetlinkError } from '../netlink/error.ts';
import { writeMessage } from '../netlink/message.ts';
import { writeGenericHeader } from '../netlink/nfnetlink.ts';

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
  getGeneration: 16,
} as const;

const NFNL_MSG_BATCH_BEGIN = 0x10;
const NFNL_MSG_BATCH_END = 0x11;

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

export function writeBatchBegin(writer: AttributeWriter): void {
  writeMessage(writer, NFNL_MSG_BATCH_BEGIN, 0, () => writeGenericHeader(writer, 0, NFNL_SUBSYS_NFTABLES));
}

export function writeBatchEnd(writer: AttributeWriter): void {
  writeMessage(writer, NFNL_MSG_BATCH_END, 0, () => writeGenericHeader(writer, 0, NFNL_SUBSYS_NFTABLES));
}
