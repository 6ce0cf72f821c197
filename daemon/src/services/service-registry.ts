import type { Mac } from '@khien/shared/id';
import type { DnsName } from '@khien/shared/name';
import { suffixesOf } from '../lists/name-key.ts';
import {
  type AddressClass,
  addressClass,
  addressUse,
  type ServiceUse,
  servicesOfUse,
  serviceUse,
} from './address-class.ts';
import { StudyAddresses } from './study-addresses.ts';

const HOUR = 3600_000;

/** An address is believed in for so many times its TTL after it was last seen in an answer, within bounds. */
const TTLS = 10;
const SHORTEST = HOUR;
const LONGEST = 6 * HOUR;
/** A use of an address that a device has asked for by name counts as its own so long after. */
const ASKED = HOUR;
/** An address of so many unrelated uses is somebody's who serves many. */
const MANY_USES = 4;

/** Addresses in all, of one use, and of protected names; the least recently seen goes first. */
export const MAX_ADDRESSES = 6000;
const MAX_PER_USE = 400;
const MAX_PROTECTED = 2000;
/** Devices whose questions are remembered. */
const MAX_ASKERS = 512;

/** What an answer to a tracked name tells. */
export interface Sighting {
  readonly addresses: readonly string[];
  /** Seconds. */
  readonly ttl: number;
  /** A front of many sites answers for the name. */
  readonly front: boolean;
}

/** An address that a former run left in the kernel. */
export interface LeftAddress {
  readonly address: string;
  readonly class: AddressClass;
  /** Milliseconds that the kernel would keep it. */
  readonly left: number;
}

interface Known {
  /** When each use ends. */
  readonly uses: Map<ServiceUse, number>;
  /** Until when it is taken for a front. */
  frontUntil: number;
}

/**
 * Which addresses serve tracked services, learned from answers to their names. In memory only; what is not seen again ends,
 * and what is no longer tracked goes at once. Times are milliseconds of a steady clock.
 */
export class ServiceRegistry {
  /** What is open in study mode. */
  readonly study: StudyAddresses;
  readonly #uptime: () => number;
  readonly #listeners = new Set<() => void>();
  #services: ReadonlySet<string> = new Set();
  #tracked: ReadonlyMap<DnsName, readonly string[]> = new Map();
  /** The least recently seen first. */
  readonly #known = new Map<string, Known>();
  /** Addresses of names that must stay reachable, and until when. */
  readonly #protected = new Map<string, number>();
  readonly #asked = new Map<Mac, Map<ServiceUse, number>>();
  #addresses: ReadonlyMap<string, AddressClass> | undefined = new Map();

  constructor(uptime: () => number) {
    this.#uptime = uptime;
    this.study = new StudyAddresses(uptime);
  }

  /** The addresses as they are now. The same map until one of them, or what it serves, is another. */
  addresses(): ReadonlyMap<string, AddressClass> {
    this.#addresses ??= new Map(
      [...this.#known].map(([address, known]) => [address, this.#classOf(address, known)]),
    );
    return this.#addresses;
  }

