import { mkdir, readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { askDaemon } from '../../daemon/src/control/ask.ts';
import { controlPath } from '../../daemon/src/control/control-socket.ts';
import { type Status, statusSchema } from '../../daemon/src/status.ts';
import { eventually, type RunningProcess, type VirtualHome } from '../home/index.ts';
import { type CloudSystem, cloudUrl } from './cloud.ts';
import { monotonic } from './worker.ts';

const bundle = fileURLToPath(new URL('../../daemon/dist/khiend.cjs', import.meta.url));

const dnsmasqFile = fileURLToPath(
  new URL('../../firmware-scripts/openwrt/files/khien.dnsmasq', import.meta.url),
);

const dhcpHook = fileURLToPath(new URL('../../firmware-scripts/openwrt/files/khien.dhcp', import.meta.url));

/** How the init script of the OpenWrt package starts Node. */
export const nodeFlags = [
  '--max-semi-space-size=1',
  '--max-old-space-size=48',
  '--max-lazy',
  '--optimize-for-size',
  '--no-opt',
  '--single-threaded-gc',
];
export const nodeEnvironment = {
  MALLOC_ARENA_MAX: '1',
  MALLOC_TRIM_THRESHOLD_: '65536',
  MALLOC_MMAP_THRESHOLD_: '65536',
};

/** The real daemon, as bundled for a router, on the router of a virtual home. */
export class RouterSystem {
  readonly folder: string;
  /** Touched by the NTP hotplug script when it has set the clock; there from the start. */
  readonly synchronisedFile: string;
  /** Preloaded into the daemon, with what it is told by. */
  preload: { readonly script: string; readonly env: Readonly<Record<string, string>> } | undefined;
  /** When its process was started last, in milliseconds of CLOCK_MONOTONIC. */
  launchedAt = 0;
  readonly #home: VirtualHome;
  readonly #cloud: Pick<CloudSystem, 'authority'>;
  readonly #list: string | undefined;
  readonly #configFile: string;
  #process: RunningProcess | undefined;

  /** @param list a compiled list of names; the daemon's own where absent */
  constructor(home: VirtualHome, folder: string, cloud: Pick<CloudSystem, 'authority'>, list?: string) {
    this.#home = home;
    this.folder = folder;
    this.#cloud = cloud;
    this.#list = list;
    this.#configFile = join(folder, 'config.json');
    this.synchronisedFile = join(folder, 'time-synchronised');
  }

  /** Resolves when the daemon answers on its control socket. */
  async start(): Promise<void> {
    await this.launch();
    await this.answers();
  }

  /** Resolves when the daemon that was launched answers on its control socket. */
  answers(): Promise<void> {
    return this.process.ready('khiend answers', async () => (await this.status()).pid === this.process.pid);
  }

  /** Only starts its process. */
  async launch(): Promise<void> {
    await this.#configure();
    this.launchedAt = monotonic();
    const preload = this.preload === undefined ? [] : ['--require', this.preload.script];
    this.#process = this.#home.router.spawn(process.execPath, [...preload, ...this.#arguments('run')], {
      name: 'khiend',
      env: { ...nodeEnvironment, ...this.preload?.env },
    });
  }

  async #configure(): Promise<void> {
    await mkdir(this.folder, { recursive: true });
    const config = {
      cloud: { url: cloudUrl, authority: this.#cloud.authority, longestBackOff: 2 },
      stateFolder: join(this.folder, 'state'),
      runFolder: this.#runFolder,
      dhcpLeases: this.#home.router.dnsmasq.leaseFile,
      timeSynchronised: this.synchronisedFile,
      ...(this.#list === undefined ? {} : { list: this.#list }),
    };
    if (this.#process === undefined) await writeFile(this.synchronisedFile, '');
    await writeFile(this.#configFile, JSON.stringify(config));
    const dnsmasq = await readFile(dnsmasqFile, 'utf8');
    await this.#home.router.dnsmasq.configure('khien', [
      ...dnsmasq.split('\n'),
      `dhcp-script=${await this.#writeDhcpScript()}`,
    ]);
  }

  /** Does as OpenWrt's script for dnsmasq: calls the hook with the words that it is used to. */
  async #writeDhcpScript(): Promise<string> {
    const path = join(this.folder, 'dhcp-script');
    const lines = [
      '#!/bin/sh',
      'case "$1" in add) ACTION=add ;; old) ACTION=update ;; *) exit 0 ;; esac',
      'MACADDR="$2"',
      `KHIEN_NOTES='${join(this.#runFolder, 'dhcp')}'`,
      `. '${dhcpHook}'`,
    ];
    await writeFile(path, `${lines.join('\n')}\n`, { mode: 0o755 });
    return path;
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
    return statusSchema.parse(await askDaemon(controlPath(this.#runFolder), { ask: 'status' }));
  }

  /** Resolves with the status once it is as wanted, 30 s at most. */
  reach(description: string, wanted: (status: Status) => boolean): Promise<Status> {
    const look = async (): Promise<Status | null> => {
      const status = await this.status();
      return wanted(status) ? status : null;
    };
    return eventually(description, look, 30_000);
  }

  /** As a crash does it. Resolves when it is gone. */
  async kill(): Promise<void> {
    this.process.kill('SIGKILL');
    await this.process.exited;
  }

  async stop(): Promise<void> {
    await this.process.stop(5000);
  }

  get #runFolder(): string {
    return join(this.folder, 'run');
  }

  #arguments(...command: string[]): string[] {
    return [...nodeFlags, bundle, ...command, '--config', this.#configFile];
  }
}
