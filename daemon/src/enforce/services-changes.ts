import { type Element, hostU32, ipAddress, macAddress, type NamedSet, type Transaction } from 'node-nftables';
import { STUDY } from '../layout.ts';
import type { HeldPolicy } from './held.ts';
import { type DesiredServices, emptyServices, type HeldAddress, type HeldServices } from './services-held.ts';
import { narrowKey } from './services-narrow.ts';
import {
  ADDRESS_HOLDS,
  type AddressSets,
  narrowAddresses,
  refusedAddresses,
  sentBy,
  serviceAddresses,
  serviceDevices,
  servicesHelp,
  servicesMarker,
  servicesTable,
  specialAddresses,
  studyAddresses,
} from './services-sets.ts';
import {
  addProfile,
  addServicesTable,
  deleteForward,
  deleteProfile,
  SERVICES_LAYOUT,
  serviceDevice,
  writeForward,
  writeInterfaces,
  writeMode,
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
  { devices, profiles, helpAddresses, lan: { interfaces } }: HeldPolicy,
  uptime: number,
): HeldServices {
  if (before === undefined) {
    transaction.destroyTable(servicesTable);
    addServicesTable(transaction);
    transaction.addElements(servicesMarker, [{ key: hostU32(SERVICES_LAYOUT) }]);
  }
  const held = before ?? emptyServices;
  const studying = new Set([...profiles].flatMap(([id, mask]) => ((mask & STUDY) === 0 ? [] : [id])));
  for (const profile of wanted.refused.keys()) {
    const studies = studying.has(profile);
    if (!held.refused.has(profile)) addProfile(transaction, profile, studies);
    else if (held.studying.has(profile) !== studies) writeMode(transaction, profile, studies);
  }
  const moved = (from: HeldServices['devices'], to: HeldServices['devices']): Element[] =>
    [...from].filter(([mac, id]) => to.get(mac) !== id).map(([mac, id]) => serviceDevice(mac, id));
  transaction.deleteElements(serviceDevices, moved(held.devices, devices));
  transaction.addElements(serviceDevices, moved(devices, held.devices));
  const missing = (from: HeldServices['devices'], to: HeldServices['devices']): Element[] =>
    [...from.keys()].filter((mac) => !to.has(mac)).map((mac) => ({ key: macAddress(mac) }));
  transaction.deleteElements(sentBy, missing(held.devices, devices));
  transaction.addElements(sentBy, missing(devices, held.devices));
  for (const profile of held.refused.keys()) {
    if (!wanted.refused.has(profile)) deleteProfile(transaction, profile);
  }
  writeSet(transaction, servicesHelp, new Set(held.helpAddresses), new Set(helpAddresses));
  const special = new Set([...helpAddresses, ...wanted.addresses.keys()]);
  // All of these are services' now; one that is not must be refused as well.
  for (const refused of wanted.refused.values()) for (const address of refused) special.add(address);
  writeSet(transaction, specialAddresses, held.special, special);
  const moves = before === undefined || String(held.interfaces) !== String(interfaces);
  if (moves) writeInterfaces(transaction, interfaces);
  const [was, is] = [held.devices.size > 0, devices.size > 0];
  if (is && (moves || !was)) writeForward(transaction, interfaces, { flush: was });
  if (was && !is) deleteForward(transaction);
  const addresses = writeAddresses(transaction, held, wanted, uptime);
  const open = new Map<string, ReadonlyMap<string, HeldAddress>>();
  for (const profile of wanted.refused.keys()) {
    const openings = renewed(held.open.get(profile) ?? none, wanted.study.open.get(profile) ?? none, uptime);
    writeTimed(transaction, studyAddresses(profile), openings, commentOf(openings.after));
    open.set(profile, openings.after);
  }
  const narrow = renewed(held.narrow, wanted.study.narrow, uptime);
  writeTimed(transaction, narrowAddresses, narrow, commentOf(narrow.after), narrowKey);
  return {
    devices,
    addresses,
    refused: wanted.refused,
    studying,
    open,
    narrow: narrow.after,
    helpAddresses,
    special,
    interfaces,
  };
}

