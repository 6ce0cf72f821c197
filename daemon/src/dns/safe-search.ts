import type { DnsName } from '@khien/shared/name';
import type { Rules, YoutubeMode } from '@khien/shared/policy';
import { googleDomains } from './google-domains.ts';

/**
 * The names by which search engines and YouTube let a network ask for their filtered form: whoever reaches a name below at
 * the address of its target gets that form, over HTTPS as well. Exact host names: mail and maps are on others.
 *
 * Google: support.google.com/websearch/answer/186669 (`www.` of every domain). Bing: "Block adult content with SafeSearch",
 * help.bing.microsoft.com; its Edge sidebar searches at edgeservices.bing.com, as AdGuard Home's rules have it. DuckDuckGo:
 * duckduckgo.com/duckduckgo-help-pages/features/safe-search.
 */
const searchEngines: ReadonlyMap<DnsName, DnsName> = new Map([
  ...googleDomains.map((end) => [`www.google.${end}`, 'forcesafesearch.google.com'] as const),
  ['www.bing.com', 'strict.bing.com'],
  ['edgeservices.bing.com', 'strict.bing.com'],
  ['duckduckgo.com', 'safe.duckduckgo.com'],
  ['www.duckduckgo.com', 'safe.duckduckgo.com'],
  ['start.duckduckgo.com', 'safe.duckduckgo.com'],
]);

/** What the site, its apps and embedded players ask for: support.google.com/a/answer/6214622. */
const youtubeNames: readonly DnsName[] = [
  'www.youtube.com',
  'm.youtube.com',
  'youtubei.googleapis.com',
  'youtube.googleapis.com',
  'www.youtube-nocookie.com',
];

const youtubeTargets: Readonly<Record<YoutubeMode, DnsName | undefined>> = {
  open: undefined,
  moderate: 'restrictmoderate.youtube.com',
  strict: 'restrict.youtube.com',
};

type SafeRules = Pick<Rules, 'safeSearch' | 'youtube'>;

/** Where the filtered form of what is at exactly `name` is; undefined where the rules leave the name as it is. */
export function safeName(name: DnsName, { safeSearch, youtube }: SafeRules): DnsName | undefined {
  if (youtubeNames.includes(name)) return youtubeTargets[youtube];
  return safeSearch ? searchEngines.get(name) : undefined;
}

/** The names that lead elsewhere by these rules. */
export function rewrittenNames({ safeSearch, youtube }: SafeRules): DnsName[] {
  return [...(safeSearch ? searchEngines.keys() : []), ...(youtube === 'open' ? [] : youtubeNames)];
}
