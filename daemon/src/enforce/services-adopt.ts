import { ipAddressText, macAddressText, type Nftables, type SetRef } from 'node-nftables';
import type { HeldAddress, HeldServices } from './services-held.ts';
import {
  interfacesOf,
  profileOfServiceChain,
  refusedAddresses,
  SERVICES_LAYOUT,
  serviceAddresses,
  serviceDevices,
  servicesHelp,
  servicesMarker,
  servicesTable,
} from './services-table.ts';

/** Reads what the table of services holds from a former run; undefined where it is of another layout. Throws NetlinkError. */
export async function findServices(nft: Nftables, uptime: () => number): Promise<HeldServices | undefined> {
  const [marker] = await nft.listElements(servicesMarker);
  if (marker?.key.readUInt32LE() !== SERVICES_LAYOUT) return undefined;
  const addressesOf = async (...sets: SetRef[]): Promise<string[]> => {
    const found: string[] = [];
    for (const set of sets) {
      for (const { key } of await nft.listElements(set)) found.push(ipAddressText(key));
    }
    return found;
  };
  const addresses = new Map<string, HeldAddress>();
  for (const set of Object.values(serviceAddresses)) {
    const now = uptime();
    for (const { key, comment = '', expiration = 0 } of await nft.listElements(set)) {
      addresses.set(ipAddressText(key), { class: comment, until: now + expiration });
    }
  }
  const refused = new Map<string, Set<string>>();
  for (const { name } of await nft.listChains(servicesTable)) {
    const profile = profileOfServiceChain(name);
    if (profile === undefined) continue;
    const { ip, ip6 } = refusedAddresses(profile);
    refused.set(profile, new Set(await addressesOf(ip, ip6)));
  }
  const devices = new Map<string, string>();
  for (const { key, verdict } of await nft.listElements(serviceDevices)) {
    const profile = verdict !== undefined && 'chain' in verdict && profileOfServiceChain(verdict.chain);
    if (profile === undefined || profile === false) return undefined;
    devices.set(macAddressText(key), profile);
  }
  return {
    devices,
    addresses,
    refused,
    helpAddresses: (await addressesOf(servicesHelp.ip, servicesHelp.ip6)).sort(),
    interfaces: await interfacesOf(nft),
  };
}
