import { isIPv4 } from 'node:net';

/** An address as sockets give it, in the form that devices are known by: without zone index, IPv4 not mapped into IPv6. */
export function plainAddress(address: string): string {
  if (!address.includes(':')) return address;
  const zone = address.indexOf('%');
  const bare = zone === -1 ? address : address.slice(0, zone);
  if (!bare.startsWith('::ffff:')) return bare;
  const mapped = bare.slice(7);
  return isIPv4(mapped) ? mapped : bare;
}

/** The bytes of an address, as they are in a record. */
export function addressBytes(address: string): Buffer {
  if (isIPv4(address)) return Buffer.from(address.split('.').map(Number));
  const [head = '', tail] = plainAddress(address).split('::');
  const front = groupsOf(head);
  const back = groupsOf(tail ?? '');
  const gap = Array.from({ length: 8 - front.length - back.length }, () => 0);
  return Buffer.from([...front, ...gap, ...back].flatMap((group) => [group >> 8, group & 0xff]));
}

function groupsOf(text: string): number[] {
  return text === '' ? [] : text.split(':').map((group) => Number.parseInt(group, 16));
}