  /** Sets the services to track, with their names. What was learned of others is forgotten. */
  track(services: ReadonlyMap<string, readonly DnsName[]>): void {
    const tracked = new Map<DnsName, string[]>();
    for (const [service, names] of services) {
      for (const name of names) tracked.set(name, [...(tracked.get(name) ?? []), service]);
    }
    this.#tracked = tracked;
    this.#services = new Set(services.keys());
    for (const uses of this.#asked.values()) {
      for (const use of uses.keys()) if (!this.#isTracked(use)) uses.delete(use);
    }
    this.#drop((use) => !this.#isTracked(use));
  }

  /** Calls back when `addresses` has become another map; the result unsubscribes. */
  onChange(listener: () => void): () => void {
    this.#listeners.add(listener);
    return () => this.#listeners.delete(listener);
  }

  /** The services that a name belongs to, by its names and those above it; undefined where it is of none. */
  useOf(name: string): ServiceUse | undefined {
    const services: string[] = [];
    for (const suffix of suffixesOf(name)) services.push(...(this.#tracked.get(suffix) ?? []));
    return services.length === 0 ? undefined : serviceUse(services);
  }

  /** Takes up what an answer to a name of `use` told. */
  sighted(use: ServiceUse, { addresses, ttl, front }: Sighting): void {
    const end = this.#uptime() + Math.min(Math.max(ttl * 1000 * TTLS, SHORTEST), LONGEST);
    for (const address of addresses) this.#take(address, use, end, front);
  }

  /** Takes up addresses that the kernel still holds, until they are seen again or the shortest time is over. */
  adopt(left: readonly LeftAddress[]): void {
    const now = this.#uptime();
    for (const { address, class: text, left: remaining } of left) {
      const { uses, shared } = addressUse(text);
      for (const use of uses.filter((each) => this.#isTracked(each))) {
        this.#take(address, use, now + Math.min(remaining, SHORTEST), shared);
      }
    }
  }

  /** Addresses of names that must stay reachable are not refused, whatever else they serve. */
  protect(addresses: readonly string[], ttl: number): void {
    const end = this.#uptime() + Math.min(Math.max(ttl * 1000 * TTLS, SHORTEST), LONGEST);
    for (const address of addresses) {
      if (!this.#protected.delete(address)) this.#changed(address);
      this.#protected.set(address, end);
      const [oldest] = this.#protected.keys();
      if (this.#protected.size > MAX_PROTECTED && oldest !== undefined) this.#protected.delete(oldest);
    }
  }

  /** A device has asked for a name of `use`. */
  asked(mac: Mac, use: ServiceUse): void {
    const uses = this.#asked.get(mac) ?? new Map<ServiceUse, number>();
    uses.set(use, this.#uptime() + ASKED);
    this.#asked.delete(mac);
    this.#asked.set(mac, uses);
    const [oldest] = this.#asked.keys();
    if (this.#asked.size > MAX_ASKERS && oldest !== undefined) this.#asked.delete(oldest);
  }

  /** All services that are at an address. */
  servicesAt(address: string): string[] {
    const text = this.addresses().get(address);
    return text === undefined ? [] : [...new Set(addressUse(text).uses.flatMap(servicesOfUse))];
  }

  /** With which services a device's traffic with an address is: those it asked for by name, or else the only one there. */
  servicesOf(mac: Mac, address: string): string[] {
    const text = this.addresses().get(address);
    if (text === undefined) return [];
    const { uses, shared } = addressUse(text);
    const [only] = uses;
    const now = this.#uptime();
    const asked = uses.filter((use) => (this.#asked.get(mac)?.get(use) ?? 0) > now);
    const meant = asked.length === 0 && uses.length === 1 && !shared && only !== undefined ? [only] : asked;
    return [...new Set(meant.flatMap(servicesOfUse))];
  }

  /** Forgets what has ended. To be called now and then. */
  expire(): void {
    const now = this.#uptime();
    for (const [address, end] of this.#protected) {
      if (end > now) continue;
      this.#protected.delete(address);
      this.#changed(address);
    }
    for (const [mac, uses] of this.#asked) {
      for (const [use, end] of uses) if (end <= now) uses.delete(use);
      if (uses.size === 0) this.#asked.delete(mac);
    }
    for (const [address, known] of this.#known) {
      if (known.frontUntil !== 0 && known.frontUntil <= now) {
        known.frontUntil = 0;
        this.#changed(address);
      }
    }
    this.#drop((_, end) => end <= now);
  }

  #take(address: string, use: ServiceUse, end: number, front: boolean): void {
    const known = this.#known.get(address) ?? { uses: new Map(), frontUntil: 0 };
    const before = this.#known.has(address) ? this.#classOf(address, known) : undefined;
    if (!known.uses.has(use)) this.#makeRoom(use);
    known.uses.set(use, Math.max(end, known.uses.get(use) ?? 0));
    if (known.uses.size > MANY_USES) {
      const [first] = [...known.uses].sort(([, a], [, b]) => a - b);
      if (first !== undefined) known.uses.delete(first[0]);
    }
    if (front) known.frontUntil = Math.max(end, known.frontUntil);
    this.#known.delete(address);
    this.#known.set(address, known);
    if (before !== this.#classOf(address, known)) this.#invalidate();
  }

  /** The least recently seen address goes where there are too many, of the use or in all. */
  #makeRoom(use: ServiceUse): void {
    let ofUse = 0;
    let oldestOfUse: string | undefined;
    for (const [address, { uses }] of this.#known) {
      if (!uses.has(use)) continue;
      oldestOfUse ??= address;
      ofUse++;
    }
    if (ofUse >= MAX_PER_USE && oldestOfUse !== undefined) this.#known.delete(oldestOfUse);
    const [oldest] = this.#known.keys();
    if (this.#known.size >= MAX_ADDRESSES && oldest !== undefined) this.#known.delete(oldest);
  }

  #drop(isOver: (use: ServiceUse, end: number) => boolean): void {
    for (const [address, { uses }] of this.#known) {
      for (const [use, end] of uses) {
        if (!isOver(use, end)) continue;
        uses.delete(use);
        this.#invalidate();
      }
      if (uses.size === 0) this.#known.delete(address);
    }
  }

  #changed(address: string): void {
    if (this.#known.has(address)) this.#invalidate();
  }

  #invalidate(): void {
    if (this.#addresses === undefined) return;
    this.#addresses = undefined;
    for (const listener of this.#listeners) listener();
  }

  #isTracked(use: ServiceUse): boolean {
    return servicesOfUse(use).every((service) => this.#services.has(service));
  }

  #classOf(address: string, { uses, frontUntil }: Known): AddressClass {
    const shared = frontUntil !== 0 || uses.size >= MANY_USES || this.#protected.has(address);
    return addressClass({ uses: [...uses.keys()], shared });
  }
}
