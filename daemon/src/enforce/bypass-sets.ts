import { isIPv4 } from 'node:net';
import { type BypassAddresses, bypassAddresses } from '@khien/shared/bypass';
import {
  type ChainRef,
  concatenatedKey,
  dataType,
  type Element,
  goto,
  ipAddress,
  macAddress,
  type NamedSet,
  networkU16,
  type TableRef,
  type Transaction,
} from 'node-nftables';
import { POLICY_TABLE } from '../layout.ts';
import {
  type KernelMethod,
  kernelMethods,
  managedPorts,
  type PortRule,
  protectedPorts,
} from './bypass-policy.ts';
import { firstMessageLengths } from './tunnel-handshake.ts';

/** Sets, maps and chains of the part of the policy table that closes ways round it; `bypass-rules` says how a packet meets them. */

const table: TableRef = { family: 'inet', name: POLICY_TABLE };
const chain = (name: string): ChainRef => ({ table, name });
const verdicts = (name: string, key: NamedSet['key'], size: number): NamedSet => ({
  table,
  name,
  key,
  data: 'verdict',
  size,
});

const PROTOCOL = { icmp: 1, tcp: 6, udp: 17, icmpv6: 58 } as const;
/** How long the kernel remembers an attempt that nobody asks it for (milliseconds). */
export const ATTEMPT_MEMORY = 24 * 3600_000;

/** What each managed device meets on its way out: one look-up tells who sends. */
export const leavingDevices: NamedSet = verdicts('leaving', dataType.etherAddr, 8192);
/** MACs whose child's rules block ways round them. */
export const protectedDevices: NamedSet = { table, name: 'protected', key: dataType.etherAddr, size: 8192 };
/** By MAC and the number of a method: how many packets were refused or led elsewhere, and when the last was. */
export const attempts: NamedSet = {
  table,
  name: 'attempts',
  key: dataType.concatenated(dataType.etherAddr, dataType.mark),
  flags: ['timeout', 'dynamic'],
  counter: true,
  size: 4096,
};
/** The ports of the next, by which most packets are let on with the cheapest of look-ups. */
export const watchedPorts: NamedSet = { table, name: 'watched', key: dataType.inetService };
const portKey = dataType.concatenated(dataType.inetProto, dataType.inetService);
export const portsOfManaged = verdicts('ports', portKey, 64);
export const portsOfProtected = verdicts('bypass_ports', portKey, 256);
export const protocols = verdicts('bypass_protocols', dataType.inetProto, 16);
export const handshakes = verdicts('bypass_handshakes', dataType.integer(2), 16);
export const places = {
  ip: verdicts('bypass4', dataType.ipv4Addr, 2048),
  ip6: verdicts('bypass6', dataType.ipv6Addr, 2048),
};
/** Networks of one size each, looked up by the masked address: sets of intervals cost more and are newer. */
export const networks = {
  ip: verdicts('bypass_networks4', dataType.ipv4Addr, 256),
  ip6: verdicts('bypass_networks6', dataType.ipv6Addr, 256),
};
export const NETWORK_BITS = { ip: 24, ip6: 48 } as const;

/** What a managed device without a lease sends out, or a stranger. */
export const withoutLease = chain('without_lease');
export const escaped = chain('escaped');
/** Of managed devices without such rules. */
export const leaving = chain('leaving');
/** Of `protectedDevices`. */
export const bypass = chain('bypass');
export const byTcp = chain('by_tcp');
export const proxyAsked = chain('proxy_asked');
export const firstMessages = chain('first_messages');
export const fresh = chain('fresh');
export const ping = chain('ping');
export const other = chain('other');
export const refusal = (method: KernelMethod): ChainRef => chain(`refuse_${method.replace('-', '_')}`);

/** The methods that are refused; foreign resolvers are answered by this router instead. */
export const refused = kernelMethods.filter((method) => method !== 'foreign-dns');

export const countingBypassChains: readonly ChainRef[] = [escaped, ...refused.map(refusal)];

/** Adds sets, maps and chains, in which `bypassRules` go. */
export function addBypassChains(transaction: Transaction): void {
  const all = [
    leavingDevices,
    protectedDevices,
    attempts,
    watchedPorts,
    portsOfManaged,
    portsOfProtected,
    protocols,
    handshakes,
  ];
  for (const set of [...all, ...Object.values(places), ...Object.values(networks)]) transaction.addSet(set);
  for (const each of [escaped, ...refused.map(refusal)]) transaction.addChain(each);
  for (const each of [proxyAsked, firstMessages, fresh, ping, other, byTcp, bypass, leaving]) {
    transaction.addChain(each);
  }
}

/** Fills the maps, once their rules are there. */
export function addBypassElements(transaction: Transaction): void {
  const to = (each: ChainRef) => goto(each.name);
  transaction.addElements(portsOfManaged, [
    ...managedPorts.map(portElement),
    ...(['udp', 'tcp'] as const).map((transport) => ({
      key: keyOfPort(transport, 53),
      verdict: to(escaped),
    })),
  ]);
  const watched = new Set([53, ...managedPorts.map(({ port }) => port)]);
  transaction.addElements(
    watchedPorts,
    [...watched].map((port) => ({ key: networkU16(port) })),
  );
  transaction.addElements(portsOfProtected, protectedPorts.map(portElement));
  transaction.addElements(protocols, [
    { key: Buffer.of(PROTOCOL.tcp), verdict: to(byTcp) },
    { key: Buffer.of(PROTOCOL.udp), verdict: to(fresh) },
    { key: Buffer.of(PROTOCOL.icmp), verdict: to(ping) },
    { key: Buffer.of(PROTOCOL.icmpv6), verdict: to(ping) },
  ]);
  transaction.addElements(
    handshakes,
    firstMessageLengths.map((length) => ({ key: networkU16(length), verdict: to(firstMessages) })),
  );
  for (const [map, elements] of placeElements()) transaction.addElements(map, elements);
}

export function leavingElement(mac: string, isProtected: boolean): Element {
  return { key: macAddress(mac), verdict: goto((isProtected ? bypass : leaving).name) };
}

function portElement({ transport, port, method }: PortRule): Element {
  return { key: keyOfPort(transport, port), verdict: goto(refusal(method).name) };
}

function keyOfPort(transport: 'tcp' | 'udp', port: number): Buffer {
  return concatenatedKey(Buffer.of(PROTOCOL[transport]), networkU16(port));
}

function* placeElements(): Generator<[NamedSet, Element[]]> {
  const found = bypassAddresses.flatMap(({ method, addresses }) =>
    addresses.map((address) => ({ method, address })),
  );
  for (const version of ['ip', 'ip6'] as const) {
    const ofVersion = found.filter(
      ({ address }) => isIPv4(address.split('/')[0] ?? '') === (version === 'ip'),
    );
    const single = ofVersion.filter(({ address }) => !address.includes('/'));
    const wide = ofVersion.filter(({ address }) => address.includes('/'));
    yield [places[version], single.map(placeElement)];
    yield [networks[version], wide.map(placeElement)];
  }
}

function placeElement({ method, address }: { method: BypassAddresses['method']; address: string }): Element {
  return { key: ipAddress(address.split('/')[0] ?? ''), verdict: goto(refusal(method).name) };
}
