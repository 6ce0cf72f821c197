import { isIPv4, isIPv6 } from 'node:net';
import type { Mac } from '@khien/shared/id';
import {
  type Element,
  hostU32,
  interfaceName,
  ipAddress,
  macAddress,
  type NamedSet,
  type SetRef,
  type Transaction,
} from 'node-nftables';
import {
  helpAddresses as helpForAccess,
  leaseForAccess,
  ownedForAccess,
  portChain,
  portRules,
  routerAddresses as routerForAccess,
  routerMacs,
  senderElement,
  senders,
  strangersForAccess,
} from './access-table.ts';
import type { AddressSets } from './borrowed-address.ts';
import { leavingDevices, leavingElement, protectedDevices } from './bypass-sets.ts';
import { managedForDns, strangersForDns } from './classifier.ts';
import { writeForwardHooks } from './forward-hooks.ts';
import { emptyPolicy, type HeldPolicy, OWNED } from './held.ts';
import type { NameChange } from './name-changes.ts';
import { nameMap } from './name-map.ts';
import {
  helpAddresses,
  lanInterfaces,
  lease,
  managed,
  ownedAddresses,
  profileChain,
  profileElement,
  profileOf,
  profileRules,
  routerAddresses,
  strangers,
} from './policy-table.ts';
import { openRule, quarantineRules, type Strangers } from './strangers.ts';

/** A lease that ends this much earlier or later than it shall is left alone (milliseconds). */
export const LEASE_TOLERANCE = 2000;

const ipVersions = [
  ['ip', isIPv4],
  ['ip6', isIPv6],
] as const;

/**
 * Adds to a transaction what makes the policy and access tables of what they hold. Returns what they hold then, which is
 * `wanted` but for leases that are left alone. `uptime` is now, on the clock of the leases.
 */
export function writePolicy(
  transaction: Transaction,
  before: HeldPolicy,
  wanted: HeldPolicy,
  uptime: number,
): HeldPolicy {
  writeProfiles(transaction, before, wanted);
  const macs = { before: before.devices.keys(), wanted: wanted.devices.keys() };
  writeSet(transaction, managed, changed(macs, macAddress));
  writeSenders(transaction, before, wanted);
  const sealed = { before: before.protectedDevices, wanted: wanted.protectedDevices };
  writeSet(transaction, protectedDevices, changed(sealed, macAddress));
  writeLeaving(transaction, before, wanted);
  writeForwardHooks(transaction, before, wanted);
  for (const each of [strangers, strangersForAccess]) writeStrangers(transaction, each, before, wanted);
  writeLan(transaction, before, wanted);
  writeHelpAddresses(transaction, before.helpAddresses, wanted.helpAddresses);
  return {
    ...wanted,
    ownedAddresses: writeOwned(transaction, before.ownedAddresses, wanted.ownedAddresses, uptime),
    leases: writeLeases(transaction, before.leases, wanted, uptime),
  };
}

/** The same for the classifier's set of managed devices; `before` is undefined where nobody knows it. */
export function writeManagedForDns(
  transaction: Transaction,
  before: HeldPolicy | undefined,
  wanted: HeldPolicy,
): void {
  if (before === undefined) transaction.flushSet(managedForDns).flushSet(strangersForDns.known);
  const old = (before ?? emptyPolicy).devices.keys();
  writeSet(transaction, managedForDns, changed({ before: old, wanted: wanted.devices.keys() }, macAddress));
  writeStrangers(transaction, strangersForDns, before, wanted);
}

/** Who is a stranger, and whether strangers are let in; `before` is undefined where nobody knows it and the set is empty. */
function writeStrangers(
  transaction: Transaction,
  table: Strangers,
  before: HeldPolicy | undefined,
  wanted: HeldPolicy,
): void {
  const macs = { before: before?.known ?? [], wanted: wanted.known ?? [] };
  writeSet(transaction, table.known, changed(macs, macAddress));
  const [old, next] = [before, wanted].map((held) => held?.known && held.lan.interfaces.join());
  if (before !== undefined && old === next) return;
  transaction.flushChain(table.chain);
  if (wanted.known === null) {
    transaction.addRule(openRule(table));
    return;
  }
  const interfaces = table.chain.table.family === 'netdev' ? null : wanted.lan.interfaces;
  for (const rule of quarantineRules(table, interfaces)) transaction.addRule(rule);
}

