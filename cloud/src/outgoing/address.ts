import { Resolver } from 'node:dns/promises';
import { BlockList, isIP } from 'node:net';
import { codeOf, KhienError } from '@khien/shared/error';

const MAX_LENGTH = 1024;
/** Of each family as many are tried: who publishes a hundred is not looked for at all of them. */
const TRIED = 2;

/** Addresses that are nobody's on the Internet (IANA special-purpose registries, RFC 6890). */
const inner = new BlockList();
for (const [net, prefix] of [
  ['0.0.0.0', 8],
  ['10.0.0.0', 8],
  ['100.64.0.0', 10],
  ['127.0.0.0', 8],
  ['169.254.0.0', 16],
  ['172.16.0.0', 12],
  ['192.0.0.0', 24],
  ['192.0.2.0', 24],
  ['192.88.99.0', 24],
  ['192.168.0.0', 16],
  ['198.18.0.0', 15],
  ['198.51.100.0', 24],
  ['203.0.113.0', 24],
  ['224.0.0.0', 3],
] as const) {
  inner.addSubnet(net, prefix, 'ipv4');
}
/** Only what is handed out as global unicast (2000::/3) is outside, and of that not what leads back inside. */
const outerV6 = new BlockList();
outerV6.addSubnet('2000::', 3, 'ipv6');
for (const [net, prefix] of [
  ['2001::', 23],
  ['2001:db8::', 32],
  ['2002::', 16],
  ['3fff::', 20],
] as const) {
  inner.addSubnet(net, prefix, 'ipv6');
}

/** Whether an address may be one of the Internet, and none of this cloud's own network. */
export function isPublicAddress(address: string): boolean {
  const family = isIP(address);
  if (family === 4) return !inner.check(address, 'ipv4');
  // An IPv4 address in IPv6's clothes is outside of 2000::/3.
  return family === 6 && outerV6.check(address, 'ipv6') && !inner.check(address, 'ipv6');
}

/**
 * Whether something may be sent to an address that somebody gave: https, at the usual port, by a name. Where its name
 * leads is looked at when it is connected to.
 */
export function isOutsideUrl(text: string): boolean {
  if (text.length > MAX_LENGTH || !URL.canParse(text)) return false;
  const url = new URL(text);
  if (url.protocol !== 'https:' || url.username !== '' || url.password !== '' || url.port !== '')
    return false;
  const host = url.hostname;
  return host.includes('.') && !host.startsWith('[') && isIP(host) === 0 && !host.endsWith('.local');
}

/** Where a host is. */
export interface Place {
  /** One after the other is tried. */
  readonly addresses: readonly string[];
  readonly port: number;
}

/** Finds where a host is, until it is told to stop; injected so that tests can have one on this machine. */
export type Resolve = (host: string, signal: AbortSignal) => Promise<Place>;

/** How long a name server is waited for, milliseconds, and how often it is asked; twice as long the second time. */
const PATIENCE = { timeout: 2_000, tries: 2 } as const;

/**
 * Finds addresses of a host, all of which must be on the Internet. It asks name servers by itself (c-ares), never /etc/hosts
 * and not by getaddrinfo: of that a process has two at once, so a few names whose servers never answer would keep all others
 * waiting for minutes. What is returned throws KhienError `ADDRESS_REFUSED` where one is not, `NAME_UNRESOLVED` where none is
 * found, and the signal's reason.
 *
 * @param servers `address:port` of name servers instead of the system's
 */
export function publicResolver(servers?: readonly string[]): Resolve {
  return async (host, signal) => {
    const { v4, v6 } = await addressesOf(host, signal, servers);
    // One address inside is enough to see that the name is not meant for the Internet.
    if (![...v4, ...v6].every(isPublicAddress)) {
      throw new KhienError('ADDRESS_REFUSED', 'the name does not lead to the Internet');
    }
    return { addresses: [...v4.slice(0, TRIED), ...v6.slice(0, TRIED)], port: 443 };
  };
}

async function addressesOf(
  host: string,
  signal: AbortSignal,
  servers: readonly string[] | undefined,
): Promise<{ readonly v4: string[]; readonly v6: string[] }> {
  const resolver = new Resolver(PATIENCE);
  if (servers !== undefined) resolver.setServers(servers);
  const cancel = (): void => resolver.cancel();
  signal.addEventListener('abort', cancel, { once: true });
  try {
    const [v4, v6] = await Promise.allSettled([resolver.resolve4(host), resolver.resolve6(host)]);
    signal.throwIfAborted();
    const found = {
      v4: v4.status === 'fulfilled' ? v4.value : [],
      v6: v6.status === 'fulfilled' ? v6.value : [],
    };
    if (found.v4.length === 0 && found.v6.length === 0) {
      const cause = v4.status === 'rejected' ? v4.reason : undefined;
      throw new KhienError('NAME_UNRESOLVED', `the name leads nowhere: ${codeOf(cause)}`, { cause });
    }
    return found;
  } finally {
    signal.removeEventListener('abort', cancel);
  }
}
