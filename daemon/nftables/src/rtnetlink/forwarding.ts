import { macAddressText } from '../address.ts';
import { Attributes } from '../netlink/attributes.ts';
import { NetlinkError } from '../netlink/error.ts';
import { AF_BRIDGE, messageType, type RouteObject } from './protocol.ts';

/** An entry of a bridge's forwarding database: by which port a machine is reached. */
export interface Forwarding {
  /** Of the port. */
  readonly interfaceIndex: number;
  /** Of the bridge. */
  readonly bridgeIndex: number;
  readonly mac: string;
  /** Milliseconds since a frame of the machine came in. */
  readonly age: number;
}

// struct ndmsg
const HEADER = 12;
const STATE_PERMANENT = 0x80;
const attribute = { linkAddress: 2, times: 3, master: 9 } as const;
const MAC_LENGTH = 6;
// struct nda_cacheinfo: confirmed, used, updated, references; in ticks of USER_HZ, which is 100 everywhere.
const UPDATED = 8;
const TICK = 10;

/** Undefined for what was not learned from a frame (the bridge's own addresses), and other families. Throws EBADMSG. */
export function parseForwarding(payload: Buffer): Forwarding | undefined {
  if (payload.length < HEADER) throw new NetlinkError('EBADMSG', 'malformed netlink reply: no ndmsg');
  if (payload.readUInt8(0) !== AF_BRIDGE) return undefined;
  if ((payload.readUInt16LE(8) & STATE_PERMANENT) !== 0) return undefined;
  const attributes = new Attributes(payload.subarray(HEADER));
  const mac = attributes.bytes(attribute.linkAddress);
  const bridgeIndex = attributes.hostU32(attribute.master);
  const times = attributes.bytes(attribute.times);
  if (mac?.length !== MAC_LENGTH || bridgeIndex === undefined || times === undefined) return undefined;
  if (times.length < UPDATED + 4) return undefined;
  return {
    interfaceIndex: payload.readInt32LE(4),
    bridgeIndex,
    mac: macAddressText(mac),
    age: times.readUInt32LE(UPDATED) * TICK,
  };
}

export const forwardings: RouteObject<Forwarding> = {
  name: 'forwarding database',
  get: messageType.getNeighbour,
  writeDump(writer) {
    const at = writer.reserve(HEADER);
    writer.written[at] = AF_BRIDGE;
  },
  parse: parseForwarding,
  identity: ({ interfaceIndex, mac }) => `${interfaceIndex} ${mac}`,
};
