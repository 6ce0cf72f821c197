import { ipAddressText, macAddressText, type Nftables } from 'node-nftables';
import { accessTable, helpAddresses, leaseForAccess, ownedForAccess, portChain } from './access-table.ts';
import { namesMarker } from './classifier.ts';
import type { HeldPolicy } from './held.ts';
import { lease, policyMarker } from './policy-table.ts';

type Reading = Pick<Nftables, 'listElements' | 'listChains'>;

const ENDED = Number.NEGATIVE_INFINITY;

/** What the kernel holds from before, as far as it is what is wanted. */
export interface Found {
  /** The policy and access tables, where they are of `revision`. */
  readonly policy: HeldPolicy | undefined;
  /** What the classifier has, where it is complete. */
  readonly names: { readonly revision: Buffer; readonly count: number } | undefined;
  /** Help addresses learned before, of whatever revision. */
  readonly helpAddresses: readonly string[];
}

/**
 * Reads the tables a former run left, without touching them. `uptime` tells the clock of the leases, after they were
 * read. Throws NetlinkError.
 */
export async function findTables(
  nft: Reading,
  wanted: HeldPolicy,
  revision: Buffer,
  uptime: () => number,
): Promise<Found> {
  const addresses = [
    ...(await nft.listElements(helpAddresses.ip)),
    ...(await nft.listElements(helpAddresses.ip6)),
  ].map(({ key }) => ipAddressText(key));
  const [policyElement] = await nft.listElements(policyMarker);
  const [namesElement] = await nft.listElements(namesMarker);
  const chains = new Set((await nft.listChains(accessTable)).map(({ name }) => name));
  const complete = policyElement?.key.equals(revision) === true && chains.size > 0;
  return {
    policy: complete
      ? {
          ...wanted,
          leases: await leases(nft, uptime),
          helpAddresses: addresses.sort(),
          ownedAddresses: await ownedAddresses(nft, uptime),
          lan: { ...wanted.lan, ports: wanted.lan.ports.filter((port) => chains.has(portChain(port).name)) },
        }
      : undefined,
    names: namesElement && {
      revision: namesElement.key,
      count: Number.parseInt(namesElement.comment ?? '0', 10),
    },
    helpAddresses: addresses,
  };
}

/**
 * When leases end, by MAC. One that is in a single table has ended, so that it is taken out there or written into both: by that
 * of access alone, whoever has one is let through without being asked whether it is managed.
 */
async function leases(nft: Reading, uptime: () => number): Promise<Map<string, number>> {
  const [ofPolicy, ofAccess] = [await nft.listElements(lease), await nft.listElements(leaseForAccess)];
  const now = uptime();
  const inPolicy = new Set(ofPolicy.map(({ key }) => macAddressText(key)));
  const found = new Map([...inPolicy].map((mac) => [mac, ENDED]));
  for (const { key, expiration } of ofAccess) {
    const mac = macAddressText(key);
    found.set(mac, inPolicy.has(mac) ? now + (expiration ?? Number.POSITIVE_INFINITY) : ENDED);
  }
  return found;
}

/** The table of access knows them; in that of the policy they are the same. */
async function ownedAddresses(nft: Reading, uptime: () => number): Promise<Map<string, number>> {
  const owned = new Map<string, number>();
  for (const set of Object.values(ownedForAccess)) {
    const now = uptime();
    for (const { key, expiration = 0 } of await nft.listElements(set)) {
      owned.set(ipAddressText(key), now + expiration);
    }
  }
  return owned;
}
