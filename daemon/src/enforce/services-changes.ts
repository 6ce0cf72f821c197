import { isIPv4 } from 'node:net';
import {
  concatenatedKey,
  type Element,
  hostU32,
  interfaceName,
  ipAddress,
  macAddress,
  type NamedSet,
  type Transaction,
} from 'node-nftables';
import type { AddressClass } from '../services/address-class.ts';
import type { HeldPolicy } from './held.ts';
import {
  classesOf,
  type DesiredServices,
  emptyServices,
  type HeldAddress,
  type HeldServices,
  numbersOf,
  pairParts,
  refusedPairs,
} from './services-held.ts';
import {
  ADDRESS_HOLDS,
  addServicesTable,
  classNames,
  classNumbers,
  profileNumbers as deviceMap,
  MAX_REFUSED,
  refused,
  SERVICES_LAYOUT,
  servicesHelp,
  servicesLan,
  servicesMarker,
  servicesTable,
} from './services-table.ts';

/** nft refuses to read longer comments; a class without one is not taken up by the next run. */
const LONGEST_COMMENT = 127;

/**
 * Adds to a transaction what makes the table of services of what it holds; it is made anew where `before` is undefined.
 * Returns what it holds then. `uptime` is now, on the clock of `HeldAddress.until`.
 */
export function writeServices(
  transaction: Transaction,
  before: HeldServices | undefined,
  desired: DesiredServices,
  policy: HeldPolicy,
  uptime: number,
): HeldServices {
  if (before === undefined) {
    transaction.destroyTable(servicesTable);
    addServicesTable(transaction);
    transaction.addElements(servicesMarker, [{ key: hostU32(SERVICES_LAYOUT) }]);
  }
  const held = before ?? emptyServices;
  const profiles = numbersOf(policy.profiles.keys());
  const { classes, nextClass } = classesOf(desired.addresses, held);
  const after = {
    devices: new Map([...policy.devices].map(([mac, id]) => [mac, profiles.get(id) ?? 0])),
    classes,
    nextClass,
    refused: refusedPairs(classes, profiles, desired.blocked, MAX_REFUSED),
    helpAddresses: policy.helpAddresses,
    interfaces: policy.lan.interfaces,
  };
  writeMap(transaction, deviceMap, held.devices, after.devices, deviceElement);
  writeMap(transaction, classNames, held.classes, classes, classElement);
  writeSet(transaction, refused, held.refused, after.refused, pairElement);
  const ofVersion = (version: 'ip' | 'ip6', addresses: readonly string[]) =>
    addresses.filter((address) => isIPv4(address) === (version === 'ip'));
  for (const version of ['ip', 'ip6'] as const) {
    const [old, wanted] = [held, after].map(({ helpAddresses }) => ofVersion(version, helpAddresses));
    writeSet(transaction, servicesHelp[version], old ?? [], wanted ?? [], (address) => ({
      key: ipAddress(address),
    }));
  }
  writeSet(transaction, servicesLan, held.interfaces, after.interfaces, (name) => ({
    key: interfaceName(name),
  }));
  return { ...after, addresses: writeAddresses(transaction, held, desired.addresses, classes, uptime) };
}

/** An address whose time in the kernel is half over is given all of it again. */
function writeAddresses(
  transaction: Transaction,
  held: HeldServices,
  wanted: DesiredServices['addresses'],
  classes: ReadonlyMap<AddressClass, number>,
  uptime: number,
): Map<string, HeldAddress> {
  const after = new Map<string, HeldAddress>();
  const gone: [string, number][] = [];
  const come: [string, number][] = [];
  for (const [address, text] of wanted) {
    const old = held.addresses.get(address);
    if (old?.class === text && old.until - uptime > ADDRESS_HOLDS / 2) {
      after.set(address, old);
      continue;
    }
    if (old !== undefined) gone.push([address, held.classes.get(old.class) ?? 0]);
    come.push([address, classes.get(text) ?? 0]);
    after.set(address, { class: text, until: uptime + ADDRESS_HOLDS });
  }
  for (const [address, { class: text }] of held.addresses) {
    if (!wanted.has(address)) gone.push([address, held.classes.get(text) ?? 0]);
  }
  for (const version of ['ip', 'ip6'] as const) {
    const elements = (each: readonly [string, number][], timeout?: number): Element[] =>
      each
        .filter(([address]) => isIPv4(address) === (version === 'ip'))
        .map(([address, number]) => ({
          key: ipAddress(address),
          data: hostU32(number),
          ...(timeout === undefined ? {} : { timeout }),
        }));
    transaction
      .destroyElements(classNumbers[version], elements(gone))
      .addElements(classNumbers[version], elements(come, ADDRESS_HOLDS));
  }
  return after;
}

function deviceElement(mac: string, number: number): Element {
  return { key: macAddress(mac), data: hostU32(number) };
}

function classElement(text: AddressClass, number: number): Element {
  return { key: hostU32(number), ...(text.length > LONGEST_COMMENT ? {} : { comment: text }) };
}

function pairElement(pair: number): Element {
  const { profile, classNumber } = pairParts(pair);
  return { key: concatenatedKey(hostU32(profile), hostU32(classNumber)) };
}

function writeMap<K, V>(
  transaction: Transaction,
  map: NamedSet,
  before: ReadonlyMap<K, V>,
  wanted: ReadonlyMap<K, V>,
  elementOf: (key: K, value: V) => Element,
): void {
  const moved = (from: ReadonlyMap<K, V>, to: ReadonlyMap<K, V>) =>
    [...from].filter(([key, value]) => to.get(key) !== value).map(([key, value]) => elementOf(key, value));
  transaction.deleteElements(map, moved(before, wanted)).addElements(map, moved(wanted, before));
}

function writeSet<T>(
  transaction: Transaction,
  set: NamedSet,
  before: Iterable<T>,
  wanted: Iterable<T>,
  elementOf: (value: T) => Element,
): void {
  const [old, next] = [new Set(before), new Set(wanted)];
  const elements = (values: Set<T>, without: Set<T>) =>
    [...values].filter((value) => !without.has(value)).map(elementOf);
  transaction.deleteElements(set, elements(old, next)).addElements(set, elements(next, old));
}
