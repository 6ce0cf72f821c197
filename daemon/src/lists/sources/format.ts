import { adblockReader } from './adblock.ts';
import { domainsReader } from './domains.ts';
import type { LineReader } from './finding.ts';
import { hostsReader } from './hosts.ts';
import { rpzReader } from './rpz.ts';

export const sourceFormats = ['hosts', 'domains', 'adblock', 'rpz'] as const;
export type SourceFormat = (typeof sourceFormats)[number];

export const readerOf: Readonly<Record<SourceFormat, () => LineReader>> = {
  hosts: hostsReader,
  domains: domainsReader,
  adblock: adblockReader,
  rpz: rpzReader,
};

/** What only lines of a format look like. */
const marks: readonly (readonly [SourceFormat, RegExp])[] = [
  ['rpz', /^\$(ttl|origin)\b|\s(soa|cname)\s+\S/i],
  ['adblock', /^\[adblock|^(@@)?\|\||#[@?$]*#/i],
  ['hosts', /^\s*[\d.]{7,}\s+\S|^\s*[0-9a-f]*::[0-9a-f:]*(%\w+)?\s+\S/i],
];

/** Tells a source's format by its first lines: that of which most lines have a mark; `domains` where none has. */
export function formatOf(lines: Iterable<string>): SourceFormat {
  const found = new Map<SourceFormat, number>();
  for (const line of lines) {
    const mark = marks.find(([, pattern]) => pattern.test(line));
    if (mark !== undefined) found.set(mark[0], (found.get(mark[0]) ?? 0) + 1);
  }
  const [best] = [...found].sort((a, b) => b[1] - a[1]);
  return best?.[0] ?? 'domains';
}
