import { ipAddressText, macAddressText, type Nftables } from 'node-nftables';
import type { HeldAddress, HeldServices } from './services-held.ts';
import { narrowUseOf } from './services-narrow.ts';
import {
  type AddressSets,
  narrowAddresses,
  profileOfServiceChain,
  refusedAddresses,
  serviceAddresses,
  serviceDevices,
  servicesHelp,
  servicesMarker,
  servicesTable,
  specialAddresses,
  studyAddresses,
} from './services-sets.ts';
import { isClosing } from './services-study.ts';
import { interfacesOf, SERVICES_LAYOUT } from './services-table.ts';

/** Reads what the table of services holds from a former run; undefined where it is of another layout. Throws NetlinkError. */
export async function findServices(nft: Nftables, uptime: () => number): Promise<HeldServices | undefined> {
  const [marker] = await nft.listElements(servicesMarker);
  if (marker?.key.readUInt32LE() !== SERVICES_LAYOUT) return undefined;
  const addressesOf = async (sets: AddressSets): Promise<string[]> => {
    const found: string[] = [];
    for (const set of [sets.ip, sets.ip6]) {
      for (const { key } of await nft.listElements(set)) found.push(ipAddressText(key));
    }
    return found;
  };
  const timedOf = async (sets: AddressSets, textOf: (key: Buffer) => string = ipAddressText) => {
    const found = new Map<string, HeldAddress>();
    for (const set of [sets.ip, sets.ip6]) {
      const now = uptime();
      for (const { key, comment = '', expiration = 0 } of await nft.listElements(set)) {
        found.set(textOf(key), { text: comment, until: now + expiration });
      }
    }
    return found;
  };
  const refused = new Map<string, Set<string>>();
  const open = new Map<string, ReadonlyMap<string, HeldAddress>>();
  const studying = new Set<string>();
  for (const chain of await nft.listChains(servicesTable)) {
    const profile = profileOfServiceChain(chain.name);
    if (profile === undefined) continue;
    refused.set(profile, new Set(await addressesOf(refusedAddresses(profile))));
    open.set(profile, await timedOf(studyAddresses(profile)));
    if ((await nft.listRules({ table: servicesTable, name: chain.name })).some(isClosing))
      studying.add(profile);
  }
  const devices = new Map<string, string>();
  for (const { key, verdict } of await nft.listElements(serviceDevices)) {
    const profile = verdict !== undefined && 'chain' in verdict && profileOfServiceChain(verdict.chain);
    if (profile === undefined || profile === false) return undefined;
    devices.set(macAddressText(key), profile);
  }
  return {
    devices,
    addresses: await timedOf(serviceAddresses),
    refused,
    studying,
    open,
    narrow: await timedOf(narrowAddresses, narrowUseOf),
    special: new Set(await addressesOf(specialAddresses)),
    helpAddresses: (await addressesOf(servicesHelp)).sort(),
    interfaces: await interfacesOf(nft),
  };
}
