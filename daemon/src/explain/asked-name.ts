import { type DnsName, dnsNameFromText, isDnsName } from '@khien/shared/name';

/** A pasted URL or a name that begins with `www.`, which `dnsNameFromText` takes off. */
const WITH_WWW = /^(\*\.)?([a-z][a-z0-9+.-]*:\/\/([^/?#]*@)?)?www\./i;

/**
 * The name that a person typed, or the host of what was pasted; exactly that, since a rule may hold for it and not for what
 * is above it. Undefined where no name is in it.
 */
export function askedName(text: string): DnsName | undefined {
  const trimmed = text.trim();
  const name = dnsNameFromText(trimmed);
  if (name === undefined) return undefined;
  const whole = `www.${name}`;
  return WITH_WWW.test(trimmed) && isDnsName(whole) ? whole : name;
}
