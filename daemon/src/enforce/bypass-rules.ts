import { isIPv4 } from 'node:net';
import { type BypassAddresses, bypassAddresses } from '@khien/shared/bypass';
import {
  accept,
  type ChainRef,
  concatenatedKey,
  dataType,
  drop,
  type Element,
  type Expression,
  expr,
  goto,
  hostU32,
  ipAddress,
  type NamedSet,
  networkU16,
  type Rule,
  register,
  type TableRef,
  type Transaction,
} from 'node-nftables';
import { DNS_PORT, POLICY_TABLE } from '../layout.ts';
import {
  type KernelMethod,
  kernelMethods,
  LARGEST_ECHO,
  managedPorts,
  methodNumber,
  type PortRule,
  protectedPorts,
} from './bypass-policy.ts';
import { destinationIn, etherSourceIn, loadDestination, protocolIs } from './packet-match.ts';

/**
 * The part of the policy table that closes ways round it, in the forward hook:
 *
 *     forward → escaped, refuse_dot, refuse_doq       by port, for every managed device
 *             → bypass → by_tcp, by_udp → fresh       for those of children whose rules block ways round them
 *                      → ping, other                  → refuse_…
 *
 * Each refusal is remembered by the kernel, by device and method and nothing else, so that it can be told later by a
 * daemon that was not there. Verdicts are looked up by port and address, so a packet costs the same however many there are.
 */

const table: TableRef = { family: 'inet', name: POLICY_TABLE };
const r0 = register(0);
const chain = (name: string): ChainRef => ({ table, name });
const verdicts = (name: string, key: NamedSet['key'], size: number): NamedSet => ({
  table,
  name,
  key,
  data: 'verdict',
  size,
});

const PROTOCOL = { icmp: 1, tcp: 6, udp: 17, icmpv6: 58 } as const;
const NFPROTO = { ip: 2, ip6: 10 } as const;
/** How long the kernel remembers an attempt that nobody asks it for (milliseconds). */
export const ATTEMPT_MEMORY = 24 * 3600_000;

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
const portKey = dataType.concatenated(dataType.inetProto, dataType.inetService);
const portsOfManaged = verdicts('ports', portKey, 64);
const portsOfProtected = verdicts('bypass_ports', portKey, 256);
const protocols = verdicts('bypass_protocols', dataType.inetProto, 16);
const handshakes = verdicts('bypass_handshakes', dataType.integer(2), 16);
const places = {
  ip: verdicts('bypass4', dataType.ipv4Addr, 2048),
  ip6: verdicts('bypass6', dataType.ipv6Addr, 2048),
};
/** Networks of one size each, looked up by the masked address: sets of intervals cost more and are newer. */
const networks = {
  ip: verdicts('bypass_networks4', dataType.ipv4Addr, 256),
  ip6: verdicts('bypass_networks6', dataType.ipv6Addr, 256),
};
export const NETWORK_BITS = { ip: 24, ip6: 48 } as const;

const escaped = chain('escaped');
const bypass = chain('bypass');
const byTcp = chain('by_tcp');
const byUdp = chain('by_udp');
const proxyAsked = chain('proxy_asked');
const wireguard = chain('wireguard');
const openvpn = chain('openvpn');
const fresh = chain('fresh');
const ping = chain('ping');
const other = chain('other');
const refusal = (method: KernelMethod): ChainRef => chain(`refuse_${method.replace('-', '_')}`);

/** The methods that are refused; foreign resolvers are answered by this router instead. */
const refused = kernelMethods.filter((method) => method !== 'foreign-dns');

/** The comments under which `status` finds the counters of attempts. */
export const countedAttempts = Object.fromEntries(
  kernelMethods.map((method) => [method, `bypass ${method}`]),
) as Readonly<Record<KernelMethod, string>>;
export const countedEscape = 'to a foreign resolver past the redirection';

export const countingBypassChains: readonly ChainRef[] = [escaped, ...refused.map(refusal)];

/** Adds sets, maps and chains, in which `bypassRules` go. */
export function addBypassChains(transaction: Transaction): void {
  const all = [protectedDevices, attempts, portsOfManaged, portsOfProtected, protocols, handshakes];
  for (const set of [...all, ...Object.values(places), ...Object.values(networks)]) transaction.addSet(set);
  for (const each of [escaped, ...refused.map(refusal)]) transaction.addChain(each);
  for (const each of [proxyAsked, wireguard, openvpn, fresh, ping, other, byTcp, byUdp, bypass]) {
    transaction.addChain(each);
  }
}

