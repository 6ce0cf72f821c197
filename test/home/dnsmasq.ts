import { existsSync, mkdirSync, readFileSync, rmSync, truncateSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import type { Host } from './host.ts';
import { parseQueryLog, type Query } from './query-log.ts';
import type { RunningProcess } from './running-process.ts';

/** A real dnsmasq on a host, with a configuration folder as OpenWrt's has, that tests may kill and restart. */
export class Dnsmasq {
  /** Files `*.conf` in here are read at every start. */
  readonly configFolder: string;
  readonly leaseFile: string;
  /** What dnsmasq itself logs, across restarts. */
  readonly logFile: string;
  readonly #host: Host;
  readonly #configFile: string;
  #process: RunningProcess | null = null;

  constructor(host: Host, config: readonly string[]) {
    this.#host = host;
    const folder = join(host.premises.folder, `${host.name}-dnsmasq`);
    this.configFolder = join(folder, 'conf.d');
    this.leaseFile = join(folder, 'dhcp.leases');
    this.logFile = join(folder, 'dnsmasq.log');
    this.#configFile = join(folder, 'dnsmasq.conf');
    mkdirSync(this.configFolder, { recursive: true });
    const own = [
      'user=root',
      'group=root',
      'pid-file=',
      'no-resolv',
      'no-hosts',
      `log-facility=${this.logFile}`,
      `dhcp-leasefile=${this.leaseFile}`,
      `conf-dir=${this.configFolder},*.conf`,
    ];
    writeFileSync(this.#configFile, `${[...own, ...config].join('\n')}\n`);
    writeFileSync(this.logFile, '');
  }

  get running(): boolean {
    return this.#process?.running ?? false;
  }

  /** Starts it, and waits until it listens. */
  async start(): Promise<void> {
    const before = this.#log().length;
    this.#process = this.#host.spawn('dnsmasq', ['--keep-in-foreground', `--conf-file=${this.#configFile}`]);
    await this.#process.ready('dnsmasq listens', () =>
      this.#log().slice(before).includes('started, version'),
    );
  }

  async stop(): Promise<void> {
    await this.#process?.stop();
  }

  /** Plays its crash. */
  async kill(): Promise<void> {
    this.#process?.kill('SIGKILL');
    await this.#process?.exited;
  }

  async restart(): Promise<void> {
    await this.stop();
    await this.start();
  }

  /** Writes `NAME.conf` into the configuration folder, or removes it when there are no lines, and restarts. */
  async configure(name: string, lines: readonly string[]): Promise<void> {
    const file = join(this.configFolder, `${name}.conf`);
    if (lines.length === 0) rmSync(file, { force: true });
    else writeFileSync(file, `${lines.join('\n')}\n`);
    await this.restart();
  }

  /** What it was asked since the start, or since `forgetQueries`. */
  queries(): Query[] {
    return parseQueryLog(this.#log());
  }

  forgetQueries(): void {
    truncateSync(this.logFile);
  }

  /** The lease file, as dnsmasq writes it: expiry, MAC, address, host name and client id on each line. */
  leases(): string {
    return existsSync(this.leaseFile) ? readFileSync(this.leaseFile, 'utf8') : '';
  }

  #log(): string {
    return readFileSync(this.logFile, 'utf8');
  }
}
