import { type Finding, type LineReader, nothing, rejected } from './finding.ts';
import { hostsLine } from './hosts.ts';
import { nameInText } from './name-in-text.ts';

/** Options that leave a rule what it is for a whole name. With any other it holds only now and then, or for a part. */
const wholeName = new Set(['important', 'all', 'document', 'doc']);

/**
 * Adblock-style rules, as far as they are about whole names: `||name^` and the exception `@@||name^`. Lines of a hosts
 * file or a plain list count as such.
 */
export function adblockReader(): LineReader {
  return adblockLine;
}

function adblockLine(line: string): Finding {
  const text = line.trim();
  if (text === '' || text.startsWith('!') || /^\[.*\]$/.test(text)) return nothing;
  if (/#[@?$%]*#|\$\$|\$@\$/.test(text)) return rejected('cosmetic');
  const exception = text.startsWith('@@');
  const rule = exception ? text.slice(2) : text;
  if (rule.startsWith('||')) return nameRule(rule.slice(2), exception);
  if (exception || /^[|/]|[\^$*?=&|]/.test(rule.replace(/^\*\./, ''))) return rejected('pattern');
  return hostsLine(text);
}

/** What is behind `||`: a name, where it ends, and options. */
function nameRule(rule: string, exception: boolean): Finding {
  const match = /^([^/^$|]*)(\^?\|?)(\$.*)?$/.exec(rule);
  if (match === null) return rejected('pattern');
  const [, text = '', , options] = match;
  const found = nameInText(text);
  if ('why' in found) return rejected(text.includes('*') ? 'pattern' : found.why);
  if (options !== undefined && !optionsOf(options).every((option) => wholeName.has(option))) {
    return rejected('option');
  }
  return { kind: exception ? 'exceptions' : 'names', names: [found.name], rejected: [] };
}

function optionsOf(text: string): string[] {
  return text
    .slice(1)
    .split(',')
    .map((option) => option.trim().toLowerCase());
}
