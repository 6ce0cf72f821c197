import { Attributes } from '../netlink/attributes.ts';
import { NetlinkError } from '../netlink/error.ts';
import { AF_INET, AF_INET6, addressText, messageType, type RouteObject } from './protocol.ts';

/** An address of this machine. */
export interface InterfaceAddress {
  readonly interfaceIndex: number;
  readonly address: string;
  readonly prefixLength: number;
  readonly scope: 'global' | 'link' | 'host' | 'other';
}

// struct ifaddrmsg
const HEADER = 8;
const attribute = { address: 1, local: 2 } as const;

// enum rt_scope_t of linux/rtnetlink.h
const scopes = new Map<number, InterfaceAddress['scope']>([
  [0, 'global'],
  [253, 'link'],
  [254, 'host'],
]);

/** Undefined for families other than IPv4 and IPv6. Throws EBADMSG. */
export function parseInterfaceAddress(payload: Buffer): InterfaceAddress | undefined {
  if (payload.length < HEADER) throw new NetlinkError('EBADMSG', 'malformed netlink reply: no ifaddrmsg');
  const family = payload.readUInt8(0);
  if (family !== AF_INET && family !== AF_INET6) return undefined;
  const attributes = new Attributes(payload.subarray(HEADER));
  // On point-to-point links IFA_ADDRESS is the peer's.
  const address = attributes.bytes(attribute.local) ?? attributes.bytes(attribute.address);
  if (address === undefined) return undefined;
  return {
    interfaceIndex: payload.readUInt32LE(4),
    address: addressText(address, family),
    prefixLength: payload.readUInt8(1),
    scope: scopes.get(payload.readUInt8(3)) ?? 'other',
  };
}

export const addresses: RouteObject<InterfaceAddress> = {
  name: 'addresses',
  get: messageType.getAddress,
  writeDump(writer) {
    writer.reserve(HEADER);
  },
  parse: parseInterfaceAddress,
  identity: ({ interfaceIndex, address, prefixLength }) => `${interfaceIndex} ${address}/${prefixLength}`,
};
