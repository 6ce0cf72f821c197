import { existsSync, readFileSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { homeError } from './error.ts';
import { eventually } from './eventually.ts';
import { Host, type Premises } from './host.ts';
import type { RunningProcess } from './running-process.ts';

export interface DeviceSpec {
  readonly mac: string;
  /** What it tells the DHCP server; its name unless told. */
  readonly hostname?: string;
  /** Its DHCP client's vendor class, and the options it asks for; those of udhcpc unless told. */
  readonly vendorClass?: string;
  readonly asksFor?: readonly number[];
}

/** What the DHCP server gave. */
export interface Lease {
  readonly address: string;
  readonly server: string;
  readonly seconds: number;
}

const script = fileURLToPath(new URL('udhcpc.sh', import.meta.url));

/** A device on the LAN: takes its IPv4 address by DHCP and its IPv6 addresses from router advertisements. */
export class Device extends Host {
  readonly hostname: string;
  /** Its port on the router's bridge. */
  readonly port: string;
  readonly #leaseFile: string;
  readonly #dhcpOptions: readonly string[];
  #mac: string;
  #address6 = '';
  #ula = '';
  #client: RunningProcess | null = null;

  constructor(
    name: string,
    namespace: string,
    premises: Premises,
    router: Host,
    port: string,
    spec: DeviceSpec,
  ) {
    super(name, namespace, premises, { namespace: router.namespace, port });
    this.hostname = spec.hostname ?? name;
    this.port = port;
    this.#mac = spec.mac;
    const { vendorClass, asksFor } = spec;
    this.#dhcpOptions = [
      ...(vendorClass === undefined ? [] : ['-V', vendorClass]),
      ...(asksFor === undefined ? [] : ['-o', ...asksFor.flatMap((option) => ['-O', String(option)])]),
    ];
    this.#leaseFile = join(premises.folder, `${name}.lease`);
  }

  get mac(): string {
    return this.#mac;
  }

  /** @throws KhienError HOME_UNKNOWN_HOST while it has no lease */
  get address4(): string {
    return this.#lease().address;
  }

  /** The address in the prefix delegated by the provider, which it uses towards the outside. */
  get address6(): string {
    return this.#address6;
  }

  /** The address in the home's own prefix, fd50::/64. */
  get ula(): string {
    return this.#ula;
  }

  /** Brings up a device whose `eth0` is there, and waits for all its addresses. */
  async start(): Promise<void> {
    await this.sysctl({
      'ipv6/conf/all/accept_dad': 0,
      'ipv6/conf/default/accept_dad': 0,
      'ipv6/conf/eth0/accept_dad': 0,
      // The kernel waits a second before its first router solicitation.
      'ipv6/conf/eth0/router_solicitation_delay': 0,
      'ipv6/conf/eth0/router_solicitation_interval': 1,
    });
    await this.ip(['link set lo up', `link set eth0 address ${this.#mac}`, 'link set eth0 up']);
    await this.dhcp();
  }

  /** Asks for an address anew, as when the device joins, and waits until it has a lease and its IPv6 addresses. */
  async dhcp(): Promise<Lease> {
    await this.#client?.stop();
    rmSync(this.#leaseFile, { force: true });
    const options = [
      '-i',
      'eth0',
      '-s',
      script,
      '-x',
      `hostname:${this.hostname}`,
      '-t',
      '5',
      '-T',
      '1',
      '-A',
      '1',
      ...this.#dhcpOptions,
    ];
    const env = { LEASE_FILE: this.#leaseFile };
    const client = this.spawn('udhcpc', ['-f', ...options], { env });
    this.#client = client;
    await client.ready(`${this.name} has a lease and IPv6 addresses`, () => {
      // The kernel's table of addresses, since SLAAC tells nobody.
      const table = readFileSync(`/proc/${client.pid}/net/if_inet6`, 'utf8');
      this.#address6 = addressIn(table, '20010db80050');
      this.#ula = addressIn(table, 'fd50');
      return existsSync(this.#leaseFile) && this.#address6 !== '' && this.#ula !== '';
    });
    return this.#lease();
  }

  /** Comes back under another MAC, as a device that randomises it does. */
  async changeMac(mac: string): Promise<Lease> {
    await this.#client?.stop();
    await this.ip(['link set eth0 down', `link set eth0 address ${mac}`, 'link set eth0 up']);
    this.#mac = mac;
    return this.dhcp();
  }

  override async plugIn(): Promise<void> {
    await super.plugIn();
    await eventually(`${this.name} has its carrier back`, () =>
      this.check('cat', ['/sys/class/net/eth0/carrier']).then((carrier) => carrier.trim() === '1'),
    );
  }

  #lease(): Lease {
    if (!existsSync(this.#leaseFile)) throw homeError('HOME_UNKNOWN_HOST', `${this.name} has no lease`);
    const [address = '', server = '', seconds = ''] = readFileSync(this.#leaseFile, 'utf8').split(' ');
    return { address, server, seconds: Number(seconds) };
  }
}

function addressIn(table: string, hexPrefix: string): string {
  const line = table.split('\n').find((entry) => entry.startsWith(hexPrefix) && entry.endsWith('eth0'));
  return line === undefined ? '' : shortenAddress(line.slice(0, 32));
}

/** Writes 32 hex digits as the URL parser does, which is the form of RFC 5952. */
function shortenAddress(hex: string): string {
  const groups = hex.match(/.{4}/g) ?? [];
  return new URL(`http://[${groups.join(':')}]`).hostname.slice(1, -1);
}
