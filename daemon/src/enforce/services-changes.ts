import { isIPv4 } from 'node:net';
import { type Element, hostU32, ipAddress, type NamedSet, type Transaction } from 'node-nftables';
import type { HeldPolicy } from './held.ts';
import type { IpVersion } from './packet-match.ts';
import { type DesiredServices, emptyServices, type HeldAddress, type HeldServices } from './services-held.ts';
import {
  ADDRESS_HOLDS,
  addProfile,
  addServicesTable,
  deleteProfile,
  refusedAddresses,
  SERVICES_LAYOUT,
  serviceAddresses,
  serviceDevice,
  serviceDevices,
  servicesHelp,
  servicesMarker,
  servicesTable,
  writeInterfaces,
} from './services-table.ts';

/** nft refuses to read longer comments; an address without one is not taken up by the next run. */
const LONGEST_COMMENT = 127;

/** What the table shall hold, with what follows from it. */
export interface WantedServices extends DesiredServices {
  /** The addresses that are refused to each profile, by its id. */
  readonly refused: ReadonlyMap<string, ReadonlySet<string>>;
}

/**
 * Adds to a transaction what makes the table of services of what it holds; it is made anew where `before` is undefined.
 * Returns what it holds then. `uptime` is now, on the clock of `HeldAddress.until`.
 */
export function writeServices(
  transaction: Transaction,
  before: HeldServices | undefined,
  wanted: WantedServices,
  { devices, helpAddresses, lan: { interfaces } }: HeldPolicy,
  uptime: number,
): HeldServices {
  if (before === undefined) {
    transaction.destroyTable(servicesTable);
    addServicesTable(transaction);
    transaction.addElements(servicesMarker, [{ key: hostU32(SERVICES_LAYOUT) }]);
  }
  const held = before ?? emptyServices;
  for (const profile of wanted.refused.keys()) {
    if (!held.refused.has(profile)) addProfile(transaction, profile);
  }
  const moved = (from: HeldServices['devices'], to: HeldServices['devices']): Element[] =>
    [...from].filter(([mac, id]) => to.get(mac) !== id).map(([mac, id]) => serviceDevice(mac, id));
  transaction.deleteElements(serviceDevices, moved(held.devices, devices));
  transaction.addElements(serviceDevices, moved(devices, held.devices));
  for (const profile of held.refused.keys()) {
    if (!wanted.refused.has(profile)) deleteProfile(transaction, profile);
  }
  eachVersion(servicesHelp, (set, isOfVersion) => {
    const [old, next] = [new Set(held.helpAddresses), new Set(helpAddresses)];
    const elements = (of: Set<string>, without: Set<string>): Element[] =>
      [...of]
        .filter((address) => isOfVersion(address) && !without.has(address))
        .map((address) => ({ key: ipAddress(address) }));
    transaction.deleteElements(set, elements(old, next)).addElements(set, elements(next, old));
  });
  if (before === undefined || String(held.interfaces) !== String(interfaces)) {
    writeInterfaces(transaction, interfaces);
  }
  const addresses = writeAddresses(transaction, held, wanted, uptime);
  return { devices, addresses, refused: wanted.refused, helpAddresses, interfaces };
}

/** An address whose time in the kernel is half over is given all of it again. */
function writeAddresses(
  transaction: Transaction,
  held: HeldServices,
  wanted: WantedServices,
  uptime: number,
): Map<string, HeldAddress> {
  const addresses = new Map<string, HeldAddress>();
  const renewed = new Set<string>();
  for (const [address, text] of wanted.addresses) {
    const old = held.addresses.get(address);
    const isFresh = old !== undefined && old.until - uptime > ADDRESS_HOLDS / 2;
    addresses.set(
      address,
      isFresh && old.class === text ? old : { class: text, until: uptime + ADDRESS_HOLDS },
    );
    if (old !== undefined && addresses.get(address) !== old) renewed.add(address);
  }
  writeTimed(transaction, serviceAddresses, held.addresses, addresses, renewed, (address) => {
    const text = addresses.get(address)?.class ?? '';
    return text.length > LONGEST_COMMENT ? {} : { comment: text };
  });
  const none: ReadonlySet<string> = new Set();
  for (const [profile, refused] of wanted.refused) {
    const before = held.refused.get(profile) ?? none;
    if (before === refused && renewed.size === 0) continue;
    writeTimed(transaction, refusedAddresses(profile), before, refused, renewed, () => ({}));
  }
  return addresses;
}

interface Keyed {
  has(address: string): boolean;
  keys(): Iterable<string>;
}

/** What goes may have gone by itself, so that it must be destroyed. */
function writeTimed(
  transaction: Transaction,
  sets: Readonly<Record<IpVersion, NamedSet>>,
  before: Keyed,
  wanted: Keyed,
  renewed: ReadonlySet<string>,
  detail: (address: string) => Partial<Element>,
): void {
  const gone = [...before.keys()].filter((address) => !wanted.has(address) || renewed.has(address));
  const come = [...wanted.keys()].filter((address) => !before.has(address) || renewed.has(address));
  eachVersion(sets, (set, isOfVersion) => {
    transaction.destroyElements(
      set,
      gone.filter(isOfVersion).map((address) => ({ key: ipAddress(address) })),
    );
    transaction.addElements(
      set,
      come
        .filter(isOfVersion)
        .map((address) => ({ key: ipAddress(address), timeout: ADDRESS_HOLDS, ...detail(address) })),
    );
  });
}

function eachVersion(
  sets: Readonly<Record<IpVersion, NamedSet>>,
  write: (set: NamedSet, isOfVersion: (address: string) => boolean) => void,
): void {
  write(sets.ip, (address) => isIPv4(address));
  write(sets.ip6, (address) => !isIPv4(address));
}
