import { join } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import { z } from 'zod';
import { lan } from '../../home/addresses.ts';
import { type Device, eventually, type VirtualHome } from '../../home/index.ts';
import { HostWorker } from '../../system/host-worker.ts';
import { RouterSystem } from '../../system/router.ts';
import { StoredHome } from '../../system/stored-home.ts';
import type { Flood } from '../flood.ts';
import { kernelMemory, sinceStart } from '../proc.ts';
import { CACHE_TTL } from './peer.ts';
import type { Workload } from './workload.ts';

const PATIENCE = 120;
/** Until the kernel has given back what was taken away, after a grace period of RCU and of its workers. */
const SETTLE_MS = 1000;

export interface KhienStart {
  /** Milliseconds from the process's start until a listed name is blocked. */
  readonly blocking: number;
  /** Until all names are in the kernel. */
  readonly loaded: number;
  readonly names: number;
  /** Bytes by which the kernel's memory grew. */
  readonly kernel: number;
}

/** A virtual home with the bundled daemon, whose policy is on flash, and a dnsmasq without lists. */
export class KhienHome {
  readonly #stored: StoredHome;
  readonly #flood: Flood;
  readonly #tables: HostWorker;
  #router: RouterSystem | undefined;

  private constructor(stored: StoredHome, flood: Flood) {
    this.#stored = stored;
    this.#flood = flood;
    this.#tables = new HostWorker(stored.home.router, new URL('table-worker.ts', import.meta.url));
  }

  static async start(flood: Flood): Promise<KhienHome> {
    const stored = await StoredHome.start({}, { logQueries: false });
    // What is blocked is the list, and nothing else.
    await stored.storePolicy({ blockedCategories: ['list'], blockedServices: [] }, (policy) => ({
      ...policy,
      services: [],
      categories: [{ id: 'list', name: { vi: 'Danh sách', en: 'List' }, bit: 0 }],
    }));
    await stored.home.router.dnsmasq.configure('bench', [`min-cache-ttl=${CACHE_TTL}`]);
    return new KhienHome(stored, flood);
  }

  get home(): VirtualHome {
    return this.#stored.home;
  }

  /** The one managed device. */
  get tablet(): Device {
    return this.#stored.tablet;
  }

  /** The daemon's process. */
  get daemon(): number {
    if (this.#router === undefined) throw new Error('the daemon was not started');
    return this.#router.process.pid;
  }

  /** Starts the daemon with the list where no tables of it are in the kernel. */
  async startDaemon({ list, names, queries }: Workload): Promise<KhienStart> {
    const before = kernelMemory();
    const router = this.#make(list);
    const blocked = this.#flood.blocked(this.tablet, lan.v4, queries.blocked, PATIENCE);
    // Where the daemon cannot be started, that is what is to be told.
    blocked.catch(() => undefined);
    await router.launch();
    const { pid } = router.process;
    const loaded = await eventually(
      'the names are in the kernel',
      async () => {
        const status = await router.status();
        return status.names >= names.length / 2 ? { names: status.names, at: process.hrtime.bigint() } : null;
      },
      PATIENCE * 1000,
    );
    const start = {
      blocking: sinceStart(pid, await blocked),
      loaded: sinceStart(pid, loaded.at),
      names: loaded.names,
    };
    await delay(SETTLE_MS);
    return { ...start, kernel: kernelMemory() - before };
  }

  /** Starts the daemon with the small list that is shipped. */
  async startWithoutList(): Promise<void> {
    await this.#make().start();
    await delay(SETTLE_MS);
  }

  /** Ends the daemon and takes away its tables; resolves with the bytes that the kernel gave back for the tables. */
  async endDaemon(): Promise<number> {
    await this.#router?.kill();
    await delay(SETTLE_MS);
    const before = kernelMemory();
    await this.#tables.ask('remove', null, z.undefined());
    await delay(SETTLE_MS);
    return before - kernelMemory();
  }

  async stop(): Promise<void> {
    await this.#tables.stop();
    await this.#stored.stop();
  }

  #make(list?: string): RouterSystem {
    const { folder } = this.#stored.router;
    this.#router = new RouterSystem(this.home, folder, { authority: join(folder, 'authority.pem') }, list);
    return this.#router;
  }
}
