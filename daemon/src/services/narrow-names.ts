import { longestSuffix } from '@khien/shared/name';
import { connectivityCheckNames } from '../dns/connectivity-check.ts';

/** What a name is for, where it is for one thing only. */
export interface NarrowUse {
  readonly protocol: 'tcp' | 'udp';
  readonly port: number;
}

const HTTP: NarrowUse = { protocol: 'tcp', port: 80 };
const NTP: NarrowUse = { protocol: 'udp', port: 123 };

/** Whether certificates still hold, which is asked by HTTP (RFC 5280 §4.2.1.13, RFC 6960 appendix A). */
const certificateNames = [
  'c.pki.goog',
  'o.pki.goog',
  'crl.apple.com',
  'ocsp.apple.com',
  'ocsp2.apple.com',
  'ocsp.digicert.com',
  'ocsp.globalsign.com',
  'lencr.org',
] as const;

const timeNames = [
  'pool.ntp.org',
  'time.android.com',
  'time.apple.com',
  'time.google.com',
  'time.windows.com',
] as const;

/**
 * What `name` is for, where nothing else of it is needed. Such names are often at the front ends of those who own them: to
 * open all that is there for the sake of a certificate would open their other sites too.
 */
export function narrowUse(name: string): NarrowUse | undefined {
  if (connectivityCheckNames.has(name) || longestSuffix(name, certificateNames) !== undefined) return HTTP;
  return longestSuffix(name, timeNames) === undefined ? undefined : NTP;
}

/** What is open at an address for one thing, as text: `192.0.2.1 tcp 80`. */
export function narrowText(address: string, { protocol, port }: NarrowUse): string {
  return `${address} ${protocol} ${port}`;
}
