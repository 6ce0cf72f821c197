import type { Contact } from '@khien/shared/contact';
import { type DnsName, isDnsName, isUnder } from '@khien/shared/name';

/**
 * Below it are the gateways by which phones call over Wi-Fi, of every operator and country (3GPP TS 23.003 §19.4.2.9). A
 * guest's phone must reach its own, and emergency calls that of the country it is in.
 */
export const CALLING_NAME: DnsName = 'pub.3gppnetwork.org';

/**
 * What phones ask for below an operator's name to call over Wi-Fi: the gateway, that for emergency calls (3GPP TS 23.003
 * §19.4.2.9), and the servers that set the service up (GSMA TS.43).
 */
const CALLING = ['epdg.epc', 'sos.epdg.epc', 'xcap.ims', 'bsf', 'aes'];

/** The help names, and below them, that a device in need will most likely ask for. */
export function likelyHosts(contacts: readonly Contact[]): DnsName[] {
  return [...new Set(contacts.flatMap(hostsOf))].filter(isDnsName);
}

function hostsOf({ kind, names, website }: Contact): string[] {
  if (kind === 'calling') return names.flatMap((name) => CALLING.map((host) => `${host}.${name}`));
  const site = website === null ? [] : [new URL(website).hostname];
  return [
    ...names.flatMap((name) => [name, `www.${name}`]),
    ...site.filter((host) => names.some((name) => isUnder(host, name))),
  ];
}
