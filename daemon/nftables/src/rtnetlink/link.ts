import { macAddressText } from '../address.ts';
import { Attributes } from '../netlink/attributes.ts';
import { NetlinkError } from '../netlink/error.ts';
import { AF_UNSPEC, messageType, type RouteObject } from './protocol.ts';

/** A network interface. */
export interface Link {
  readonly index: number;
  readonly name: string;
  readonly mac: string | undefined;
  /** The index of the bridge or bond it belongs to. */
  readonly master: number | undefined;
  /** `bridge`, `veth`, `vlan` …; undefined for hardware. */
  readonly kind: string | undefined;
  /** Switched on. */
  readonly up: boolean;
  /** Has carrier. */
  readonly running: boolean;
}

// struct ifinfomsg
const HEADER = 16;
const attribute = { address: 1, name: 3, master: 10, linkInfo: 18, extensionMask: 29 } as const;
const infoAttribute = { kind: 1 } as const;
const MAC_LENGTH = 6;
const RTEXT_FILTER_SKIP_STATS = 1 << 3;
const IFF_UP = 0x1;
const IFF_LOWER_UP = 0x10000;

/** Undefined for what a bridge tells about its ports, which looks like links that come and go. Throws EBADMSG. */
export function parseLink(payload: Buffer): Link | undefined {
  if (payload.length < HEADER) throw new NetlinkError('EBADMSG', 'malformed netlink reply: no ifinfomsg');
  if (payload.readUInt8(0) !== AF_UNSPEC) return undefined;
  const attributes = new Attributes(payload.subarray(HEADER));
  const flags = payload.readUInt32LE(8);
  const mac = attributes.bytes(attribute.address);
  return {
    index: payload.readInt32LE(4),
    name: attributes.required(attributes.string(attribute.name), 'the name of a link'),
    mac: mac?.length === MAC_LENGTH ? macAddressText(mac) : undefined,
    master: attributes.hostU32(attribute.master),
    kind: attributes.nested(attribute.linkInfo)?.string(infoAttribute.kind),
    up: (flags & IFF_UP) !== 0,
    running: (flags & IFF_LOWER_UP) !== 0,
  };
}

export const links: RouteObject<Link> = {
  name: 'links',
  get: messageType.getLink,
  writeDump(writer) {
    writer.reserve(HEADER);
    writer.hostU32(attribute.extensionMask, RTEXT_FILTER_SKIP_STATS);
  },
  parse: parseLink,
  identity: ({ index }) => String(index),
};
