import { mkdir, readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { type Status, statusSchema } from '../../daemon/src/status.ts';
import type { RunningProcess, VirtualHome } from '../home/index.ts';
import { type CloudSystem, cloudUrl } from './cloud.ts';

const bundle = fileURLToPath(new URL('../../daemon/dist/khiend.cjs', import.meta.url));

const dnsmasqFile = fileURLToPath(
  new URL('../../firmware-scripts/openwrt/files/khien.dnsmasq', import.meta.url),
);

/** How the init script of the OpenWrt package starts Node. */
export const nodeFlags = [
  '--max-semi-space-size=1',
  '--max-old-space-size=48',
  '--max-lazy',
  '--optimize-for-size',
  '--no-opt',
];
export const nodeEnvironment = {
  MALLOC_ARENA_MAX: '1',
  MALLOC_TRIM_THRESHOLD_: '65536',
  MALLOC_MMAP_THRESHOLD_: '65536',
};

/** The real daemon, as bundled for a router, on the router of a virtual home. */
export class RouterSystem {
  readonly folder: string;
  readonly #home: VirtualHome;
  readonly #cloud: CloudSystem;
  readonly #configFile: string;
  #process: RunningProcess | undefined;

  constructor(home: VirtualHome, folder: string, cloud: CloudSystem) {
    this.#home = home;
    this.folder = folder;
    this.#cloud = cloud;
    this.#configFile = join(folder, 'config.json');
  }

  /** Resolves when the daemon answers on its status socket. */
  async start(): Promise<void> {
    await mkdir(this.folder, { recursive: true });
    const config = {
      cloud: { url: cloudUrl, authority: this.#cloud.authority, longestBackOff: 2 },
      stateFolder: join(this.folder, 'state'),
      runFolder: join(this.folder, 'run'),
      dhcpLeases: this.#home.router.dnsmasq.leaseFile,
      timeSynchronised: this.#configFile,
    };
    await writeFile(this.#configFile, JSON.stringify(config));
    const dnsmasq = await readFile(dnsmasqFile, 'utf8');
    await this.#home.router.dnsmasq.configure('khien', dnsmasq.split('\n'));
    this.#process = this.#home.router.spawn(process.execPath, this.#arguments('run'), {
      name: 'khiend',
      env: nodeEnvironment,
    });
    await this.process.ready('khiend answers', async () => (await this.khiend('status')).code === 0);
  }

  get process(): RunningProcess {
    if (this.#process === undefined) throw new Error('khiend was not started');
    return this.#process;
  }

  /** Runs a command of the daemon's own on the router. */
  khiend(...command: string[]): Promise<{ stdout: string; stderr: string; code: number | null }> {
    return this.#home.router.exec(process.execPath, this.#arguments(...command));
  }

  /** @throws where the daemon does not answer */
  async status(): Promise<Status> {
    const { stdout } = await this.khiend('status', '--json');
    return statusSchema.parse(JSON.parse(stdout));
  }

  /** As a crash does it. Resolves when it is gone. */
  async kill(): Promise<void> {
    this.process.kill('SIGKILL');
    await this.process.exited;
  }

  async stop(): Promise<void> {
    await this.process.stop(5000);
  }

  #arguments(...command: string[]): string[] {
    return [...nodeFlags, bundle, ...command, '--config', this.#configFile];
  }
}
