import { interfaceNameText, ipAddressText, macAddressText, type Nftables } from 'node-nftables';
import { type HeldAddress, type HeldServices, refusedPair } from './services-held.ts';
import {
  classNames,
  classNumbers,
  classUsage,
  profileNumbers,
  refused,
  SERVICES_LAYOUT,
  servicesHelp,
  servicesLan,
  servicesMarker,
} from './services-table.ts';

/** Reads what the table of services holds from a former run; undefined where it is of another layout. Throws NetlinkError. */
export async function findServices(nft: Nftables, uptime: () => number): Promise<HeldServices | undefined> {
  const [marker] = await nft.listElements(servicesMarker);
  if (marker?.key.readUInt32LE() !== SERVICES_LAYOUT) return undefined;
  const classes = new Map<string, number>();
  const texts = new Map<number, string>();
  let last = 0;
  for (const { key, comment } of await nft.listElements(classNames)) {
    const number = key.readUInt32LE();
    last = Math.max(last, number);
    // What has no comment gets a name that no class has, so that it is deleted.
    const text = comment ?? `?${number}`;
    classes.set(text, number);
    texts.set(number, text);
  }
  for (const { key } of await nft.listElements(classUsage)) last = Math.max(last, key.readUInt32LE(8));
  const addresses = new Map<string, HeldAddress>();
  const helpAddresses: string[] = [];
  for (const version of ['ip', 'ip6'] as const) {
    const now = uptime();
    for (const { key, data, expiration } of await nft.listElements(classNumbers[version])) {
      const text = data && texts.get(data.readUInt32LE());
      if (text === undefined) return undefined;
      addresses.set(ipAddressText(key), { class: text, until: now + (expiration ?? 0) });
    }
    for (const { key } of await nft.listElements(servicesHelp[version])) {
      helpAddresses.push(ipAddressText(key));
    }
  }
  const devices = new Map<string, number>();
  for (const { key, data } of await nft.listElements(profileNumbers)) {
    devices.set(macAddressText(key), data?.readUInt32LE() ?? 0);
  }
  const pairs = (await nft.listElements(refused)).map(({ key }) =>
    refusedPair(key.readUInt32LE(0), key.readUInt32LE(4)),
  );
  const interfaces = (await nft.listElements(servicesLan)).map(({ key }) => interfaceNameText(key));
  return {
    devices,
    classes,
    nextClass: last + 1,
    addresses,
    refused: new Set(pairs),
    helpAddresses: helpAddresses.sort(),
    interfaces,
  };
}
