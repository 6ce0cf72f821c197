import { isIP } from 'node:net';
import type { DnsName } from '@khien/shared/name';
import { domainLine, withoutComment } from './domains.ts';
import { type Finding, type LineReader, nothing, type Rejection, rejected } from './finding.ts';
import { nameInText } from './name-in-text.ts';

/** Where lists send what they block. Any other address is meant to be reached. */
const sinks: readonly RegExp[] = [
  /^0\.0\.0\.0$/,
  /^127\./,
  /^255\.255\.255\.255$/,
  /^::[01]?$/,
  /^fe80::1(%|$)/,
];
/** What every hosts file begins with. */
const ownNames = ['localhost.localdomain', 'localhost6.localdomain6', 'local.localdomain'];

/** An address and names a line (hosts(5)); a line of one name alone counts as `domains`. */
export function hostsReader(): LineReader {
  return hostsLine;
}

export function hostsLine(line: string): Finding {
  const text = withoutComment(line);
  const [address, ...hosts] = text.split(/\s+/);
  if (address === undefined || text === '') return nothing;
  if (!/^[\d.]+$|:/.test(address) || isIP(address.replace(/%.*/, '')) === 0) return domainLine(line);
  if (hosts.length === 0) return rejected('address');
  if (!sinks.some((sink) => sink.test(address))) return rejected('rewrite');
  const names: DnsName[] = [];
  const why: Rejection[] = [];
  for (const host of hosts) {
    const found = nameInText(host);
    if ('why' in found) why.push(found.why);
    else if (!ownNames.includes(found.name)) names.push(found.name);
  }
  return { kind: 'names', names, rejected: why };
}