/** Marks a table set as complete, with the revision of what it holds. */
export function writeMarker(transaction: Transaction, marker: NamedSet, revision: Buffer): void {
  transaction.flushSet(marker).addElements(marker, [{ key: revision }]);
}

/** Adds to a transaction what brings changed names into the classifier's maps. */
export function writeNames(transaction: Transaction, changes: readonly NameChange[]): void {
  for (const wireLength of new Set(changes.map((change) => change.wireLength))) {
    const each = changes.filter((change) => change.wireLength === wireLength);
    const map = nameMap(wireLength, 0);
    const gone = each.filter(({ before }) => before !== undefined);
    const come = each.flatMap(({ key, after }) =>
      after === undefined ? [] : [{ key, data: hostU32(after) }],
    );
    transaction.deleteElements(
      map,
      gone.map(({ key }) => ({ key })),
    );
    transaction.addElements(map, come);
  }
}

function writeProfiles(transaction: Transaction, before: HeldPolicy, wanted: HeldPolicy): void {
  for (const [id, mask] of wanted.profiles) {
    const held = before.profiles.get(id);
    if (held === mask) continue;
    const chain = profileChain(id);
    if (held === undefined) transaction.addChain(chain);
    else transaction.flushChain(chain);
    for (const rule of profileRules(id, mask)) transaction.addRule(rule);
  }
  const moved = (from: HeldPolicy, to: HeldPolicy): Element[] =>
    [...from.devices]
      .filter(([mac, profile]) => to.devices.get(mac) !== profile)
      .map(([mac, profile]) => profileElement(mac, profile));
  transaction.deleteElements(profileOf, moved(before, wanted));
  transaction.addElements(profileOf, moved(wanted, before));
  for (const id of before.profiles.keys()) {
    if (!wanted.profiles.has(id)) transaction.deleteChain(profileChain(id));
  }
}

/** One map tells whose frame it is. A child's device that has a MAC of the router's is one of its child. */
function writeSenders(transaction: Transaction, before: HeldPolicy, wanted: HeldPolicy): void {
  const elements = ({ devices, lan: { routerMacs: own } }: HeldPolicy) =>
    new Map<Mac, 'managed' | 'router'>([
      ...own.map((mac) => [mac, 'router'] as const),
      ...[...devices.keys()].map((mac) => [mac, 'managed'] as const),
    ]);
  const [old, next] = [elements(before), elements(wanted)];
  const differing = (from: typeof old, to: typeof old): Element[] =>
    [...from].filter(([mac, who]) => to.get(mac) !== who).map(([mac, who]) => senderElement(mac, who));
  transaction.deleteElements(senders, differing(old, next)).addElements(senders, differing(next, old));
}

function writeLeaving(transaction: Transaction, before: HeldPolicy, wanted: HeldPolicy): void {
  const sealed = new Set(wanted.protectedDevices);
  const wasSealed = new Set(before.protectedDevices);
  const isSame = (mac: Mac) =>
    before.devices.has(mac) && wanted.devices.has(mac) && sealed.has(mac) === wasSealed.has(mac);
  const elements = (macs: Iterable<Mac>, from: Set<Mac>): Element[] =>
    [...macs].filter((mac) => !isSame(mac)).map((mac) => leavingElement(mac, from.has(mac)));
  transaction.deleteElements(leavingDevices, elements(before.devices.keys(), wasSealed));
  transaction.addElements(leavingDevices, elements(wanted.devices.keys(), sealed));
}

function writeLan(transaction: Transaction, { lan: before }: HeldPolicy, { lan: wanted }: HeldPolicy): void {
  for (const port of before.ports) {
    // The kernel deletes the chain of an interface that goes away.
    if (!wanted.ports.includes(port)) {
      const { table, name } = portChain(port);
      transaction.destroyChain({ table, name });
    }
  }
  for (const port of wanted.ports) {
    if (before.ports.includes(port)) continue;
    transaction.addChain(portChain(port));
    for (const rule of portRules(port)) transaction.addRule(rule);
  }
  const macs = { before: before.routerMacs, wanted: wanted.routerMacs };
  writeSet(transaction, routerMacs, changed(macs, macAddress));
  const interfaces = { before: before.interfaces, wanted: wanted.interfaces };
  writeSet(transaction, lanInterfaces, changed(interfaces, interfaceName));
  const addresses = { before: before.addresses.map(withoutZone), wanted: wanted.addresses.map(withoutZone) };
  writeAddresses(transaction, [routerAddresses, routerForAccess], addresses);
}

