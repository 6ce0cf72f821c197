import type { AttributeWriter } from '../netlink/attribute-writer.ts';

const NFNL_SUBSYS_CTNETLINK = 1;
const IPCTNL_MSG_CT_GET = 1;
const IPCTNL_MSG_CT_DELETE = 2;

/** Message types of linux/netfilter/nfnetlink_conntrack.h. */
export const messageType = {
  get: (NFNL_SUBSYS_CTNETLINK << 8) | IPCTNL_MSG_CT_GET,
  delete: (NFNL_SUBSYS_CTNETLINK << 8) | IPCTNL_MSG_CT_DELETE,
} as const;

// enum ctattr_type, ctattr_tuple, ctattr_filter
export const attribute = { original: 1, reply: 2, id: 12, zone: 18, filter: 25 } as const;
export const tupleAttribute = { ip: 1 } as const;
export const filterAttribute = { originalFlags: 1, replyFlags: 2 } as const;

const AF_INET = 2;
const AF_INET6 = 10;
// enum ctattr_ip
export const CTA_IP_V4_SRC = 1;
export const CTA_IP_V6_SRC = 3;
export const IPV4_LENGTH = 4;
export const IPV6_LENGTH = 16;

export function familyOf(address: Buffer): number {
  return address.length === IPV4_LENGTH ? AF_INET : AF_INET6;
}

/** The attribute that holds a source address of this family. */
export function sourceOf(address: Buffer): number {
  return address.length === IPV4_LENGTH ? CTA_IP_V4_SRC : CTA_IP_V6_SRC;
}

/** A tuple with a source address and nothing else. */
export function writeSourceTuple(writer: AttributeWriter, type: number, address: Buffer): void {
  writer.nest(type, () => writer.nest(tupleAttribute.ip, () => writer.bytes(sourceOf(address), address)));
}
