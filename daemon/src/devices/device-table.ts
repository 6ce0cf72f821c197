import type { Instant, Mac } from '@khien/shared/id';
import type { LanDevice } from '@khien/shared/topic';
import type { DhcpLease } from './dhcp-leases.ts';
import type { DhcpNote, Fingerprint } from './dhcp-note.ts';
import type { Known } from './resemblance.ts';

/** A device that the kernel has not confirmed for so long counts as away. Its confirmations come about every minute. */
const PRESENT_MS = 10 * 60_000;
/** A hostile device may make up addresses: the table keeps the newest of so many devices. */
const MAX_DEVICES = 512;
/**
 * Of all devices: what the kernel's two neighbour tables hold (gc_thresh3), so that no device answers for more than the table
 * knows to be its own. Beyond, whoever has most loses the oldest.
 */
const MAX_ADDRESSES = 2048;
/** The newest that are told of a device. */
const TOLD_ADDRESSES = 16;
/** Puts all that only send behind all others. */
const MUTE = Number.MAX_SAFE_INTEGER / 2;

interface Entry {
  /** Only ever heard: it has told nobody an address. */
  silent: boolean;
  hostname: string | null;
  fingerprint: Fingerprint | null;
  /** When it was certainly there by its last frame; null where none was seen. */
  heardAt: Instant | null;
  /** Address → when it was last confirmed. */
  readonly addresses: Map<string, Instant>;
  lastSeenAt: Instant;
}

/** Who is on the LAN, as told by neighbour and DHCP events. Pure: time comes in with each call. */
export class DeviceTable {
  readonly #entries = new Map<Mac, Entry>();
  readonly #owners = new Map<string, Mac>();

  /** The kernel confirmed that `mac` answers for `address`. Says what that taught: a new device, something of it, nothing. */
  seen(mac: Mac, address: string, now: Instant): 'new' | 'changed' | 'same' {
    const known = this.#entries.get(mac);
    const entry = known ?? this.#add(mac, now);
    const same = this.#owners.get(address) === mac && now - entry.lastSeenAt < PRESENT_MS;
    entry.lastSeenAt = Math.max(entry.lastSeenAt, now);
    this.#own(mac, entry, address, now);
    if (known === undefined) return 'new';
    return same ? 'same' : 'changed';
  }

  /** The kernel no longer knows who has `address`. */
  forget(address: string): void {
    const mac = this.#owners.get(address);
    this.#owners.delete(address);
    if (mac !== undefined) this.#entries.get(mac)?.addresses.delete(address);
  }

  /** dnsmasq's leases: names, and addresses of devices that are known or not. Returns the devices that are new here. */
  leased(leases: readonly DhcpLease[], now: Instant): Mac[] {
    const fresh: Mac[] = [];
    for (const { mac, address, hostname } of leases) {
      const known = this.#entries.get(mac);
      const entry = known ?? this.#add(mac, now);
      entry.hostname = hostname ?? entry.hostname;
      if (!this.#owners.has(address)) this.#own(mac, entry, address, now);
      if (known === undefined) fresh.push(mac);
    }
    return fresh;
  }

  /** What a device told of itself when it asked for an address. True where that is news of a device that is known here. */
  described({ mac, hostname, fingerprint }: DhcpNote, now: Instant): boolean {
    const entry = this.#entries.get(mac) ?? this.#add(mac, now);
    const news = entry.fingerprint !== fingerprint || (hostname !== null && entry.hostname !== hostname);
    entry.fingerprint = fingerprint;
    entry.hostname = hostname ?? entry.hostname;
    return news;
  }

  /** A device sends, and neither answers for an address nor asks for one. True where it was not known. */
  heardOnly(mac: Mac, at: Instant): boolean {
    if (this.#entries.has(mac)) return false;
    this.#add(mac, at).silent = true;
    this.heard(mac, at);
    return true;
  }

  isKnown(mac: Mac): boolean {
    return this.#entries.has(mac);
  }

  /** A frame of the device came in at `at`. */
  heard(mac: Mac, at: Instant): void {
    const entry = this.#entries.get(mac);
    if (entry === undefined) return;
    entry.heardAt = Math.max(entry.heardAt ?? at, at);
    entry.lastSeenAt = Math.max(entry.lastSeenAt, at);
  }

  /** All that is known of each address, for telling which of them are one device. */
  known(): Known[] {
    return [...this.#entries].map(([mac, { hostname, fingerprint, heardAt }]) => ({
      mac,
      hostname,
      fingerprint,
      heardAt,
    }));
  }

  fingerprintOf(mac: Mac): Fingerprint | null {
    return this.#entries.get(mac)?.fingerprint ?? null;
  }

  ownerOf(address: string): Mac | undefined {
    return this.#owners.get(address);
  }

  addressesOf(mac: Mac): string[] {
    return [...(this.#entries.get(mac)?.addresses.keys() ?? [])];
  }

  hostnameOf(mac: Mac): string | null {
    return this.#entries.get(mac)?.hostname ?? null;
  }

  list(now: Instant): LanDevice[] {
    return [...this.#entries].map(([mac, entry]) => ({
      mac,
      hostname: entry.hostname,
      addresses: [...entry.addresses.keys()].slice(-TOLD_ADDRESSES).sort(),
      present: (entry.addresses.size > 0 || entry.silent) && now - entry.lastSeenAt < PRESENT_MS,
      lastSeenAt: entry.lastSeenAt,
      fingerprint: entry.fingerprint,
    }));
  }

  #add(mac: Mac, now: Instant): Entry {
    if (this.#entries.size >= MAX_DEVICES) this.#dropOldest();
    const entry: Entry = {
      silent: false,
      hostname: null,
      fingerprint: null,
      heardAt: null,
      addresses: new Map(),
      lastSeenAt: now,
    };
    this.#entries.set(mac, entry);
    return entry;
  }

  #own(mac: Mac, entry: Entry, address: string, now: Instant): void {
    entry.silent = false;
    const before = this.#owners.get(address);
    if (before !== undefined && before !== mac) this.#entries.get(before)?.addresses.delete(address);
    this.#owners.set(address, mac);
    entry.addresses.delete(address);
    entry.addresses.set(address, now);
    if (this.#owners.size > MAX_ADDRESSES) this.#dropOldestAddress();
  }

  #dropOldestAddress(): void {
    const most = [...this.#entries.values()].reduce((a, b) => (b.addresses.size > a.addresses.size ? b : a));
    const [oldest] = most.addresses.keys();
    if (oldest === undefined) return;
    most.addresses.delete(oldest);
    this.#owners.delete(oldest);
  }

  #dropOldest(): void {
    let oldest: [Mac, Entry] | undefined;
    // Anybody can invent addresses that only send: they are the first to go.
    const rank = ({ silent, lastSeenAt }: Entry) => (silent ? lastSeenAt - MUTE : lastSeenAt);
    for (const candidate of this.#entries) {
      if (oldest === undefined || rank(candidate[1]) < rank(oldest[1])) oldest = candidate;
    }
    if (oldest === undefined) return;
    for (const address of oldest[1].addresses.keys()) this.#owners.delete(address);
    this.#entries.delete(oldest[0]);
  }
}
