import { randomBytes } from 'node:crypto';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { lan, outsideLink } from './addresses.ts';
import { Device, type DeviceSpec } from './device.ts';
import { homeError } from './error.ts';
import { Host, type Premises } from './host.ts';
import { Internet, type Sites } from './internet/internet.ts';
import { Namespaces } from './namespaces.ts';
import { ProcessTable } from './process-table.ts';
import type { Query } from './query-log.ts';
import { Router } from './router.ts';

export interface HomeOptions {
  /** The devices there at the start, by name; `defaultDevices` unless told. */
  readonly devices?: Readonly<Record<string, DeviceSpec>>;
  /** More names outside, with their site numbers; see addresses.ts. */
  readonly sites?: Sites;
  /** Whether the two dnsmasq log each query. Benches turn it off. */
  readonly logQueries?: boolean;
}

/** A locally administered MAC, one with a vendor's OUI, and a randomised one. */
export const defaultDevices: Readonly<Record<string, DeviceSpec>> = {
  tablet: { mac: '02:00:00:00:00:01' },
  laptop: { mac: '3c:22:fb:10:20:30' },
  newphone: { mac: '5a:3e:91:7c:20:03' },
};

/** A home, its provider and the Internet, in network namespaces. Runs inside `sh test/in-namespace.sh COMMAND`. */
export class VirtualHome {
  readonly router: Router;
  readonly internet: Internet;
  /** Where the cloud runs: khien.example. */
  readonly cloud: Host;
  /** The parent's phone, on the mobile network. */
  readonly phone: Host;
  readonly #premises: Premises;
  readonly #suffix: string;
  readonly #devices = new Map<string, Device>();
  readonly #stopActions: (() => Promise<void>)[];
  readonly #removeFolder: () => void;
  #ports = 0;
  #stopped: Promise<void> | null = null;

