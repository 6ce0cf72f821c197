import { isNetlinkError, type Nftables } from 'node-nftables';
import { countingAccessChains } from './access-table.ts';
import { countingDnsChains } from './classifier.ts';
import type { HeldPolicy } from './held.ts';
import { countingChains, profileChain } from './policy-table.ts';
import { countingServiceChains } from './services-table.ts';

export interface EnforcementStatus {
  /** `enforcing`, or the code of what hinders it. */
  readonly enforcement: string;
  /** Names in the kernel; 0 while the responder decides every query. */
  readonly names: number;
  /** Categories whose lists are not in the kernel because they do not fit its memory. */
  readonly leftOut: readonly string[];
  /** Managed MAC addresses. */
  readonly managed: number;
  /** Managed MAC addresses that do not pass now. */
  readonly withoutLease: number;
  /** Ports where access is looked at: none while nobody is managed. */
  readonly ports: readonly string[];
  /** Packets that met the rules which count, by what the rules do. */
  readonly counters: Readonly<Record<string, number>>;
}

/** Reads the counters of our tables. Throws NetlinkError. */
export async function readStatus(
  nft: Nftables | undefined,
  held: HeldPolicy | undefined,
  uptime: number,
): Promise<Omit<EnforcementStatus, 'enforcement' | 'names' | 'leftOut'>> {
  const counters: Record<string, number> = {};
  const profiles = [...(held?.profiles.keys() ?? [])].map(profileChain);
  if (nft !== undefined && held !== undefined) {
    for (const chain of [
      ...countingDnsChains,
      ...countingChains,
      ...profiles,
      ...countingAccessChains,
      ...countingServiceChains,
    ]) {
      for (const { comment, counters: counts } of await nft.listRules(chain).catch(noneWhileChanging)) {
        const packets = counts.reduce((sum, count) => sum + count.packets, 0);
        if (comment !== undefined && counts.length > 0)
          counters[comment] = (counters[comment] ?? 0) + packets;
      }
    }
  }
  const leases = [...(held?.leases.values() ?? [])].filter((end) => end > uptime).length;
  const managed = held?.devices.size ?? 0;
  return { managed, withoutLease: managed - leases, ports: held?.lan.ports ?? [], counters };
}

/** While names are loaded no list of rules is of one moment: their counters are left out then. */
function noneWhileChanging(error: unknown): never[] {
  if (isNetlinkError(error, 'EINTR')) return [];
  throw error;
}
