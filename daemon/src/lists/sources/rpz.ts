import { type Finding, type LineReader, nothing, rejected } from './finding.ts';
import { nameInText } from './name-in-text.ts';

/** Records over several lines are as long as this at most, in characters; a longer one is damage. */
const LONGEST_RECORD = 4096;
const classes = new Set(['in', 'ch', 'hs']);
/** What a zone has that is not policy. */
const structure = new Set(['soa', 'ns']);
const otherTriggers = /\.rpz-(ip|client-ip|nsip|nsdname)$/;
const sinkAddresses = new Set(['0.0.0.0', '127.0.0.1', '::', '::0', '::1']);

/** A record of a zone file (RFC 1035 §5.1). */
interface ResourceRecord {
  /** In full where the origin is known, without the final dot. */
  readonly owner: string;
  readonly type: string;
  readonly data: readonly string[];
}

/**
 * A response policy zone (draft-vixie-dnsop-dns-rpz) as a zone file. A name's policy, or that of `*.` before it, counts for
 * the name and all below it, as tables have no other way to say it.
 */
export function rpzReader(): LineReader {
  const zone = new ZoneReader();
  return (line) => zone.read(line);
}

class ZoneReader {
  /** What the zone is called: triggers are below it. */
  #apex: string | undefined;
  #origin = '';
  #owner = '';
  #open = '';

  read(line: string): Finding {
    const text = this.#open + withoutComment(line);
    if (text.length > LONGEST_RECORD) {
      this.#open = '';
      return rejected('record');
    }
    if (count(text, '(') > count(text, ')')) {
      this.#open = `${text} `;
      return nothing;
    }
    this.#open = '';
    if (text.trim() === '') return nothing;
    if (text.startsWith('$')) return this.#directive(text.split(/\s+/));
    const record = this.#record(text.replace(/[()]/g, ' '));
    return record === undefined ? rejected('record') : this.#policy(record);
  }

  #directive([name = '', value = '']: string[]): Finding {
    if (/^\$ttl$/i.test(name)) return nothing;
    if (!/^\$origin$/i.test(name) || value === '') return rejected('record');
    this.#origin = this.#inFull(value);
    this.#apex ??= this.#origin;
    return nothing;
  }

  #record(text: string): ResourceRecord | undefined {
    const tokens = text.trim().toLowerCase().split(/\s+/);
    // A line that begins with a blank is about the owner before.
    if (!/^\s/.test(text)) this.#owner = this.#inFull(tokens.shift() ?? '');
    while (tokens[0] !== undefined && (/^\d+[smhdw]?$/.test(tokens[0]) || classes.has(tokens[0])))
      tokens.shift();
    const [type, ...data] = tokens;
    if (type === undefined || this.#owner === '') return undefined;
    if (type === 'soa') this.#apex = this.#owner;
    return structure.has(type) || data.length > 0 ? { owner: this.#owner, type, data } : undefined;
  }

  #policy({ owner, type, data }: ResourceRecord): Finding {
    if (structure.has(type)) return nothing;
    const trigger = this.#belowApex(owner);
    if (trigger === undefined) return rejected('record');
    if (otherTriggers.test(`.${trigger}`)) return rejected('policy');
    const action = actionOf(type, data[0] ?? '', trigger);
    if (action !== 'names' && action !== 'exceptions') return rejected(action);
    const found = nameInText(trigger);
    return 'why' in found ? rejected(found.why) : { kind: action, names: [found.name], rejected: [] };
  }

  #inFull(name: string): string {
    const lower = name.toLowerCase();
    if (lower.endsWith('.')) return lower.slice(0, -1);
    if (lower === '@') return this.#origin;
    return this.#origin === '' ? lower : `${lower}.${this.#origin}`;
  }

  #belowApex(owner: string): string | undefined {
    if (this.#apex === undefined || this.#apex === '') return owner;
    return owner.endsWith(`.${this.#apex}`) ? owner.slice(0, -this.#apex.length - 1) : undefined;
  }
}

/** What a record makes of its trigger. */
function actionOf(
  type: string,
  target: string,
  trigger: string,
): 'names' | 'exceptions' | 'rewrite' | 'policy' | 'record' {
  if (type === 'a' || type === 'aaaa') return sinkAddresses.has(target) ? 'names' : 'rewrite';
  if (type !== 'cname') return 'record';
  if (target === '.' || target === '*.' || target === 'rpz-drop.') return 'names';
  // The old way to let a name pass is an alias of itself.
  if (target === 'rpz-passthru.' || target === `${trigger.replace(/^\*\./, '')}.`) return 'exceptions';
  return target.startsWith('rpz-') ? 'policy' : 'rewrite';
}

function withoutComment(line: string): string {
  const comment = line.indexOf(';');
  return (comment < 0 ? line : line.slice(0, comment)).trimEnd();
}

function count(text: string, character: string): number {
  return text.split(character).length - 1;
}
