import { type Expression, expr, hostU32, ipAddress, networkU16, register } from 'node-nftables';

/** What rules ask of a packet. Each uses register 0, unless it says otherwise, and ends the rule where it does not hold. */

const r0 = register(0);
const PROTOCOL = { icmp: 1, tcp: 6, udp: 17, icmpv6: 58 } as const;
const NFPROTO = { ip: 2, ip6: 10 } as const;
const ETHER_TYPE = {
  ip: Buffer.from('0800', 'hex'),
  arp: Buffer.from('0806', 'hex'),
  ip6: Buffer.from('86dd', 'hex'),
};

export type Transport = keyof typeof PROTOCOL;
export type IpVersion = keyof typeof NFPROTO;

/** In the family netdev: the frame carries this. */
export function etherTypeIs(type: keyof typeof ETHER_TYPE): Expression[] {
  return [expr.meta('protocol', r0), expr.cmp(r0, 'eq', ETHER_TYPE[type])];
}

export function priorityIs(priority: number): Expression[] {
  return [expr.meta('priority', r0), expr.cmp(r0, 'eq', hostU32(priority))];
}

export function protocolIs(transport: Transport): Expression[] {
  return [expr.meta('l4proto', r0), expr.cmp(r0, 'eq', Buffer.from([PROTOCOL[transport]]))];
}

export function destinationPortIs(transport: 'tcp' | 'udp', port: number): Expression[] {
  return [
    ...protocolIs(transport),
    expr.payload('transport', 2, 2, r0),
    expr.cmp(r0, 'eq', networkU16(port)),
  ];
}

export function sourcePortIs(transport: 'tcp' | 'udp', port: number): Expression[] {
  return [
    ...protocolIs(transport),
    expr.payload('transport', 0, 2, r0),
    expr.cmp(r0, 'eq', networkU16(port)),
  ];
}

/** The frame's source MAC is in a set, or with `not` is not. */
export function etherSourceIn(set: string, is: 'in' | 'not in' = 'in'): Expression[] {
  return [expr.payload('link', 6, 6, r0), expr.lookup(r0, set, { inverted: is === 'not in' })];
}

/** There is a source MAC: packets of a point-to-point link have none, of which no rule that reads it can say "not in". */
export function hasEtherSource(): Expression[] {
  return [expr.payload('link', 6, 6, r0)];
}

export function etherDestinationIn(set: string, is: 'in' | 'not in' = 'in'): Expression[] {
  return [expr.payload('link', 0, 6, r0), expr.lookup(r0, set, { inverted: is === 'not in' })];
}

/** In the family inet: the packet goes to an address of a set of that IP version. */
export function destinationIn(version: 'ip' | 'ip6', set: string): Expression[] {
  return [
    expr.meta('nfproto', r0),
    expr.cmp(r0, 'eq', Buffer.from([NFPROTO[version]])),
    ...loadDestination(version),
    expr.lookup(r0, set),
  ];
}

/** In the family inet: the packet comes from an address of a set of that IP version. */
export function sourceIn(version: 'ip' | 'ip6', set: string): Expression[] {
  return [
    expr.meta('nfproto', r0),
    expr.cmp(r0, 'eq', Buffer.from([NFPROTO[version]])),
    ...loadSource(version),
    expr.lookup(r0, set),
  ];
}

/** In the family inet: the packet goes to this IPv4 address. */
export function destinationIs(address: string): Expression[] {
  return [
    expr.meta('nfproto', r0),
    expr.cmp(r0, 'eq', Buffer.from([NFPROTO.ip])),
    ...loadDestination('ip'),
    expr.cmp(r0, 'eq', ipAddress(address)),
  ];
}

/** Loads the destination address: the last field of the fixed headers of RFC 791 and RFC 8200. */
export function loadDestination(version: 'ip' | 'ip6'): Expression[] {
  return [version === 'ip' ? expr.payload('network', 16, 4, r0) : expr.payload('network', 24, 16, r0)];
}

/** Loads the source address, which comes before it. */
export function loadSource(version: 'ip' | 'ip6', target: number = r0): Expression[] {
  return [version === 'ip' ? expr.payload('network', 12, 4, target) : expr.payload('network', 8, 16, target)];
}

/** It goes to one of these interfaces. Where br_netfilter is loaded, frames between devices are forwarded too. */
export function intoLan(interfaces: string): Expression[] {
  return [expr.meta('oifname', r0), expr.lookup(r0, interfaces)];
}

/** No NAT has changed where the connection goes; nor is it untracked. */
export function destinationUnchanged(): Expression[] {
  return [
    expr.ct('status', r0),
    expr.bitwise(r0, r0, hostU32(expr.ctStatus.dnat)),
    expr.cmp(r0, 'eq', hostU32(0)),
  ];
}

/** In the family netdev: to fe80::/10, which is never routed (RFC 4291 §2.5.6). */
export function linkLocalDestination(): Expression[] {
  return [
    ...etherTypeIs('ip6'),
    expr.payload('network', 24, 2, r0),
    expr.bitwise(r0, r0, Buffer.from('ffc0', 'hex')),
    expr.cmp(r0, 'eq', Buffer.from('fe80', 'hex')),
  ];
}
