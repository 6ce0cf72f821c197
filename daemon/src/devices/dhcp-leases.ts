import { isIPv4 } from 'node:net';
import { type Mac, macSchema } from '@khien/shared/id';

/** A line of dnsmasq's lease file: `expiry mac address hostname client-id`. */
export interface DhcpLease {
  readonly mac: Mac;
  readonly address: string;
  /** What the device calls itself; null where it says nothing. Untrusted, shortened to 63 characters. */
  readonly hostname: string | null;
}

/** More lines than a home has addresses are not read. */
const MAX_LINES = 4096;

/** The IPv4 leases of a dnsmasq lease file. Lines of another form (DHCPv6 has its own, behind `duid`) are passed over. */
export function parseDhcpLeases(text: string): DhcpLease[] {
  const leases: DhcpLease[] = [];
  for (const line of text.split('\n', MAX_LINES)) {
    const [expiry, hardware, address, hostname] = line.split(' ');
    const mac = macSchema.safeParse(hardware?.toLowerCase());
    if (
      expiry === undefined ||
      !/^\d+$/.test(expiry) ||
      !mac.success ||
      address === undefined ||
      !isIPv4(address)
    )
      continue;
    leases.push({ mac: mac.data, address, hostname: readHostname(hostname) });
  }
  return leases;
}

/** What a device calls itself, without what a terminal or page could take for more; null where it says nothing. */
export function readHostname(text: string | undefined): string | null {
  if (text === undefined || text === '*' || text === '') return null;
  // biome-ignore lint/suspicious/noControlCharactersInRegex: a device may send any bytes
  return text.replace(/[\u0000-\u001f\u007f]/g, '').slice(0, 63) || null;
}
