import { isIPv4, isIPv6 } from 'node:net';
import type { Mac } from '@khien/shared/id';
import { BOOT_TABLE } from '../layout.ts';

/** Who is held closed until the daemon is there, and what they reach all the same. */
export interface BootRules {
  readonly macs: readonly Mac[];
  /** Where strangers are in quarantine, who is none; null where nobody is. */
  readonly known: readonly Mac[] | null;
  readonly helpAddresses: readonly string[];
}

/** So many addresses of each version are enough for the seconds until the daemon is there. */
const MAX_ADDRESSES = 256;

/**
 * A script for `nft -f` that holds managed devices closed: they reach the router itself (DHCP, DNS) and addresses of help,
 * and nothing behind it. Loading it again replaces it.
 *
 * @param lan the interface by which strangers come in
 */
export function writeBootRules({ macs, known, helpAddresses }: BootRules, lan: string): string {
  const help4 = helpAddresses.filter((address) => isIPv4(address)).slice(0, MAX_ADDRESSES);
  const help6 = helpAddresses.filter((address) => isIPv6(address)).slice(0, MAX_ADDRESSES);
  const strangers = known === null ? '' : `iifname "${lan}" ether saddr != @known jump closed`;
  return `# Written by khiend. Loaded at boot, before the LAN comes up; khiend takes the table away when its own are there.
table inet ${BOOT_TABLE}
delete table inet ${BOOT_TABLE}
table inet ${BOOT_TABLE} {
	${writeSet('managed', 'ether_addr', macs)}
	${writeSet('known', 'ether_addr', known ?? [])}
	${writeSet('help4', 'ipv4_addr', help4)}
	${writeSet('help6', 'ipv6_addr', help6)}
	chain forward {
		type filter hook forward priority -150; policy accept;
		ether saddr @managed jump closed
		${strangers}
	}
	chain closed {
		ip daddr @help4 accept
		ip6 daddr @help6 accept
		counter drop
	}
}
`;
}

function writeSet(name: string, type: string, elements: readonly string[]): string {
  // nft takes no empty list.
  const list = elements.length === 0 ? '' : ` elements = { ${[...elements].sort().join(', ')} }`;
  return `set ${name} { type ${type};${list} }`;
}

/** What a script of `writeBootRules` says; nothing where the text is no such. */
export function readBootRules(text: string): BootRules {
  const elements = (name: string): string[] =>
    new RegExp(`^\\tset ${name} .* elements = \\{ (.*) \\} \\}$`, 'm').exec(text)?.[1]?.split(', ') ?? [];
  const known = text.includes('ether saddr != @known') ? elements('known') : null;
  return { macs: elements('managed'), known, helpAddresses: [...elements('help4'), ...elements('help6')] };
}