/** Brings sets whose elements stay until they are taken out from some addresses to others. */
function writeSet(
  transaction: Transaction,
  sets: AddressSets,
  before: ReadonlySet<string>,
  after: ReadonlySet<string>,
): void {
  eachVersion(sets, (set, isOfVersion) => {
    const elements = (of: ReadonlySet<string>, without: ReadonlySet<string>): Element[] =>
      [...of]
        .filter((address) => isOfVersion(address) && !without.has(address))
        .map((address) => ({ key: ipAddress(address) }));
    transaction.deleteElements(set, elements(before, after)).addElements(set, elements(after, before));
  });
}

function writeAddresses(
  transaction: Transaction,
  held: HeldServices,
  wanted: WantedServices,
  uptime: number,
): ReadonlyMap<string, HeldAddress> {
  const services = renewed(held.addresses, wanted.addresses, uptime);
  writeTimed(transaction, serviceAddresses, services, commentOf(services.after));
  for (const [profile, refused] of wanted.refused) {
    const before = held.refused.get(profile) ?? none;
    if (before === refused && services.again.size === 0) continue;
    writeTimed(transaction, refusedAddresses(profile), { before, after: refused, again: services.again });
  }
  return services.after;
}

/** A change of a set whose elements end by themselves. */
interface Renewal<After extends Keyed = Keyed> {
  readonly before: Keyed;
  readonly after: After;
  /** What is there already, and is to be written again. */
  readonly again: ReadonlySet<string>;
}

interface Keyed {
  has(address: string): boolean;
  keys(): Iterable<string>;
}

const none = new Map<string, never>();

/** An address whose time in the kernel is half over is given all of it again. */
function renewed(
  before: ReadonlyMap<string, HeldAddress>,
  wanted: ReadonlyMap<string, string>,
  uptime: number,
): Renewal<ReadonlyMap<string, HeldAddress>> {
  const after = new Map<string, HeldAddress>();
  const again = new Set<string>();
  for (const [address, text] of wanted) {
    const old = before.get(address);
    const isFresh = old !== undefined && old.until - uptime > ADDRESS_HOLDS / 2;
    const held = isFresh && old.text === text ? old : { text, until: uptime + ADDRESS_HOLDS };
    after.set(address, held);
    if (old !== undefined && held !== old) again.add(address);
  }
  return { before, after, again };
}

/** The comments of elements, for `writeTimed`. */
function commentOf(held: ReadonlyMap<string, HeldAddress>): (address: string) => Partial<Element> {
  return (address) => {
    const text = held.get(address)?.text ?? '';
    return text.length > LONGEST_COMMENT ? {} : { comment: text };
  };
}

/** What goes may have gone by itself, so that it must be destroyed. */
function writeTimed(
  transaction: Transaction,
  sets: AddressSets,
  { before, after, again }: Renewal,
  detail: (address: string) => Partial<Element> = () => ({}),
  keyOf: (text: string) => Buffer = ipAddress,
): void {
  const gone = [...before.keys()].filter((address) => !after.has(address) || again.has(address));
  const come = [...after.keys()].filter((address) => !before.has(address) || again.has(address));
  eachVersion(sets, (set, isOfVersion) => {
    transaction.destroyElements(
      set,
      gone.filter(isOfVersion).map((address) => ({ key: keyOf(address) })),
    );
    transaction.addElements(
      set,
      come
        .filter(isOfVersion)
        .map((address) => ({ key: keyOf(address), timeout: ADDRESS_HOLDS, ...detail(address) })),
    );
  });
}

function eachVersion(
  sets: AddressSets,
  write: (set: NamedSet, isOfVersion: (text: string) => boolean) => void,
): void {
  const isOf6 = (text: string): boolean => text.includes(':');
  write(sets.ip, (text) => !isOf6(text));
  write(sets.ip6, isOf6);
}
