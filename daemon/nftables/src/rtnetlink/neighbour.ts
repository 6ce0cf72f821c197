import { macAddressText } from '../address.ts';
import { Attributes } from '../netlink/attributes.ts';
import { NetlinkError } from '../netlink/error.ts';
import { AF_INET, AF_INET6, addressText, messageType, type RouteObject } from './protocol.ts';

/** Neighbour unreachability detection states (RFC 4861, 7.3.2; linux/neighbour.h). */
export type NeighbourState =
  | 'incomplete'
  | 'reachable'
  | 'stale'
  | 'delay'
  | 'probe'
  | 'failed'
  | 'noarp'
  | 'permanent'
  | 'none';

/** An entry of the ARP or neighbour-discovery table. */
export interface Neighbour {
  readonly interfaceIndex: number;
  readonly address: string;
  /** Unknown while `incomplete` or `failed`. */
  readonly mac: string | undefined;
  readonly state: NeighbourState;
}

// struct ndmsg
const HEADER = 12;
const attribute = { address: 1, linkAddress: 2 } as const;
const MAC_LENGTH = 6;

const states = new Map<number, NeighbourState>([
  [0x01, 'incomplete'],
  [0x02, 'reachable'],
  [0x04, 'stale'],
  [0x08, 'delay'],
  [0x10, 'probe'],
  [0x20, 'failed'],
  [0x40, 'noarp'],
  [0x80, 'permanent'],
]);

/** Undefined for entries of bridges (the forwarding database) and other families. Throws EBADMSG. */
export function parseNeighbour(payload: Buffer): Neighbour | undefined {
  if (payload.length < HEADER) throw new NetlinkError('EBADMSG', 'malformed netlink reply: no ndmsg');
  const family = payload.readUInt8(0);
  if (family !== AF_INET && family !== AF_INET6) return undefined;
  const attributes = new Attributes(payload.subarray(HEADER));
  const address = attributes.bytes(attribute.address);
  const mac = attributes.bytes(attribute.linkAddress);
  if (address === undefined) return undefined;
  return {
    interfaceIndex: payload.readInt32LE(4),
    address: addressText(address, family),
    mac: mac?.length === MAC_LENGTH ? macAddressText(mac) : undefined,
    state: states.get(payload.readUInt16LE(8)) ?? 'none',
  };
}

export const neighbours: RouteObject<Neighbour> = {
  name: 'neighbours',
  get: messageType.getNeighbour,
  writeDump(writer) {
    writer.reserve(HEADER);
  },
  parse: parseNeighbour,
  identity: ({ interfaceIndex, address }) => `${interfaceIndex} ${address}`,
};
