import { join } from 'node:path';
import {
  defaultSites,
  outsideLink,
  publicResolvers,
  siteAddresses,
  sitePrefix,
  wanLink,
  wildcardSite,
} from '../addresses.ts';
import { Dnsmasq } from '../dnsmasq.ts';
import { Host, type Premises } from '../host.ts';
import { program } from '../program.ts';

export type Sites = Readonly<Record<string, number>>;

/**
 * Everything outside: the provider's end of the link, public resolvers, the authority for every name, web and UDP servers.
 * Its bridges are `isp0` (port `home0`) and `outside0` (ports `cloud0` and `phone0`).
 */
export class Internet extends Host {
  /** Answers for all public resolvers, so its queries are what left the home. */
  readonly dnsmasq: Dnsmasq;
  /** PEM of the certificate of all web sites, for NODE_EXTRA_CA_CERTS. */
  readonly certificate: string;
  readonly #sites: Sites;

  constructor(namespace: string, premises: Premises, sites: Sites, logQueries: boolean) {
    super('internet', namespace, premises, null);
    this.certificate = join(premises.folder, 'internet-certificate.pem');
    this.#sites = { ...defaultSites, ...sites };
    this.dnsmasq = new Dnsmasq(this, [
      ...authorityConfig(this.#sites),
      ...(logQueries ? ['log-queries'] : []),
    ]);
  }

  /** The address of a site in the table given at the start, or where unknown names lead. */
  site(name: string): { v4: string; v6: string } {
    const labels = name.split('.');
    const suffixes = labels.map((_, index) => labels.slice(index).join('.'));
    const known = suffixes.map((suffix) => this.#sites[suffix]).find((number) => number !== undefined);
    return siteAddresses(known ?? wildcardSite);
  }

  /** Brings up the namespace, whose ports `home0`, `cloud0` and `phone0` are there, then the servers. */
  async start(): Promise<void> {
    await this.sysctl({
      'ipv4/ip_forward': 1,
      'ipv6/conf/all/forwarding': 1,
      'ipv6/conf/all/accept_dad': 0,
      'ipv6/conf/default/accept_dad': 0,
      // A local route suffices to bind an IPv4 address, but not an IPv6 one.
      'ipv6/ip_nonlocal_bind': 1,
    });
    await this.ip([
      'link set lo up',
      'link add isp0 type bridge stp_state 0 forward_delay 0 mcast_snooping 0',
      'link add outside0 type bridge stp_state 0 forward_delay 0 mcast_snooping 0',
      'link set isp0 up',
      'link set outside0 up',
      'link set home0 master isp0 up',
      'link set cloud0 master outside0 up',
      'link set phone0 master outside0 up',
      `addr add ${wanLink.internet.v4}/24 dev isp0`,
      `addr add ${wanLink.internet.v6}/64 dev isp0 nodad`,
      `addr add ${outsideLink.gateway.v4}/24 dev outside0`,
      `addr add ${outsideLink.gateway.v6}/64 dev outside0 nodad`,
      `route add local ${sitePrefix.v4} dev lo`,
      `route add local ${sitePrefix.v6} dev lo`,
      `route add 2001:db8:50::/64 via ${wanLink.router.v6}`,
      ...publicResolvers.map((address) => `addr add ${address} dev lo`),
    ]);
    this.premises.namespaces.setResolvers(this.namespace, ['8.8.8.8']);
    await Promise.all([this.dnsmasq.start(), this.#startServers()]);
  }

  async #startServers(): Promise<void> {
    const key = join(this.premises.folder, 'internet-key.pem');
    const names = ['localhost', ...Object.keys(this.#sites)].flatMap((name) => [
      `DNS:${name}`,
      `DNS:*.${name}`,
    ]);
    const addresses = publicResolvers.map((address) => `IP:${address}`);
    const request = [
      'req',
      '-x509',
      '-newkey',
      'ec',
      '-pkeyopt',
      'ec_paramgen_curve:P-256',
      '-nodes',
      '-days',
      '30',
    ];
    const subject = [
      '-subj',
      '/CN=virtual Internet',
      '-addext',
      `subjectAltName=${[...names, ...addresses].join()}`,
    ];
    await this.check('openssl', [...request, ...subject, '-keyout', key, '-out', this.certificate]);
    const numbers = new Set([...Object.values(this.#sites), wildcardSite]);
    const sites = [...numbers].map(siteAddresses).flatMap(({ v4, v6 }) => [v4, v6]);
    const servers = program(this.premises.folder, 'internet/servers.ts');
    const args = [servers, this.certificate, key, ...publicResolvers, ...sites];
    const running = this.spawn(process.execPath, args, { name: 'servers' });
    await running.ready('the servers of the Internet listen', () => running.log().includes('ready\n'));
  }
}

function authorityConfig(sites: Sites): string[] {
  const addresses = (name: string, { v4, v6 }: { v4: string; v6: string }) => [
    `address=/${name}/${v4}`,
    `address=/${name}/${v6}`,
  ];
  return [
    'bind-interfaces',
    `listen-address=${[...publicResolvers, outsideLink.gateway.v4, outsideLink.gateway.v6].join()}`,
    'local-ttl=60',
    ...Object.entries(sites).flatMap(([name, number]) => addresses(name, siteAddresses(number))),
    ...addresses('khien.example', outsideLink.cloud),
    ...addresses('dns.google', { v4: '8.8.8.8', v6: '2001:4860:4860::8888' }),
    ...addresses('cloudflare-dns.com', { v4: '1.1.1.1', v6: '2606:4700:4700::1111' }),
    // RFC 6761: `invalid` never exists, so tests have a name that does not.
    'address=/invalid/',
    ...addresses('#', siteAddresses(wildcardSite)),
  ];
}