  private constructor(options: HomeOptions) {
    const folder = mkdtempSync(join(tmpdir(), 'khien-home-'));
    const processes = new ProcessTable(join(folder, 'logs'));
    const namespaces = new Namespaces(new ProcessTable(join(folder, 'logs')));
    const stopActions: (() => Promise<void>)[] = [];
    const onStop = (action: () => Promise<void>) => void stopActions.push(action);
    this.#removeFolder = () => rmSync(folder, { recursive: true, force: true });
    process.once('exit', this.#removeFolder);
    const premises: Premises = { folder, processes, namespaces, onStop };
    const { logQueries = true, sites = {} } = options;
    this.#premises = premises;
    this.#stopActions = stopActions;
    this.#suffix = randomBytes(3).toString('hex');
    this.internet = new Internet(this.#namespace('internet'), premises, sites, logQueries);
    const outside = (port: string) => ({ namespace: this.internet.namespace, port });
    this.router = new Router(this.#namespace('router'), premises, outside('home0'), logQueries);
    this.cloud = new Host('cloud', this.#namespace('cloud'), premises, outside('cloud0'));
    this.phone = new Host('phone', this.#namespace('phone'), premises, outside('phone0'));
  }

  /**
   * Lays a home out; all its devices have their addresses when this returns.
   * @throws KhienError HOME_NOT_ISOLATED outside `test/in-namespace.sh`; otherwise with the log of what did not start
   */
  static async start(options: HomeOptions = {}): Promise<VirtualHome> {
    const home = new VirtualHome(options);
    try {
      await home.#start(options.devices ?? defaultDevices);
      return home;
    } catch (error) {
      await home.stop();
      throw error;
    }
  }

  get routerMac(): string {
    return lan.mac;
  }

  /** @throws KhienError HOME_UNKNOWN_HOST */
  device(name: string): Device {
    const device = this.#devices.get(name);
    if (device === undefined) throw homeError('HOME_UNKNOWN_HOST', `there is no device ${name}`);
    return device;
  }

  get devices(): readonly Device[] {
    return [...this.#devices.values()];
  }

  /** Adds a device to the LAN, and waits for its addresses. */
  async addDevice(name: string, spec: DeviceSpec): Promise<Device> {
    const [device] = await this.addDevices({ [name]: spec });
    if (device === undefined) throw homeError('HOME_UNKNOWN_HOST', `${name} was not added`);
    return device;
  }

  /** Adds many devices at once. The LAN has room for 240. */
  async addDevices(specs: Readonly<Record<string, DeviceSpec>>): Promise<Device[]> {
    const devices = this.#plan(specs);
    await this.#premises.namespaces.create(devices.map(({ namespace }) => namespace));
    await this.#cable(devices);
    await inGroups(devices, 8, (device) => device.start());
    return devices;
  }

  /** What the router's dnsmasq was asked, which is what Khiên let through to it. */
  dnsmasqQueries(): Query[] {
    return this.router.dnsmasq.queries();
  }

  /** Ends all programs and removes all namespaces. May be called twice. */
  stop(): Promise<void> {
    this.#stopped ??= this.#stop();
    return this.#stopped;
  }

  async #start(specs: Readonly<Record<string, DeviceSpec>>): Promise<void> {
    const { namespaces } = this.#premises;
    const devices = this.#plan(specs);
    await namespaces.prepare();
    const hosts = [this.router, this.internet, this.cloud, this.phone, ...devices];
    await namespaces.create(hosts.map(({ namespace }) => namespace));
    await namespaces.ip([
      veth(this.router, 'wan0', this.internet, 'home0'),
      veth(this.cloud, 'eth0', this.internet, 'cloud0'),
      veth(this.phone, 'eth0', this.internet, 'phone0'),
    ]);
    await allOrFirstError([
      this.internet.start(),
      this.#startOutside(this.cloud, outsideLink.cloud),
      this.#startOutside(this.phone, outsideLink.phone),
      this.#startHome(devices),
    ]);
  }

  async #startHome(devices: readonly Device[]): Promise<void> {
    await this.router.start();
    await this.#cable(devices);
    await allOrFirstError(devices.map((device) => device.start()));
  }

  async #startOutside(host: Host, address: { v4: string; v6: string }): Promise<void> {
    await host.sysctl({ 'ipv6/conf/all/accept_dad': 0, 'ipv6/conf/eth0/accept_dad': 0 });
    await host.ip([
      'link set lo up',
      'link set eth0 up',
      `addr add ${address.v4}/24 dev eth0`,
      `addr add ${address.v6}/64 dev eth0 nodad`,
      `route add default via ${outsideLink.gateway.v4}`,
      `route add default via ${outsideLink.gateway.v6}`,
    ]);
    this.#premises.namespaces.setResolvers(host.namespace, [outsideLink.gateway.v4]);
  }

  #plan(specs: Readonly<Record<string, DeviceSpec>>): Device[] {
    return Object.entries(specs).map(([name, spec]) => {
      this.#ports += 1;
      const port = `lan${this.#ports}`;
      const device = new Device(name, this.#namespace(name), this.#premises, this.router, port, spec);
      this.#devices.set(name, device);
      return device;
    });
  }

  async #cable(devices: readonly Device[]): Promise<void> {
    await this.#premises.namespaces.ip(
      devices.map((device) => veth(device, 'eth0', this.router, device.port)),
    );
    await this.router.ip(devices.map(({ port }) => `link set ${port} master br-lan up`));
  }

  async #stop(): Promise<void> {
    const { processes, namespaces } = this.#premises;
    await Promise.allSettled(this.#stopActions.map((action) => action()));
    await processes.stop();
    await namespaces.remove();
    process.off('exit', this.#removeFolder);
    this.#removeFolder();
  }

  #namespace(name: string): string {
    return `${name}-${this.#suffix}`;
  }
}

function veth(host: Host, name: string, peer: Host, peerName: string): string {
  return `link add ${name} netns ${host.namespace} type veth peer name ${peerName} netns ${peer.namespace}`;
}

/** Like `Promise.all`, but nothing is under way any more when it throws. */
async function allOrFirstError(tasks: readonly Promise<void>[]): Promise<void> {
  await Promise.allSettled(tasks);
  await Promise.all(tasks);
}

/** Works through a list with at most `size` under way. */
async function inGroups<T>(
  items: readonly T[],
  size: number,
  work: (item: T) => Promise<void>,
): Promise<void> {
  const queue = items.values();
  await Promise.all(
    Array.from({ length: size }, async () => {
      for (const item of queue) await work(item);
    }),
  );
}
