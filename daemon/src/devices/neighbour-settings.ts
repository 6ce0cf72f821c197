import { readFileSync } from 'node:fs';

const families = ['ipv4', 'ipv6'] as const;
/** What Linux has unless told (arp(7)): milliseconds, seconds, packets, milliseconds. */
const usual = {
  base_reachable_time_ms: 30_000,
  delay_first_probe_time: 5,
  ucast_solicit: 3,
  retrans_time_ms: 1000,
};
/** What answers take, and whoever looks (milliseconds). */
const SLACK = 7000;

/**
 * So long after it was first asked the kernel knows whether a device is still there for its address, in milliseconds: it
 * believes so for up to one and a half times `base_reachable_time_ms`, waits for a sign of it for `delay_first_probe_time`,
 * and probes `ucast_solicit` times, `retrans_time_ms` apart (arp(7)). A minute, unless somebody has set that otherwise.
 *
 * @param lan the LAN's interface
 */
export function verifiedAfter(lan: string, read: (path: string) => string = readText): number {
  const times = families.map((family) => {
    const setting = (name: keyof typeof usual): number => {
      const value = Number.parseInt(read(`/proc/sys/net/${family}/neigh/${lan}/${name}`), 10);
      return value >= 0 ? value : usual[name];
    };
    const believed = 1.5 * setting('base_reachable_time_ms') + 1000 * setting('delay_first_probe_time');
    return believed + setting('ucast_solicit') * setting('retrans_time_ms');
  });
  return Math.max(...times) + SLACK;
}

/** Empty where it cannot be read, as where the kernel has no IPv6. */
function readText(path: string): string {
  try {
    return readFileSync(path, 'utf8');
  } catch {
    return '';
  }
}