/** Fills the maps, once their rules are there. */
export function addBypassElements(transaction: Transaction): void {
  const to = (each: ChainRef) => goto(each.name);
  transaction.addElements(portsOfManaged, [
    ...managedPorts.map(portElement),
    ...[53, DNS_PORT].map((port) => ({ key: keyOfPort('udp', port), verdict: to(escaped) })),
    { key: keyOfPort('tcp', 53), verdict: to(escaped) },
  ]);
  transaction.addElements(portsOfProtected, protectedPorts.map(portElement));
  transaction.addElements(protocols, [
    { key: Buffer.of(PROTOCOL.tcp), verdict: to(byTcp) },
    { key: Buffer.of(PROTOCOL.udp), verdict: to(byUdp) },
    { key: Buffer.of(PROTOCOL.icmp), verdict: to(ping) },
    { key: Buffer.of(PROTOCOL.icmpv6), verdict: to(ping) },
  ]);
  transaction.addElements(handshakes, [
    { key: networkU16(WIREGUARD_INITIATION), verdict: to(wireguard) },
    ...[OPENVPN_PLAIN, OPENVPN_CRYPT, ...OPENVPN_HMACS.map(openvpnSigned)]
      .filter((length, index, lengths) => lengths.indexOf(length) === index)
      .map((length) => ({ key: networkU16(length), verdict: to(openvpn) })),
  ]);
  for (const [map, elements] of placeElements()) transaction.addElements(map, elements);
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

/** What keeps in mind that a device tried this. The rule must do nothing else: it ends where the set is full. */
export function remember(method: KernelMethod): Expression[] {
  return [
    expr.payload('link', 6, 6, r0),
    expr.immediate(register(2), hostU32(methodNumber(method))),
    expr.dynset('update', r0, attempts.name, { timeout: ATTEMPT_MEMORY, counter: true }),
  ];
}

/** What a managed device with a lease meets on its way out: rules for the end of `forward`, which goes on where they do not hold. */
export function* bypassEntry(forward: ChainRef): Generator<Rule> {
  yield { chain: forward, expressions: [...loadPort(), expr.lookupVerdict(r0, portsOfManaged.name)] };
}

export function* protectedEntry(forward: ChainRef): Generator<Rule> {
  yield {
    chain: forward,
    expressions: [...etherSourceIn(protectedDevices.name), expr.verdict(goto(bypass.name))],
  };
}

/** The rules behind `bypassEntry` and `protectedEntry`. `help` are the sets of addresses that are never refused. */
export function* bypassRules(help: Readonly<Record<'ip' | 'ip6', string>>): Generator<Rule> {
  yield { chain: escaped, expressions: [expr.counter, expr.verdict(drop)], comment: countedEscape };
  for (const method of refused) yield* refusalRules(method);

  const helpPasses = (from: ChainRef): Rule[] =>
    (['ip', 'ip6'] as const).map((version) => ({
      chain: from,
      expressions: [...destinationIn(version, help[version]), expr.verdict(accept)],
    }));
  const answered: Expression[] = [
    expr.ct('state', r0),
    expr.bitwise(r0, r0, hostU32(expr.ctState.established | expr.ctState.related)),
    expr.cmp(r0, 'neq', hostU32(0)),
    expr.verdict(accept),
  ];

  yield { chain: bypass, expressions: [expr.meta('l4proto', r0), expr.lookupVerdict(r0, protocols.name)] };
  // ESP and AH (IPsec), GRE (PPTP), IPv6 in IPv4, IP in IP and whatever else may carry packets: nothing a child needs.
  yield { chain: bypass, expressions: [expr.verdict(goto(other.name))] };
  yield* helpPasses(other);
  yield { chain: other, expressions: [expr.verdict(goto(refusal('vpn').name))] };

  yield* connectRules();
  yield* helpPasses(proxyAsked);
  yield { chain: proxyAsked, expressions: [expr.verdict(goto(refusal('proxy').name))] };
  yield { chain: byTcp, expressions: answered };
  yield { chain: byTcp, expressions: [expr.verdict(goto(fresh.name))] };

  yield { chain: byUdp, expressions: answered };
  yield { chain: byUdp, expressions: [expr.verdict(goto(fresh.name))] };

  yield* helpPasses(fresh);
  for (const version of ['ip', 'ip6'] as const) yield* placeRules(version);
  yield { chain: fresh, expressions: [...loadPort(), expr.lookupVerdict(r0, portsOfProtected.name)] };
  yield {
    chain: fresh,
    expressions: [
      ...protocolIs('udp'),
      expr.payload('transport', 4, 2, r0),
      expr.lookupVerdict(r0, handshakes.name),
    ],
  };
  yield* handshakeRules();
  yield* pingRules();
}

function* refusalRules(method: KernelMethod): Generator<Rule> {
  const each = refusal(method);
  const comment = countedAttempts[method];
  yield { chain: each, expressions: remember(method) };
  yield {
    chain: each,
    expressions: [...protocolIs('tcp'), expr.counter, expr.reject('tcp reset')],
    comment,
  };
  yield { chain: each, expressions: [expr.counter, expr.reject('port unreachable')], comment };
}

function* placeRules(version: 'ip' | 'ip6'): Generator<Rule> {
  const ofVersion: Expression[] = [
    expr.meta('nfproto', r0),
    expr.cmp(r0, 'eq', Buffer.of(NFPROTO[version])),
    ...loadDestination(version),
  ];
  const mask = Buffer.alloc(version === 'ip' ? 4 : 16);
  mask.fill(0xff, 0, NETWORK_BITS[version] / 8);
  yield { chain: fresh, expressions: [...ofVersion, expr.lookupVerdict(r0, places[version].name)] };
  yield {
    chain: fresh,
    expressions: [...ofVersion, expr.bitwise(r0, r0, mask), expr.lookupVerdict(r0, networks[version].name)],
  };
}

/**
 * A proxy on any port is asked for a tunnel by the method CONNECT (RFC 9110 §9.3.6) as the first bytes of a segment, behind
 * a TCP header without options or with timestamps. Where flow tables of others carry the connection, it is not seen.
 */
function* connectRules(): Generator<Rule> {
  for (const header of [20, 32]) {
    yield {
      chain: byTcp,
      expressions: [
        expr.payload('transport', 12, 1, r0),
        expr.bitwise(r0, r0, Buffer.of(0xf0)),
        expr.cmp(r0, 'eq', Buffer.of((header / 4) << 4)),
        expr.payload('transport', header, 8, r0),
        expr.cmp(r0, 'eq', Buffer.from('CONNECT ')),
        expr.verdict(goto(proxyAsked.name)),
      ],
    };
  }
}

// Lengths as UDP's header says them, with its own 8 bytes.
/** WireGuard's first message: type 1, three reserved zeros, 148 bytes (wireguard.com/protocol). */
const WIREGUARD_INITIATION = 8 + 148;
/** OpenVPN's first message: opcode 7, key 0; a session id of 8 bytes; no acknowledgement; message 0 (openvpn.net, protocol). */
const OPENVPN_RESET = Buffer.of(7 << 3);
const OPENVPN_PLAIN = 8 + 14;
/** With `tls-crypt`: packet id, time and a tag of 32 bytes, and the rest encrypted. */
const OPENVPN_CRYPT = 8 + 54;
/** With `tls-auth`: an HMAC, packet id and time behind the session id. */
const OPENVPN_HMACS = [20, 32, 64];
const openvpnSigned = (hmac: number): number => OPENVPN_PLAIN + hmac + 8;
const AFTER_SESSION = 8 + 9;

function* handshakeRules(): Generator<Rule> {
  const toVpn = expr.verdict(goto(refusal('vpn').name));
  const bytesAre = (offset: number, value: Buffer): Expression[] => [
    expr.payload('transport', offset, value.length, r0),
    expr.cmp(r0, 'eq', value),
  ];
  yield { chain: wireguard, expressions: [...bytesAre(8, Buffer.of(1, 0, 0, 0)), toVpn] };
  const reset = (length: number): Expression[] => [
    ...bytesAre(4, networkU16(length)),
    ...bytesAre(8, OPENVPN_RESET),
  ];
  const nothingYet = Buffer.alloc(5);
  const firstPacket = Buffer.of(0, 0, 0, 1);
  yield {
    chain: openvpn,
    expressions: [...reset(OPENVPN_PLAIN), ...bytesAre(AFTER_SESSION, nothingYet), toVpn],
  };
  for (const hmac of OPENVPN_HMACS) {
    yield {
      chain: openvpn,
      expressions: [
        ...reset(openvpnSigned(hmac)),
        ...bytesAre(AFTER_SESSION + hmac, firstPacket),
        ...bytesAre(AFTER_SESSION + hmac + 8, nothingYet),
        toVpn,
      ],
    };
  }
  // From 2.6 on the packet id tells that the client can do more.
  for (const id of [firstPacket, Buffer.of(0x0f, 0, 0, 1)]) {
    yield { chain: openvpn, expressions: [...reset(OPENVPN_CRYPT), ...bytesAre(AFTER_SESSION, id), toVpn] };
  }
}

/** Echo requests (RFC 792, RFC 4443) as large as a tunnel needs them. What comes with errors of others passes. */
function* pingRules(): Generator<Rule> {
  const HEADER = 8;
  const larger = [
    {
      protocol: 'icmp',
      type: 8,
      length: expr.payload('network', 2, 2, r0),
      limit: 20 + HEADER + LARGEST_ECHO,
    },
    {
      protocol: 'icmpv6',
      type: 128,
      length: expr.payload('network', 4, 2, r0),
      limit: HEADER + LARGEST_ECHO,
    },
  ] as const;
  for (const { protocol, type, length, limit } of larger) {
    yield {
      chain: ping,
      expressions: [
        ...protocolIs(protocol),
        expr.payload('transport', 0, 1, r0),
        expr.cmp(r0, 'eq', Buffer.of(type)),
        length,
        expr.cmp(r0, 'gt', networkU16(limit)),
        expr.verdict(goto(other.name)),
      ],
    };
  }
}

/** Loads the key of the maps by port. */
function loadPort(): Expression[] {
  return [expr.meta('l4proto', r0), expr.payload('transport', 2, 2, register(1))];
}
