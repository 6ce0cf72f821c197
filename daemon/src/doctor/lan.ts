import type { InterfaceAddress, Link } from 'node-nftables';
import { describeLan } from '../devices/lan-side-watch.ts';
import { type Finding, ok, problem } from './finding.ts';

/** Whether the home's network is where the configuration says. */
export function checkLan(
  name: string,
  links: readonly Link[],
  addresses: readonly InterfaceAddress[],
): Finding {
  const check = 'LAN';
  const lan = links.find((link) => link.name === name);
  if (lan === undefined) {
    const others = links.map((link) => link.name).filter((other) => other !== 'lo');
    const found = `there is no interface ${name}, but ${others.join(' ') || 'none at all'}`;
    return problem(check, found, 'name the right one: uci set khien.main.lan=…');
  }
  if (!lan.up) return problem(check, `${name} is switched off`, `switch it on: ip link set ${name} up`);
  const side = describeLan(lan, links, addresses);
  const found = `${name}, ports ${side.ports.join(' ')}, addresses ${side.addresses.join(' ') || 'none'}`;
  const reachable = side.addresses.some((address) => !address.includes(':'));
  if (!reachable) return problem(check, found, `give ${name} an IPv4 address: devices ask it for names`);
  return ok(check, found);
}
