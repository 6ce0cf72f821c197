import type { Mac } from '@khien/shared/id';
import { type ElementInfo, ipAddressText, macAddressText, type Nftables } from 'node-nftables';
import {
  receivedBy,
  receivedFromService,
  refusedTries,
  sentBy,
  sentToService,
  strayTries,
} from './services-sets.ts';

/** What the kernel counts of a managed device, since it was silent last. */
export interface DeviceCount {
  /** Who: by its MAC for what it sent, by its address for what came for it. */
  readonly device: { readonly mac: Mac } | { readonly address: string };
  /** The address of a service on the other side; null for all that there was. */
  readonly service: string | null;
  readonly bytes: number;
  readonly packets: number;
}

/** A MAC takes two registers in a key. */
const PADDED_MAC = 8;

/** Both ways, in all and with addresses of services. Throws NetlinkError. */
export async function readDeviceUsage(nft: Nftables): Promise<DeviceCount[]> {
  const counts: DeviceCount[] = [];
  for (const element of await nft.listElements(sentBy)) {
    counts.push(countOf(element, { mac: macAddressText(element.key) }, null));
  }
  for (const version of ['ip', 'ip6'] as const) {
    for (const element of await nft.listElements(receivedBy[version])) {
      counts.push(countOf(element, { address: ipAddressText(element.key) }, null));
    }
    for (const element of await nft.listElements(sentToService[version])) {
      counts.push(byMacAndAddress(element));
    }
    for (const element of await nft.listElements(receivedFromService[version])) {
      const [local, remote] = halves(element.key).map(ipAddressText);
      counts.push(countOf(element, { address: local ?? '' }, remote ?? ''));
    }
  }
  return counts;
}

/**
 * Packets that began a connection with a refused address; without one, what a device that studies tried elsewhere. Throws
 * NetlinkError.
 */
export async function readRefusedTries(nft: Nftables): Promise<DeviceCount[]> {
  const ofServices = [
    ...(await nft.listElements(refusedTries.ip)),
    ...(await nft.listElements(refusedTries.ip6)),
  ];
  const strays = await nft.listElements(strayTries);
  return [
    ...ofServices.map(byMacAndAddress),
    ...strays.map((element) => countOf(element, { mac: macAddressText(element.key) }, null)),
  ];
}

function byMacAndAddress(element: ElementInfo): DeviceCount {
  const mac = macAddressText(element.key.subarray(0, 6));
  return countOf(element, { mac }, ipAddressText(element.key.subarray(PADDED_MAC)));
}

function countOf(
  { counters }: ElementInfo,
  device: DeviceCount['device'],
  service: string | null,
): DeviceCount {
  return { device, service, bytes: counters?.bytes ?? 0, packets: counters?.packets ?? 0 };
}

function halves(key: Buffer): Buffer[] {
  return [key.subarray(0, key.length / 2), key.subarray(key.length / 2)];
}
