import type { Mac } from '@khien/shared/id';
import { type AddressClass, isRefused } from '../services/address-class.ts';

/** What the table of services shall hold. */
export interface DesiredServices {
  /** What each address serves, as far as it is known. */
  readonly addresses: ReadonlyMap<string, AddressClass>;
  /** The services whose addresses are refused to a profile's devices, by its id. */
  readonly blocked: ReadonlyMap<string, readonly string[]>;
}

/** An address in the kernel. */
export interface HeldAddress {
  readonly class: AddressClass;
  /** When the kernel will drop it, on the steady clock. */
  readonly until: number;
}

/** What the table of services holds. Profiles and classes are numbers there. */
export interface HeldServices {
  readonly devices: ReadonlyMap<Mac, number>;
  readonly classes: ReadonlyMap<AddressClass, number>;
  /** Above all numbers of classes that there ever were: counters of a class that went must not become another's. */
  readonly nextClass: number;
  readonly addresses: ReadonlyMap<string, HeldAddress>;
  /** `refusedPair` of profile and class. */
  readonly refused: ReadonlySet<number>;
  readonly helpAddresses: readonly string[];
  readonly interfaces: readonly string[];
}

export const emptyServices: HeldServices = {
  devices: new Map(),
  classes: new Map(),
  nextClass: 1,
  addresses: new Map(),
  refused: new Set(),
  helpAddresses: [],
  interfaces: [],
};

const PROFILES = 2 ** 16;

export function refusedPair(profile: number, classNumber: number): number {
  return classNumber * PROFILES + profile;
}

export function pairParts(pair: number): { profile: number; classNumber: number } {
  return { profile: pair % PROFILES, classNumber: Math.floor(pair / PROFILES) };
}

/** The number of each profile, by its place among all. */
export function numbersOf(profiles: Iterable<string>): Map<string, number> {
  return new Map([...profiles].sort().map((id, index) => [id, index + 1]));
}

/** The numbers of the classes that `addresses` have: old ones keep theirs, new ones get the next. */
export function classesOf(
  addresses: ReadonlyMap<string, AddressClass>,
  before: Pick<HeldServices, 'classes' | 'nextClass'>,
): Pick<HeldServices, 'classes' | 'nextClass'> {
  const classes = new Map<AddressClass, number>();
  let { nextClass } = before;
  for (const each of addresses.values()) {
    if (!classes.has(each)) classes.set(each, before.classes.get(each) ?? nextClass++);
  }
  return { classes, nextClass };
}

/** The pairs of profile and class that are refused, `most` of them where there are more. */
export function refusedPairs(
  classes: ReadonlyMap<AddressClass, number>,
  profiles: ReadonlyMap<string, number>,
  blocked: DesiredServices['blocked'],
  most: number,
): Set<number> {
  const pairs = new Set<number>();
  for (const [id, profile] of profiles) {
    const services = new Set(blocked.get(id));
    if (services.size === 0) continue;
    for (const [text, number] of classes) {
      if (pairs.size < most && isRefused(text, services)) pairs.add(refusedPair(profile, number));
    }
  }
  return pairs;
}

/** Which addresses are refused to a device now that were not before, by its MAC. Without a `before`: all. */
export function newlyRefused(before: HeldServices | undefined, after: HeldServices): Map<Mac, string[]> {
  const old = before ?? emptyServices;
  const byClass = new Map<number, string[]>();
  for (const [address, { class: text }] of after.addresses) {
    const number = after.classes.get(text) ?? 0;
    byClass.set(number, [...(byClass.get(number) ?? []), address]);
  }
  const wasRefused = (profile: number, address: string): boolean => {
    const held = old.addresses.get(address);
    const number = held && old.classes.get(held.class);
    return number !== undefined && old.refused.has(refusedPair(profile, number));
  };
  const fresh = new Map<Mac, string[]>();
  const pairs = [...after.refused].map(pairParts);
  for (const [mac, profile] of after.devices) {
    const was = old.devices.get(mac);
    const addresses = pairs
      .filter((pair) => pair.profile === profile)
      .flatMap(({ classNumber }) => byClass.get(classNumber) ?? [])
      .filter((address) => was === undefined || !wasRefused(was, address));
    if (addresses.length > 0) fresh.set(mac, addresses);
  }
  return fresh;
}
