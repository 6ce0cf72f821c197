import * as z from 'zod/mini';

// RFC 1035 §2.3.4 allows 255 octets on the wire, which is 253 characters of text.
const MAX_TEXT = 253;
const LABEL = /^(?!-)[a-z0-9_-]{1,63}(?<!-)$/;

/** Whether `text` is a DNS name in the form policy uses: lower case, LDH labels (and `_`), at least two, no final dot. */
export function isDnsName(text: string): boolean {
  if (text.length > MAX_TEXT) return false;
  const labels = text.split('.');
  return labels.length >= 2 && labels.every((label) => LABEL.test(label));
}

export const dnsNameSchema = z.string().check(z.refine(isDnsName, { error: 'a lower-case DNS name' }));
export type DnsName = z.infer<typeof dnsNameSchema>;

/**
 * What a person types or pastes into a name field, as a DNS name: a URL's host, without scheme, path, port, `*.`,
 * `www.`, final dot; IDN becomes xn-- (WHATWG URL). Undefined where no name is in it.
 */
export function dnsNameFromText(text: string): DnsName | undefined {
  const bare = text.trim().replace(/^\*\./, '');
  const candidate = /^[a-z][a-z0-9+.-]*:\/\//i.test(bare) ? bare : `http://${bare}`;
  if (!URL.canParse(candidate)) return undefined;
  const host = new URL(candidate).hostname.replace(/\.$/, '').replace(/^www\./, '');
  return isDnsName(host) && !/^[0-9.]+$/.test(host) ? host : undefined;
}

/** Is `name` the name `suffix` or below it? Both lower case. */
export function isUnder(name: string, suffix: string): boolean {
  return name === suffix || (name.endsWith(suffix) && name[name.length - suffix.length - 1] === '.');
}

/** Is `name` at or below one of `suffixes`? Takes as many look-ups as it has labels, whatever their number is. */
export function isUnderAny(name: string, suffixes: ReadonlySet<string>): boolean {
  for (let start = 0; ; ) {
    if (suffixes.has(name.slice(start))) return true;
    const dot = name.indexOf('.', start);
    if (dot === -1) return false;
    start = dot + 1;
  }
}

/** The longest of `suffixes` that `name` is at or below; undefined when none. */
export function longestSuffix(name: string, suffixes: Iterable<string>): string | undefined {
  let best: string | undefined;
  for (const suffix of suffixes) {
    if (isUnder(name, suffix) && (best === undefined || suffix.length > best.length)) best = suffix;
  }
  return best;
}
