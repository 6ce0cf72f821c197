import { type BypassMethod, bypassMethods } from '@khien/shared/event';

/** What a device whose child's rules block ways round them may not use, by where it goes. Which addresses: `bypassAddresses`. */

/** The methods that the kernel recognises by itself, with the number that stands for each in its set of attempts. */
export const kernelMethods = [
  'dot',
  'doq',
  'doh',
  'foreign-dns',
  'vpn',
  'tor',
  'proxy',
  'odd-dns',
] as const satisfies readonly BypassMethod[];
export type KernelMethod = (typeof kernelMethods)[number];

export function methodNumber(method: KernelMethod): number {
  return bypassMethods.indexOf(method) + 1;
}

/** Undefined for what is none: the set is another's, or of another version. */
export function methodOfNumber(number: number): BypassMethod | undefined {
  return bypassMethods[number - 1];
}

export interface PortRule {
  readonly transport: 'tcp' | 'udp';
  readonly port: number;
  readonly method: KernelMethod;
}

const udp = (method: KernelMethod, ...ports: number[]): PortRule[] =>
  ports.map((port) => ({ transport: 'udp', port, method }));
const tcp = (method: KernelMethod, ...ports: number[]): PortRule[] =>
  ports.map((port) => ({ transport: 'tcp', port, method }));

/**
 * Encrypted DNS on ports of its own, closed for every managed device: no rule for names would hold otherwise. DNS over TLS
 * (RFC 7858), DNS over QUIC (RFC 9250) with the ports of its drafts.
 */
export const managedPorts: readonly PortRule[] = [...tcp('dot', 853), ...udp('doq', 853, 784, 8853)];

/**
 * Closed where ways round the rules are blocked. Ports that much else uses stay open (443, 8080, 8443; 3478 and 5349, by
 * which calls find their way, RFC 8656): there addresses, names and handshakes decide.
 */
export const protectedPorts: readonly PortRule[] = [
  // IKE and its NAT traversal (RFC 7296), L2TP (RFC 2661), OpenVPN, WireGuard, Cloudflare WARP, Teredo (RFC 4380), ZeroTier,
  // Tailscale. What goes to the gateways of Wi-Fi calling has passed before.
  ...udp('vpn', 500, 4500, 1701, 1194, 51820, 51821, 2408, 3544, 9993, 41641),
  // OpenVPN, PPTP (RFC 2637), L2TP.
  ...tcp('vpn', 1194, 1723, 1701),
  // Relays and their directory.
  ...tcp('tor', 9001, 9030),
  // SOCKS (RFC 1928), Squid, Privoxy, Shadowsocks.
  ...tcp('proxy', 1080, 3128, 8118, 8388),
  ...udp('proxy', 8388),
  // Public resolvers' second ports. Multicast DNS (RFC 6762) is never routed.
  ...udp('odd-dns', 54, 5353, 9953),
  ...tcp('odd-dns', 54, 5353, 9953),
];

/** Bytes of data in an echo request; a tunnel in larger ones is refused, one in smaller ones is slow. */
export const LARGEST_ECHO = 200;
