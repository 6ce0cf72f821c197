import { type Finding, type LineReader, nothing, rejected } from './finding.ts';
import { nameInText } from './name-in-text.ts';

/** One name a line; `#`, `!`, `;` and `//` begin a comment, `#` also behind a name. */
export function domainsReader(): LineReader {
  return domainLine;
}

export function domainLine(line: string): Finding {
  const text = withoutComment(line);
  if (text === '') return nothing;
  if (/\s/.test(text)) return rejected('garbage');
  const found = nameInText(text);
  return 'why' in found ? rejected(found.why) : { kind: 'names', names: [found.name], rejected: [] };
}

/** What is before a comment, trimmed. */
export function withoutComment(line: string): string {
  if (/^\s*([!;]|\/\/)/.test(line)) return '';
  const comment = line.indexOf('#');
  return (comment < 0 ? line : line.slice(0, comment)).trim();
}
