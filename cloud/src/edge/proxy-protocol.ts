import type { Socket } from 'node:net';
import { take } from './take.ts';

/** haproxy.org/download/2.6/doc/proxy-protocol.txt §2.2 */
const SIGNATURE = Buffer.from('0d0a0d0a000d0a515549540a', 'hex');
const HEAD = 16;
/** Of addresses and what else a load balancer may say; far more than any does. */
const LONGEST = 1024;
const [LOCAL, PROXIED] = [0x20, 0x21];
const [TCP4, TCP6] = [0x11, 0x21];
/** ::ffff:0:0/96, an IPv4 address in IPv6's clothes (RFC 4291 §2.5.5.2). */
const MAPPED = Buffer.from('00000000000000000000ffff', 'hex');

/** Who a load balancer speaks for; null where it speaks for itself, as when it looks whether a node is there. */
type Source = string | null;

/** How long what follows the head is, bytes; undefined where this is no head of version 2. */
export function bodyLength(head: Buffer): number | undefined {
  const command = head[12];
  const isHead = head.subarray(0, 12).equals(SIGNATURE) && (command === LOCAL || command === PROXIED);
  const length = head.readUInt16BE(14);
  return isHead && length <= LONGEST ? length : undefined;
}

/** Undefined where the header is none. */
export function sourceOf(head: Buffer, body: Buffer): Source | undefined {
  if (head[12] === LOCAL) return null;
  const family = head[13];
  if (family === TCP4 && body.length >= 12) return v4(body.subarray(0, 4));
  if (family !== TCP6 || body.length < 36) return undefined;
  const address = body.subarray(0, 16);
  if (address.subarray(0, 12).equals(MAPPED)) return v4(address.subarray(12));
  return [0, 2, 4, 6, 8, 10, 12, 14].map((at) => address.readUInt16BE(at).toString(16)).join(':');
}

function v4(bytes: Buffer): string {
  return [...bytes].join('.');
}

/**
 * Takes the header of the PROXY protocol, version 2, off a connection of a load balancer. What follows stays to be read.
 * Resolves with undefined where there is none; not at all where the connection ends before.
 */
export function readSource(socket: Socket): Promise<Source | undefined> {
  return new Promise((resolve) => {
    let head: Buffer | null = null;
    const end = (source: Source | undefined): void => {
      socket.off('readable', read);
      resolve(source);
    };
    const read = (): void => {
      head ??= take(socket, HEAD);
      if (head === null) return;
      const length = bodyLength(head);
      if (length === undefined) {
        end(undefined);
        return;
      }
      const body = length === 0 ? Buffer.alloc(0) : take(socket, length);
      if (body !== null) end(sourceOf(head, body));
    };
    socket.on('readable', read);
  });
}
