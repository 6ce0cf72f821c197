import { type Expression, expr, type NamedSet, register } from 'node-nftables';
import type { IpVersion } from './packet-match.ts';
import { protocolIs } from './packet-match.ts';
import { COUNTED } from './services-sets.ts';

/** What rules of the table of services ask of a packet, from register 0 on. */

export const r0 = register(0);
/** Behind a MAC, which takes two. */
export const r2 = register(2);

const NFPROTO = { ip: 2, ip6: 10 } as const;
/** Where they are in the fixed headers of RFC 791 and RFC 8200. */
const OFFSET = { ip: { source: 12, destination: 16 }, ip6: { source: 8, destination: 24 } } as const;
const LENGTH = { ip: 4, ip6: 16 } as const;

export function versionIs(version: IpVersion): Expression[] {
  return [expr.meta('nfproto', r0), expr.cmp(r0, 'eq', Buffer.from([NFPROTO[version]]))];
}

export function loadMac(): Expression[] {
  return [expr.payload('link', 6, 6, r0)];
}

export function loadAddress(which: 'source' | 'destination', version: IpVersion, target: number): Expression {
  return expr.payload('network', OFFSET[version][which], LENGTH[version], target);
}

export function addressIn(
  which: 'source' | 'destination',
  version: IpVersion,
  addresses: NamedSet,
  is: 'in' | 'not in' = 'in',
): Expression[] {
  return [
    ...versionIs(version),
    loadAddress(which, version, r0),
    expr.lookup(r0, addresses.name, { inverted: is === 'not in' }),
  ];
}

/** Counts the packet for the key from register 0 on. */
export function count(counters: NamedSet): Expression {
  return expr.dynset('update', r0, counters.name, { timeout: COUNTED, counter: true });
}

/** SYN without ACK, FIN and RST (RFC 9293 §3.1). */
export function beginsConnection(): Expression[] {
  return [
    ...protocolIs('tcp'),
    expr.payload('transport', 13, 1, r0),
    expr.bitwise(r0, r0, Buffer.from([0x17])),
    expr.cmp(r0, 'eq', Buffer.from([0x02])),
  ];
}

export function isNotTcp(): Expression[] {
  return [expr.meta('l4proto', r0), expr.cmp(r0, 'neq', Buffer.from([TCP]))];
}

const TCP = 6;
