import { type FSWatcher, watch } from 'node:fs';
import { basename, dirname } from 'node:path';
import type { Instant, Mac } from '@khien/shared/id';
import type { LanDevice } from '@khien/shared/topic';
import type { Neighbour, RouteEvent, Rtnetlink, Subscription } from 'node-nftables';
import type { Clock } from '../clock/clock.ts';
import type { Part } from '../lifecycle.ts';
import type { Log } from '../log.ts';
import { readFileIfThere } from '../storage/atomic-file.ts';
import { DeviceTable } from './device-table.ts';
import { parseDhcpLeases } from './dhcp-leases.ts';
import type { DhcpNote, Fingerprint } from './dhcp-note.ts';
import { DhcpNotes } from './dhcp-notes.ts';
import type { LanDevices } from './lan-devices.ts';
import type { LanSideWatch } from './lan-side-watch.ts';
import { PortMoves } from './port-moves.ts';
import type { Known } from './resemblance.ts';
import { SilentSenders } from './silent-senders.ts';

/** dnsmasq writes its file in several steps. */
const SETTLE_MS = 50;
/** Where the folder of the lease file cannot be watched it is read this often. */
const REREAD_MS = 10_000;
/** The bridge is asked so often by which ports it heard whom. */
const HEARD_EVERY = 2000;
/** A device that is new tells DHCP of itself in the same moment. */
const TOLD_AFTER = 1000;

export interface DeviceWatchDeps {
  readonly route: Rtnetlink;
  readonly side: LanSideWatch;
  readonly leaseFile: string;
  /** Where the DHCP hook notes down what devices tell. */
  readonly noteFolder: string;
  readonly clock: Clock;
  readonly log: Log;
  /** Told of a device that was not seen since the daemon started. */
  readonly found: (mac: Mac, hostname: string | null, fingerprint: Fingerprint | null) => void;
}

/**
 * Watches who is on the LAN: the kernel's neighbours, what the bridge heard, dnsmasq's leases and what devices tell it.
 * Nothing is ever sent to find devices.
 */
export class DeviceWatch implements Part, LanDevices {
  readonly name = 'devices';
  readonly #deps: DeviceWatchDeps;
  readonly #table = new DeviceTable();
  readonly #moves = new PortMoves();
  readonly #silent = new SilentSenders();
  readonly #notes: DhcpNotes;
  readonly #listeners = new Set<() => void>();
  readonly #onNote = new Set<(note: DhcpNote) => void>();
  readonly #onTwoPlaces = new Set<(mac: Mac) => void>();
  #neighbours: Subscription<RouteEvent<Neighbour>> | undefined;
  /** The lease file as it was last read. */
  #leases = '';
  #files: FSWatcher | undefined;
  #timer: NodeJS.Timeout | undefined;
  #reread: NodeJS.Timeout | undefined;
  #cancelHearing: () => void = () => undefined;
  #stopped = false;

  constructor(deps: DeviceWatchDeps) {
    this.#deps = deps;
    const { noteFolder: folder, clock, log } = deps;
    this.#notes = new DhcpNotes({ folder, clock, log, tell: (note) => this.#note(note) });
  }

