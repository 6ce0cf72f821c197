import { isIPv4, isIPv6 } from 'node:net';
import { NetlinkError } from './netlink/error.ts';

const IPV4_LENGTH = 4;
const IPV6_LENGTH = 16;
const IFNAMSIZ = 16;

/** `02:00:5e:10:00:01` → 6 bytes. Throws EINVAL. */
export function macAddress(text: string): Buffer {
  if (!/^[0-9a-f]{2}(:[0-9a-f]{2}){5}$/i.test(text)) throw invalid('a MAC address', text);
  return Buffer.from(text.replaceAll(':', ''), 'hex');
}

/** 6 bytes → lower-case text. */
export function macAddressText(bytes: Uint8Array): string {
  return Array.from(bytes, (byte) => byte.toString(16).padStart(2, '0')).join(':');
}

/** IPv4 → 4 bytes, IPv6 → 16 bytes. Zones (`%eth0`) are refused. Throws EINVAL. */
export function ipAddress(text: string): Buffer {
  if (isIPv4(text)) return Buffer.from(text.split('.').map(Number));
  if (isIPv6(text) && !text.includes('%')) return ipv6Bytes(text);
  throw invalid('an IP address', text);
}

/** 4 or 16 bytes → text, IPv6 as RFC 5952 writes it. Throws EINVAL for another length. */
export function ipAddressText(bytes: Uint8Array): string {
  if (bytes.length === IPV4_LENGTH) return bytes.join('.');
  if (bytes.length !== IPV6_LENGTH) throw invalid('an IP address', `${bytes.length} bytes`);
  const view = Buffer.from(bytes.buffer, bytes.byteOffset, bytes.length);
  const groups = Array.from({ length: 8 }, (_, index) => view.readUInt16BE(index * 2));
  const text = groups.map((group) => group.toString(16));
  const zeros = longestZeros(groups);
  if (zeros.length < 2) return text.join(':');
  return `${text.slice(0, zeros.start).join(':')}::${text.slice(zeros.start + zeros.length).join(':')}`;
}

/** An interface name as the key of a set or the value of `meta('iifname')`: 16 bytes. Throws EINVAL. */
export function interfaceName(name: string): Buffer {
  const bytes = Buffer.alloc(IFNAMSIZ);
  if (name === '' || Buffer.byteLength(name) >= IFNAMSIZ || name.includes('\0')) {
    throw invalid('an interface name', name);
  }
  bytes.write(name);
  return bytes;
}

/** A 32-bit value in host order, as marks and priorities are. All supported machines are little endian. */
export function hostU32(value: number): Buffer {
  const bytes = Buffer.alloc(4);
  bytes.writeUInt32LE(value >>> 0);
  return bytes;
}

/** A 16-bit value in network order: a port. */
export function networkU16(value: number): Buffer {
  const bytes = Buffer.alloc(2);
  bytes.writeUInt16BE(value);
  return bytes;
}

function ipv6Bytes(text: string): Buffer {
  const embedded = /^(.*:)(\d+\.\d+\.\d+\.\d+)$/.exec(text);
  const [, prefix, ipv4] = embedded ?? [];
  const tail =
    ipv4 === undefined
      ? ''
      : ipAddress(ipv4)
          .toString('hex')
          .replace(/^(.{4})/, '$1:');
  const [head = '', rest] = (prefix === undefined ? text : prefix + tail).split('::');
  const before = groupsOf(head);
  const after = groupsOf(rest ?? '');
  const zeros = Array<string>(8 - before.length - after.length).fill('0');
  return Buffer.from([...before, ...zeros, ...after].map((group) => group.padStart(4, '0')).join(''), 'hex');
}

function groupsOf(text: string): string[] {
  return text === '' ? [] : text.split(':');
}

/** The first of the longest runs of zero groups (RFC 5952, 4.2). */
function longestZeros(groups: readonly number[]): { start: number; length: number } {
  let longest = { start: 0, length: 0 };
  let length = 0;
  groups.forEach((group, index) => {
    length = group === 0 ? length + 1 : 0;
    if (length > longest.length) longest = { start: index + 1 - length, length };
  });
  return longest;
}

function invalid(what: string, value: string): NetlinkError {
  return new NetlinkError('EINVAL', `not ${what}: ${JSON.stringify(value.slice(0, 64))}`);
}
