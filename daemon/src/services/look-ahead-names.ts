import type { DnsName } from '@khien/shared/name';
import { isDnsName } from '@khien/shared/name';

/** More would be a burden to the resolver, and say little: what matters stands first. */
const MOST = 300;

/**
 * Hosts of services to look up though nobody asks, what will most likely be typed first: of every service the first name,
 * then the first name's `www`, then its second name and so on.
 */
export function lookAheadNames(services: readonly (readonly DnsName[])[]): DnsName[] {
  const hosts = new Set<DnsName>();
  const longest = Math.max(0, ...services.map((names) => names.length));
  for (let index = 0; index < longest; index++) {
    for (const prefix of ['', 'www.']) {
      for (const names of services) {
        const name = names[index];
        if (name !== undefined && isDnsName(prefix + name)) hosts.add(prefix + name);
        if (hosts.size === MOST) return [...hosts];
      }
    }
  }
  return [...hosts];
}
