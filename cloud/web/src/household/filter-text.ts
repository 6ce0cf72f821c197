import type { Rules } from '../api/contract.ts';
import type { Texts } from '../language/vi.ts';

/** What search engines and YouTube filter, in a few words. */
export function filterText(
  { child }: Texts,
  { safeSearch, youtube }: Pick<Rules, 'safeSearch' | 'youtube'>,
): string {
  return `${safeSearch ? child.safeSearchOn : child.safeSearchOff}, ${child.youtubeModes[youtube].summary}`;
}
