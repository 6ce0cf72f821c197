import { type FSWatcher, watch } from 'node:fs';
import { basename, dirname } from 'node:path';
import type { Mac } from '@khien/shared/id';
import type { LanDevice } from '@khien/shared/topic';
import type { Neighbour, RouteEvent, Rtnetlink, Subscription } from 'node-nftables';
import type { Clock } from '../clock/clock.ts';
import type { Part } from '../lifecycle.ts';
import type { Log } from '../log.ts';
import { readFileIfThere } from '../storage/atomic-file.ts';
import { DeviceTable } from './device-table.ts';
import { parseDhcpLeases } from './dhcp-leases.ts';
import type { LanDevices } from './lan-devices.ts';
import type { LanSideWatch } from './lan-side-watch.ts';

/** dnsmasq writes its file in several steps. */
const SETTLE_MS = 50;
/** Where the folder of the lease file cannot be watched it is read this often. */
const REREAD_MS = 10_000;

export interface DeviceWatchDeps {
  readonly route: Rtnetlink;
  readonly side: LanSideWatch;
  readonly leaseFile: string;
  readonly clock: Clock;
  readonly log: Log;
  /** Told of a device that was not seen since the daemon started. */
  readonly found: (mac: Mac, hostname: string | null) => void;
}

/** Watches who is on the LAN: the kernel's neighbour events and dnsmasq's leases. Nothing is ever sent to find devices. */
export class DeviceWatch implements Part, LanDevices {
  readonly name = 'devices';
  readonly #deps: DeviceWatchDeps;
  readonly #table = new DeviceTable();
  readonly #listeners = new Set<() => void>();
  #neighbours: Subscription<RouteEvent<Neighbour>> | undefined;
  /** The lease file as it was last read. */
  #leases = '';
  #files: FSWatcher | undefined;
  #timer: NodeJS.Timeout | undefined;
  #reread: NodeJS.Timeout | undefined;

  constructor(deps: DeviceWatchDeps) {
    this.#deps = deps;
  }

  async start(): Promise<void> {
    this.#neighbours = this.#deps.route.watchNeighbours({
      event: ({ change, object }) => this.#neighbour(object, change === 'deleted'),
      lost: () => this.#readNeighbours().catch((error: unknown) => this.#deps.log.error('neighbours', error)),
    });
    await this.#readLeases();
    await this.#readNeighbours();
    this.#watchLeases();
  }

  // biome-ignore lint/suspicious/useAwait: a Part's stop is asynchronous
  async stop(): Promise<void> {
    this.#neighbours?.close();
    this.#files?.close();
    clearTimeout(this.#timer);
    clearInterval(this.#reread);
  }

  list(): readonly LanDevice[] {
    return this.#table.list(this.#deps.clock.now());
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

  async #readNeighbours(): Promise<void> {
    for (const neighbour of await this.#deps.route.listNeighbours()) this.#neighbour(neighbour, false);
  }

  #neighbour({ interfaceIndex, address, mac, state }: Neighbour, deleted: boolean): void {
    const { side } = this.#deps;
    // Among the neighbours of a bridge is the router itself.
    if (interfaceIndex !== side.index || (mac !== undefined && side.current().routerMacs.includes(mac)))
      return;
    if (deleted || state === 'failed') {
      this.#table.forget(address);
      this.#changed();
    } else if (mac !== undefined && state !== 'incomplete' && state !== 'noarp') {
      const learned = this.#table.seen(mac, address, this.#deps.clock.now());
      if (learned === 'new') this.#deps.found(mac, this.#table.hostnameOf(mac));
      if (learned !== 'same') this.#changed();
    }
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
    for (const mac of fresh) this.#deps.found(mac, this.#table.hostnameOf(mac));
    this.#changed();
  }

  #changed(): void {
    for (const listener of this.#listeners) listener();
  }
}
