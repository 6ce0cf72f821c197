import { isUnder } from '@khien/shared/name';
import { PORTAL_NAME } from '../layout.ts';

/**
 * Names by which software asks the network whether it may go around the network's resolver; "there is none" means no.
 * Firefox' DNS over HTTPS: support.mozilla.org/kb/canary-domain-use-application-dnsnet. iCloud Private Relay:
 * developer.apple.com/icloud/prepare-your-network-for-icloud-private-relay.
 */
const absentNames = [
  'use-application-dns.net',
  'mask.icloud.com',
  'mask-h2.icloud.com',
  'mask-canary.icloud.com',
] as const;

/** Discovery of encrypted resolvers: a resolver without a designated one answers with no data (RFC 9462 §6.4). */
const emptyNames = ['resolver.arpa'] as const;

/** Names, with all below them, that the responder answers by its own in every state. The kernel must steer them here. */
export const canaryNames: readonly string[] = [...absentNames, ...emptyNames];

/** Everything that the kernel must steer here whatever a profile blocks: the canaries and the child's page. */
export const steeredNames: readonly string[] = [...canaryNames, PORTAL_NAME];

/** How a canary is answered: NXDOMAIN or no data, for every type; undefined for any other name. */
export function canaryAnswer(name: string): 'absent' | 'empty' | undefined {
  if (absentNames.some((canary) => isUnder(name, canary))) return 'absent';
  if (emptyNames.some((canary) => isUnder(name, canary))) return 'empty';
  return undefined;
}
