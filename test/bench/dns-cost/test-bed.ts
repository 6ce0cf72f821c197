import { availableParallelism } from 'node:os';
import { join } from 'node:path';
import { z } from 'zod';
import { DNS_PORT } from '../../../daemon/src/layout.ts';
import { lan } from '../../home/addresses.ts';
import { type Device, type RunningProcess, VirtualHome } from '../../home/index.ts';
import { HostWorker } from '../../system/host-worker.ts';
import type { Flood } from '../flood.ts';
import { cpuTime, softirqsCountApart, udpBufferErrors } from '../proc.ts';

/** Who asks for what, with or without Khiên's tables in the way. */
export const caseNames = ['floor', 'unmanaged', 'managed, allowed', 'managed, blocked'] as const;
export type CaseName = (typeof caseNames)[number];

/** Files with one name a line. */
export interface NameFiles {
  readonly allowed: string;
  /** Fewer than dnsmasq's cache holds. */
  readonly cached: string;
  readonly blocked: string;
}

const enforcedSchema = z.object({ names: z.int(), milliseconds: z.number() });
export type Enforced = z.infer<typeof enforcedSchema>;

/** Queries that the client keeps under way. */
export const WINDOW = 64;

/** A machine that others use stands still now and then. */
const ATTEMPTS = 3;

// All that a query costs is paid on one core, so that nothing hides on another.
const core = availableParallelism() - 1;

/** What is taken for the cost of packets: the time on the clock where the processor's does not have all of it. */
export const clock = softirqsCountApart() ? 'wall' : 'cpu';

/** A virtual home with the tables of the real enforcer, which can be taken out of the packets' way. */
export class TestBed {
  readonly #home: VirtualHome;
  readonly #flood: Flood;
  readonly #enforcement: HostWorker;
  readonly #files: NameFiles;
  #dormant = false;

  private constructor(home: VirtualHome, flood: Flood, files: NameFiles) {
    this.#home = home;
    this.#flood = flood;
    this.#files = files;
    this.#enforcement = new HostWorker(home.router, new URL('enforcement-worker.ts', import.meta.url));
  }

  static async start(flood: Flood, files: NameFiles): Promise<TestBed> {
    const devices = { tablet: { mac: '02:00:00:00:00:01' }, laptop: { mac: '02:00:00:00:00:02' } };
    return new TestBed(await VirtualHome.start({ devices, logQueries: false }), flood, files);
  }

  /** Brings a compiled list into the kernel, with the tablet as the one managed device. */
  async enforce(list: string): Promise<Enforced> {
    const tablet = this.#home.device('tablet');
    const managed = tablet.mac;
    // Its neighbours know it.
    await tablet.check('busybox', ['ping', '-c1', lan.v4]);
    return this.#enforcement.ask('enforce', { list, managed }, enforcedSchema);
  }

  /** Runs `work` with sockets that nobody reads in the place of dnsmasq and the responder. */
  async withSink<T>(work: (sink: RunningProcess) => Promise<T>): Promise<T> {
    await this.#home.router.dnsmasq.stop();
    const sink = await this.#flood.sink(this.#home.router, [53, DNS_PORT]);
    try {
      return await work(sink);
    } finally {
      await sink.stop();
    }
  }

  /**
   * What the kernel spends on a query up to the socket, in nanoseconds.
   *
   * @throws Error where again and again not all came to the socket, so that something else was measured
   */
  kernelPath(name: CaseName, sink: RunningProcess, count: number): Promise<number> {
    const file = name === 'managed, blocked' ? this.#files.blocked : this.#files.allowed;
    return this.#measure(name, async () => {
      const before = udpBufferErrors(sink.pid);
      const { sent, warmUp, ...times } = await this.#flood.send(this.#asker(name), core, lan.v4, file, count);
      const reached = (udpBufferErrors(sink.pid) - before) / (sent + warmUp);
      return reached < 0.99 ? `only ${(100 * reached).toFixed(1)} % came to the socket` : times[clock] / sent;
    });
  }

  /** Runs `work` with dnsmasq on the bench's core, all names in its cache. */
  async withResolver<T>(work: (resolver: number) => Promise<T>): Promise<T> {
    await this.#home.router.dnsmasq.configure('bench', ['min-cache-ttl=3600']);
    const resolver = await this.#resolver();
    await this.#home.router.check('taskset', ['-acp', String(core), String(resolver)]);
    await this.#set('floor');
    await this.#flood.ask(this.#asker('floor'), core, lan.v4, this.#files.cached, {
      seconds: 0.3,
      window: 8,
    });
    return work(resolver);
  }

  /**
   * Answers a second from dnsmasq's cache, and what one costs the client, the kernel and dnsmasq in nanoseconds.
   *
   * @throws Error where again and again answers were lost or had no address
   */
  answers(name: CaseName, resolver: number, seconds: number): Promise<{ rate: number; cost: number }> {
    const options = { seconds, window: WINDOW };
    return this.#measure(name, async () => {
      const before = cpuTime(resolver);
      const asked = await this.#flood.ask(this.#asker(name), core, lan.v4, this.#files.cached, options);
      const { answered, negative, stalls, wall, cpu } = asked;
      if (negative > 0 || stalls > 0 || answered === 0) {
        return `${answered} answers, ${negative} without an address, ${stalls} stalls`;
      }
      const busy = clock === 'cpu' ? cpu + cpuTime(resolver) - before : wall;
      return { rate: (answered * 1e9) / wall, cost: busy / answered };
    });
  }

  async stop(): Promise<void> {
    await this.#enforcement.stop();
    await this.#home.stop();
  }

  #asker(name: CaseName): Device {
    return this.#home.device(name === 'unmanaged' ? 'laptop' : 'tablet');
  }

  /** Measures a case, again where `once` says why what it measured is worth nothing. */
  async #measure<T>(name: CaseName, once: () => Promise<T | string>): Promise<T> {
    let reason = '';
    for (let attempt = 0; attempt < ATTEMPTS; attempt++) {
      await this.#set(name);
      const measured = await once();
      if (typeof measured !== 'string') return measured;
      reason = measured;
    }
    throw new Error(`${name}: ${reason}`);
  }

  async #set(name: CaseName): Promise<void> {
    const dormant = name === 'floor';
    if (dormant === this.#dormant) return;
    await this.#enforcement.ask('setDormant', dormant, z.undefined());
    this.#dormant = dormant;
  }

  async #resolver(): Promise<number> {
    const { router } = this.#home;
    const pids = (await router.check('ip', ['netns', 'pids', router.namespace])).trim().split('\n');
    for (const pid of pids) {
      if ((await router.check('cat', [join('/proc', pid, 'comm')])).trim() === 'dnsmasq') return Number(pid);
    }
    throw new Error('the router has no dnsmasq');
  }
}
