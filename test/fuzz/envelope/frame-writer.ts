import { isIPv4 } from 'node:net';

/** Writes Ethernet frames with IPv4 or IPv6 and UDP in them, also such as nobody should. */

export const PROTOCOL = {
  hopByHop: 0,
  udp: 17,
  routing: 43,
  fragment: 44,

  destination: 60,
} as const;
const ETHER_TYPE = { ip: 0x0800, ip6: 0x86dd, vlan: 0x8100 } as const;
const IP_HEADER = 20;

export interface Ends {
  readonly sourceMac: Buffer;
  readonly destinationMac: Buffer;
  readonly source: string;
  readonly destination: string;
}

export interface UdpFields {
  readonly sourcePort: number;
  readonly destinationPort: number;
  /** Where it is not what the payload makes it. */
  readonly length?: number;
  /** `none` writes 0, `wrong` another than the right one. */
  readonly checksum?: 'none' | 'wrong';
}

/** A UDP datagram with its checksum (RFC 768; RFC 8200 §8.1), as far as its length field says. */
export function udp(ends: Ends, fields: UdpFields, payload: Buffer): Buffer {
  const datagram = Buffer.concat([Buffer.alloc(8), payload]);
  const length = fields.length ?? datagram.length;
  datagram.writeUInt16BE(fields.sourcePort, 0);
  datagram.writeUInt16BE(fields.destinationPort, 2);
  datagram.writeUInt16BE(length & 0xffff, 4);
  if (fields.checksum === 'none') return datagram;
  const pseudo = Buffer.alloc(4);
  pseudo.writeUInt16BE(PROTOCOL.udp, 0);
  pseudo.writeUInt16BE(length & 0xffff, 2);
  const covered = [
    addressBytes(ends.source),
    addressBytes(ends.destination),
    pseudo,
    datagram.subarray(0, length),
  ];
  const right = checksum(Buffer.concat(covered)) || 0xffff;
  const wrong = right === 0x1234 ? 0x4321 : 0x1234;
  datagram.writeUInt16BE(fields.checksum === 'wrong' ? wrong : right, 6);
  return datagram;
}

export interface IpFields {
  readonly timeToLive?: number;
  /** DSCP and ECN. */
  readonly trafficClass?: number;
  /** IPv4: of fragments, with the flags in front. */
  readonly id?: number;
  readonly flagsAndOffset?: number;
  /** IPv4, a multiple of four bytes. */
  readonly options?: Buffer;
  readonly badChecksum?: boolean;
  /** IPv6: extension headers, chained (RFC 8200 §4.1), and the number of the first. */
  readonly extensions?: readonly Extension[];
  readonly flowLabel?: number;
  /** Behind the packet's end, as Ethernet pads. */
  readonly padding?: Buffer;
  /** Tag control information of IEEE 802.1Q tags, the outer first: priority and VLAN. */
  readonly tags?: readonly number[];
}

export interface Extension {
  readonly protocol: number;
  /** The whole header; its first byte is overwritten with what follows. */
  readonly bytes: Buffer;
  /** What follows, where it is not the next of the headers or UDP. */
  readonly next?: number;
}

/** The whole frame around what `udp` writes or a part of it. */
export function frame(ends: Ends, fields: IpFields, transport: Buffer): Buffer {
  const version = isIPv4(ends.source) ? 'ip' : 'ip6';
  const types = [...(fields.tags ?? []).flatMap((tag) => [ETHER_TYPE.vlan, tag]), ETHER_TYPE[version]];
  const type = Buffer.alloc(2 * types.length);
  for (const [index, value] of types.entries()) type.writeUInt16BE(value, 2 * index);
  const packet = version === 'ip' ? ipv4(ends, fields, transport) : ipv6(ends, fields, transport);
  const padding = fields.padding ?? Buffer.alloc(0);
  return Buffer.concat([ends.destinationMac, ends.sourceMac, type, packet, padding]);
}

function ipv4(ends: Ends, fields: IpFields, transport: Buffer): Buffer {
  const { timeToLive = 64, trafficClass = 0, id = 0, flagsAndOffset = 0, options = Buffer.alloc(0) } = fields;
  const header = Buffer.alloc(IP_HEADER + options.length);
  header[0] = 0x40 | (header.length / 4);
  header[1] = trafficClass;
  header.writeUInt16BE(header.length + transport.length, 2);
  header.writeUInt16BE(id, 4);
  header.writeUInt16BE(flagsAndOffset, 6);
  header[8] = timeToLive;
  header[9] = PROTOCOL.udp;
  addressBytes(ends.source).copy(header, 12);
  addressBytes(ends.destination).copy(header, 16);
  options.copy(header, IP_HEADER);
  header.writeUInt16BE(checksum(header) ^ (fields.badChecksum ? 0x5555 : 0), 10);
  return Buffer.concat([header, transport]);
}

function ipv6(ends: Ends, fields: IpFields, transport: Buffer): Buffer {
  const { timeToLive = 64, trafficClass = 0, flowLabel = 0, extensions = [] } = fields;
  const chain = extensions.map(({ bytes, next }, index) => {
    const copy = Buffer.from(bytes);
    copy[0] = next ?? extensions[index + 1]?.protocol ?? PROTOCOL.udp;
    return copy;
  });
  const payload = Buffer.concat([...chain, transport]);
  const header = Buffer.alloc(40);
  header.writeUInt32BE(((0x6000_0000 | (trafficClass << 20)) >>> 0) + (flowLabel & 0xfffff), 0);
  header.writeUInt16BE(payload.length, 4);
  header[6] = extensions[0]?.protocol ?? PROTOCOL.udp;
  header[7] = timeToLive;
  addressBytes(ends.source).copy(header, 8);
  addressBytes(ends.destination).copy(header, 24);
  return Buffer.concat([header, payload]);
}

/** The ones' complement of RFC 1071. */
export function checksum(bytes: Buffer): number {
  let sum = 0;
  for (let at = 0; at + 1 < bytes.length; at += 2) sum += bytes.readUInt16BE(at);
  if (bytes.length % 2 === 1) sum += (bytes[bytes.length - 1] ?? 0) << 8;
  while (sum > 0xffff) sum = (sum & 0xffff) + (sum >>> 16);
  return ~sum & 0xffff;
}

const known = new Map<string, Buffer>();

/** The 4 or 16 bytes of an address. */
export function addressBytes(text: string): Buffer {
  let bytes = known.get(text);
  if (bytes === undefined) {
    bytes = isIPv4(text) ? Buffer.from(text.split('.').map(Number)) : ipv6Bytes(text);
    known.set(text, bytes);
  }
  return bytes;
}

function ipv6Bytes(text: string): Buffer {
  const [left = '', right] = text.split('::');
  const groups = (part: string) => (part === '' ? [] : part.split(':'));
  const missing = 8 - groups(left).length - groups(right ?? '').length;
  const all = [
    ...groups(left),
    ...Array<string>(right === undefined ? 0 : missing).fill('0'),
    ...groups(right ?? ''),
  ];
  return Buffer.from(all.map((group) => group.padStart(4, '0')).join(''), 'hex');
}

export function macBytes(text: string): Buffer {
  return Buffer.from(text.replaceAll(':', ''), 'hex');
}
