import { z } from 'zod';
import { siteAddresses, wildcardSite } from '../../home/addresses.ts';
import { type Device, type RunningProcess, VirtualHome } from '../../home/index.ts';
import { HostWorker } from '../../system/host-worker.ts';
import type { Flows } from './flows.ts';

const TABLET = '02:00:00:00:00:01';
const LAPTOP = '02:00:00:00:00:02';

/** Where the flows go: a site outside. */
export const site = siteAddresses(wildcardSite).v4;

/** A home whose router forwards, with Khiên's tables for so many managed devices, the tablet among them, or with none. */
export class Way {
  readonly #home: VirtualHome;
  readonly #enforcement: HostWorker | undefined;
  #server: RunningProcess | undefined;

  private constructor(home: VirtualHome, enforcement: HostWorker | undefined) {
    this.#home = home;
    this.#enforcement = enforcement;
  }

  /** @param managed how many devices; undefined for no tables at all */
  static async start(flows: Flows, folder: string, managed: number | undefined): Promise<Way> {
    const devices = { tablet: { mac: TABLET }, laptop: { mac: LAPTOP } };
    const home = await VirtualHome.start({ devices, logQueries: false });
    const enforcement =
      managed === undefined
        ? undefined
        : new HostWorker(home.router, new URL('forward-worker.ts', import.meta.url));
    const way = new Way(home, enforcement);
    try {
      const macs = Array.from({ length: managed ?? 0 }, (_, index) => (index === 0 ? TABLET : macOf(index)));
      const leases = await enforcement?.ask('enforce', { macs, folder }, z.int());
      if ((leases ?? 0) !== macs.length) throw new Error(`${leases} of ${macs.length} devices have a lease`);
      way.#server = await flows.serve(home.internet, site);
    } catch (error) {
      await way.stop();
      throw error;
    }
    return way;
  }

  /** The other end of all flows. */
  get server(): RunningProcess {
    if (this.#server === undefined) throw new Error('the server was not started');
    return this.#server;
  }

  /** Managed where any device is. */
  get tablet(): Device {
    return this.#home.device('tablet');
  }

  /** Never managed. */
  get laptop(): Device {
    return this.#home.device('laptop');
  }

  /** Lets TCP send packets of the link's size, or as large ones as it likes, which no router gets from a cable. */
  async sendLarge(large: boolean): Promise<void> {
    const segments = large ? 65_535 : 1;
    await this.#home.internet.ip([
      `link set home0 gso_max_segs ${segments}`,
      `link set isp0 gso_max_segs ${segments}`,
    ]);
    for (const device of [this.tablet, this.laptop])
      await device.ip([`link set eth0 gso_max_segs ${segments}`]);
  }

  async stop(): Promise<void> {
    await this.#enforcement?.stop();
    await this.#home.stop();
  }
}

/** Locally administered. */
function macOf(index: number): string {
  return `02:01:00:00:${(index >> 8).toString(16).padStart(2, '0')}:${(index & 255).toString(16).padStart(2, '0')}`;
}