/** Adds to a transaction what makes the sets of help addresses hold `wanted`. */
export function writeHelpAddresses(
  transaction: Transaction,
  before: readonly string[],
  wanted: readonly string[],
): void {
  writeAddresses(transaction, [helpAddresses, helpForAccess], { before, wanted });
}

function writeAddresses(
  transaction: Transaction,
  sets: readonly AddressSets[],
  { before, wanted }: Sides<readonly string[]>,
): void {
  for (const [version, is] of ipVersions) {
    const ofVersion = (addresses: readonly string[]) => addresses.filter((address) => is(address));
    const change = changed({ before: ofVersion(before), wanted: ofVersion(wanted) }, ipAddress);
    for (const set of sets) writeSet(transaction, set[version], change);
  }
}

function writeLeases(
  transaction: Transaction,
  before: ReadonlyMap<Mac, number>,
  { leases: wanted, leasesFrom }: HeldPolicy,
  uptime: number,
): Map<Mac, number> {
  const after = new Map<Mac, number>();
  const renewed: Element[] = [];
  for (const [mac, end] of wanted) {
    const held = before.get(mac);
    const from = leasesFrom.get(mac) ?? end;
    if (held !== undefined && held > uptime && isBetween(held, from, end)) {
      after.set(mac, held);
      continue;
    }
    const timeout = Math.ceil(end - uptime);
    renewed.push({ key: macAddress(mac), ...(end === Number.POSITIVE_INFINITY ? {} : { timeout }) });
    after.set(mac, end);
  }
  const ended = [...before.keys()].filter((mac) => !wanted.has(mac)).map((mac) => ({ key: macAddress(mac) }));
  for (const set of [lease, leaseForAccess]) {
    transaction.destroyElements(set, ended).renewElements(set, renewed);
  }
  return after;
}

/** Those that will be forgotten soon are said again. */
function writeOwned(
  transaction: Transaction,
  before: ReadonlyMap<string, number>,
  wanted: ReadonlyMap<string, number>,
  uptime: number,
): Map<string, number> {
  const after = new Map<string, number>();
  const renewed: string[] = [];
  for (const [address, end] of wanted) {
    const held = before.get(address) ?? uptime;
    if (held < uptime + OWNED / 2) renewed.push(address);
    after.set(address, held < uptime + OWNED / 2 ? end : held);
  }
  const ended = [...before.keys()].filter((address) => !wanted.has(address));
  for (const [version, is] of ipVersions) {
    const elements = (addresses: readonly string[], timeout: { timeout?: number } = {}): Element[] =>
      addresses.filter((address) => is(address)).map((address) => ({ key: ipAddress(address), ...timeout }));
    transaction
      .destroyElements(ownedForAccess[version], elements(ended))
      .renewElements(ownedForAccess[version], elements(renewed, { timeout: OWNED }))
      .destroyElements(ownedAddresses[version], elements(ended))
      .renewElements(ownedAddresses[version], elements(renewed));
  }
  return after;
}

function isBetween(held: number, from: number, end: number): boolean {
  return held === end || (held >= from - LEASE_TOLERANCE && held <= end + LEASE_TOLERANCE);
}

interface Sides<T> {
  readonly before: T;
  readonly wanted: T;
}

interface SetChange {
  readonly gone: readonly Element[];
  readonly come: readonly Element[];
}

function changed({ before, wanted }: Sides<Iterable<string>>, keyOf: (text: string) => Buffer): SetChange {
  const old = new Set(before);
  const next = new Set(wanted);
  const elements = (texts: Set<string>, without: Set<string>) =>
    [...texts].filter((text) => !without.has(text)).map((text) => ({ key: keyOf(text) }));
  return { gone: elements(old, next), come: elements(next, old) };
}

function writeSet(transaction: Transaction, set: SetRef, { gone, come }: SetChange): void {
  transaction.deleteElements(set, gone).addElements(set, come);
}

function withoutZone(address: string): string {
  return address.replace(/%.*$/, '');
}
