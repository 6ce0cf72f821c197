import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { lan, wanLink } from './addresses.ts';
import { Dnsmasq } from './dnsmasq.ts';
import { fw4Ruleset } from './firewall.ts';
import { Host, type Premises, type Socket } from './host.ts';

/** The home's router: a bridge for the LAN, `wan0` to the provider, the firewall and the dnsmasq that OpenWrt has. */
export class Router extends Host {
  /** The MAC of br-lan, which devices send to. */
  readonly mac = lan.mac;
  readonly dnsmasq: Dnsmasq;

  constructor(namespace: string, premises: Premises, socket: Socket, logQueries: boolean) {
    super('router', namespace, premises, socket);
    const hosts = join(premises.folder, 'router-hosts');
    writeFileSync(hosts, `${lan.v4} router\n${lan.ula} router\n`);
    this.dnsmasq = new Dnsmasq(this, [...dnsmasqConfig(hosts), ...(logQueries ? ['log-queries'] : [])]);
  }

  /** Brings up the network of a router whose `wan0` is there, then dnsmasq. */
  async start(): Promise<void> {
    await this.sysctl({
      'ipv4/ip_forward': 1,
      'ipv6/conf/all/forwarding': 1,
      'ipv6/conf/default/forwarding': 1,
      'ipv6/conf/all/accept_dad': 0,
      'ipv6/conf/default/accept_dad': 0,
      'ipv6/conf/wan0/accept_dad': 0,
    });
    await this.ip([
      'link set lo up',
      `link add br-lan address ${lan.mac} type bridge stp_state 0 forward_delay 0 mcast_snooping 0`,
      'link set br-lan up',
      `addr add ${lan.v4}/24 dev br-lan`,
      `addr add ${lan.ula}/64 dev br-lan nodad`,
      `addr add ${lan.delegated}/64 dev br-lan nodad`,
      `addr add ${wanLink.router.v4}/24 dev wan0`,
      `addr add ${wanLink.router.v6}/64 dev wan0 nodad`,
      'link set wan0 up',
      `route add default via ${wanLink.internet.v4}`,
      `route add default via ${wanLink.internet.v6}`,
    ]);
    this.premises.namespaces.setResolvers(this.namespace, ['127.0.0.1']);
    await Promise.all([this.loadFirewall(), this.dnsmasq.start()]);
  }

  /** Loads the rule set again as `fw4 restart` does: its own table is replaced, others stay. */
  async loadFirewall(): Promise<void> {
    await this.check('nft', ['-f', '-'], { input: fw4Ruleset });
  }
}

/**
 * As OpenWrt generates it, without rebind protection, which takes the documentation ranges of the virtual Internet for
 * private ones; and without the ping before an offer, which takes three seconds.
 */
function dnsmasqConfig(hostsFile: string): string[] {
  return [
    'interface=br-lan',
    'bind-dynamic',
    `addn-hosts=${hostsFile}`,
    'domain-needed',
    'localise-queries',
    'expand-hosts',
    'domain=lan',
    'local=/lan/',
    'bogus-priv',
    'cache-size=1000',
    'server=8.8.8.8',
    'server=2001:4860:4860::8888',
    'dhcp-authoritative',
    'no-ping',
    'dhcp-range=192.168.50.10,192.168.50.249,255.255.255.0,12h',
    'enable-ra',
    'dhcp-range=fd50::,ra-stateless,64,12h',
    'dhcp-range=2001:db8:50::,ra-stateless,64,12h',
  ];
}