  async start(): Promise<void> {
    this.#neighbours = this.#deps.route.watchNeighbours({
      event: ({ change, object }) => this.#neighbour(object, change === 'deleted'),
      lost: () => this.#readNeighbours().catch((error: unknown) => this.#deps.log.error('neighbours', error)),
    });
    await this.#readLeases();
    await this.#readNeighbours();
    await this.#notes.start();
    this.#watchLeases();
    await this.#hear();
  }

  async stop(): Promise<void> {
    this.#stopped = true;
    this.#neighbours?.close();
    this.#files?.close();
    this.#cancelHearing();
    clearTimeout(this.#timer);
    clearInterval(this.#reread);
    await this.#notes.stop();
  }

  list(): readonly LanDevice[] {
    return this.#table.list(this.#deps.clock.now());
  }

  /** What each address that is known here tells of itself, and when it was last heard. */
  known(): readonly Known[] {
    return this.#table.known();
  }

  byAddress(address: string): Mac | undefined {
    return this.#table.ownerOf(address);
  }

  addressesOf(mac: Mac): readonly string[] {
    return this.#table.addressesOf(mac);
  }

  onChange(listener: () => void): () => void {
    this.#listeners.add(listener);
    return () => this.#listeners.delete(listener);
  }

  /** Calls back with whatever a device tells DHCP, each time it does; the result unsubscribes. */
  onNote(listener: (note: DhcpNote) => void): () => void {
    this.#onNote.add(listener);
    return () => this.#onNote.delete(listener);
  }

  /** Calls back with an address that comes in by several ports at once; the result unsubscribes. */
  onTwoPlaces(listener: (mac: Mac) => void): () => void {
    this.#onTwoPlaces.add(listener);
    return () => this.#onTwoPlaces.delete(listener);
  }

  async #readNeighbours(): Promise<void> {
    for (const neighbour of await this.#deps.route.listNeighbours()) this.#neighbour(neighbour, false);
  }

  #neighbour({ interfaceIndex, address, mac, state }: Neighbour, deleted: boolean): void {
    const { side, clock } = this.#deps;
    // Among the neighbours of a bridge is the router itself.
    if (interfaceIndex !== side.index || (mac !== undefined && side.current().routerMacs.includes(mac)))
      return;
    if (deleted || state === 'failed') {
      this.#table.forget(address);
      this.#changed();
    } else if (mac !== undefined && state !== 'incomplete' && state !== 'noarp') {
      const learned = this.#table.seen(mac, address, clock.now());
      // It has just answered.
      if (state === 'reachable') this.#table.heard(mac, clock.now());
      if (learned === 'new') this.#found(mac);
      if (learned !== 'same') this.#changed();
    }
  }

  #found(mac: Mac): void {
    this.#deps.clock.after(TOLD_AFTER, () => {
      if (!this.#stopped) this.#deps.found(mac, this.#table.hostnameOf(mac), this.#table.fingerprintOf(mac));
    });
  }

  #note(note: DhcpNote): void {
    const isNews = this.#table.described(note, this.#deps.clock.now());
    for (const listener of this.#onNote) listener(note);
    if (isNews) this.#changed();
  }

  async #hear(): Promise<void> {
    const { route, side, clock, log } = this.#deps;
    try {
      const now = clock.now();
      const ours = side.current().routerMacs;
      const unknown = new Map<Mac, Instant>();
      for (const { bridgeIndex, interfaceIndex, mac, age } of await route.listForwardings()) {
        if (bridgeIndex !== side.index || ours.includes(mac)) continue;
        this.#table.heard(mac, now - age);
        if (!this.#table.isKnown(mac)) unknown.set(mac, now - age);
        if (!this.#moves.at(mac, interfaceIndex, now - age, now)) continue;
        for (const listener of this.#onTwoPlaces) listener(mac);
      }
      for (const mac of this.#silent.among([...unknown.keys()], now)) {
        if (this.#table.heardOnly(mac, unknown.get(mac) ?? now)) this.#found(mac);
        this.#changed();
      }
    } catch (error) {
      log.error('what the bridge heard', error);
    }
    if (!this.#stopped) this.#cancelHearing = clock.after(HEARD_EVERY, () => void this.#hear());
  }

  #watchLeases(): void {
    const { leaseFile, log } = this.#deps;
    const read = (): void => {
      this.#timer ??= setTimeout(() => {
        this.#timer = undefined;
        this.#readLeases().catch((error: unknown) => log.error('DHCP leases', error));
      }, SETTLE_MS).unref();
    };
    this.#reread = setInterval(read, REREAD_MS).unref();
    try {
      this.#files = watch(dirname(leaseFile), { persistent: false }, (_event, file) => {
        if (file === basename(leaseFile)) read();
      });
      this.#files.on('error', (error) => log.warn(`${leaseFile} is not watched: ${error.message}`));
    } catch (error) {
      log.warn(`${leaseFile} is not watched: ${error instanceof Error ? error.message : String(error)}`);
    }
  }

  async #readLeases(): Promise<void> {
    const text = (await readFileIfThere(this.#deps.leaseFile))?.toString();
    if (text === undefined || text === this.#leases) return;
    this.#leases = text;
    const leases = parseDhcpLeases(text);
    const fresh = this.#table.leased(leases, this.#deps.clock.now());
    for (const mac of fresh) this.#found(mac);
    this.#changed();
  }

  #changed(): void {
    for (const listener of this.#listeners) listener();
  }
}
