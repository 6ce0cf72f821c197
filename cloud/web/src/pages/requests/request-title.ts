import type { RequestView } from '../../api/contract.ts';
import { targetName } from '../../household/quota-text.ts';
import type { Format } from '../../language/format.ts';
import type { Language } from '../../language/language.ts';
import type { Texts } from '../../language/vi.ts';

/** What a child asked, in one line: `Mai asks for 15 minutes more YouTube`. */
export function requestTitle(
  { ask, minutes, quota }: Pick<RequestView, 'ask' | 'minutes' | 'quota'>,
  name: string,
  { texts, format, language }: { texts: Texts; format: Format; language: Language },
): string {
  if (ask === 'help') return texts.requests.asksHelp(name);
  const of = quota === null ? undefined : targetName(texts, language, quota);
  return texts.requests.asksTime(name, format.duration(minutes), of);
}
