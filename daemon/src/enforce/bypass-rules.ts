import {
  accept,
  type ChainRef,
  drop,
  type Expression,
  expr,
  goto,
  hostU32,
  networkU16,
  type Rule,
  register,
} from 'node-nftables';
import { type KernelMethod, kernelMethods, LARGEST_ECHO, methodNumber } from './bypass-policy.ts';
import {
  ATTEMPT_MEMORY,
  attempts,
  bypass,
  byTcp,
  escaped,
  firstMessages,
  fresh,
  handshakes,
  leaving,
  NETWORK_BITS,
  networks,
  other,
  ping,
  places,
  portsOfManaged,
  portsOfProtected,
  protocols,
  proxyAsked,
  refusal,
  refused,
  watchedPorts,
  withoutLease,
} from './bypass-sets.ts';
import {
  destinationIn,
  destinationUnchanged,
  etherSourceIn,
  type IpVersion,
  intoLan,
  loadDestination,
  protocolIs,
} from './packet-match.ts';
import { firstMessagesOfTunnels } from './tunnel-handshake.ts';

/**
 * The part of the policy table that closes ways round it, in the forward hook:
 *
 *     leaving, bypass → escaped, refuse_dot, refuse_doq   by port, for every managed device
 *              bypass → by_tcp → fresh                    for those of children whose rules block ways round them
 *                     → ping, other                       → refuse_…
 *
 * Each refusal is remembered by the kernel, by device and method and nothing else, so that it can be told later by a
 * daemon that was not there. Verdicts are looked up by port and address, so a packet costs the same however many there are.
 */

const r0 = register(0);
const NFPROTO = { ip: 2, ip6: 10 } as const;

/** The comments under which `status` finds the counters of attempts. */
export const countedAttempts = Object.fromEntries(
  kernelMethods.map((method) => [method, `bypass ${method}`]),
) as Readonly<Record<KernelMethod, string>>;
export const countedEscape = 'to a foreign resolver past the redirection';

/** What keeps in mind that a device tried this. The rule must do nothing else: it ends where the set is full. */
export function remember(method: KernelMethod): Expression[] {
  return [
    expr.payload('link', 6, 6, r0),
    expr.immediate(register(2), hostU32(methodNumber(method))),
    expr.dynset('update', r0, attempts.name, { timeout: ATTEMPT_MEMORY, counter: true }),
  ];
}

/** Names of sets. */
export interface ForwardSets {
  readonly lease: string;
  readonly lanInterfaces: string;
  /** Addresses that are never refused. */
  readonly help: Readonly<Record<IpVersion, string>>;
}

export function* bypassRules({ lease, lanInterfaces, help }: ForwardSets): Generator<Rule> {
  for (const chain of [leaving, bypass]) {
    yield {
      chain,
      expressions: [
        expr.payload('transport', 2, 2, r0),
        expr.lookup(r0, watchedPorts.name),
        ...loadPort(),
        expr.lookupVerdict(r0, portsOfManaged.name),
      ],
    };
    yield { chain, expressions: [...etherSourceIn(lease, 'not in'), expr.verdict(goto(withoutLease.name))] };
  }
  for (const chain of [ping, ...refused.map(refusal)]) {
    yield { chain, expressions: [...intoLan(lanInterfaces), expr.verdict(accept)] };
  }
  // To another resolver of the home only who asked that one: not who was led there in place of this router.
  yield {
    chain: escaped,
    expressions: [...intoLan(lanInterfaces), ...destinationUnchanged(), expr.verdict(accept)],
  };
  yield { chain: escaped, expressions: [expr.counter, expr.verdict(drop)], comment: countedEscape };
  for (const method of refused) yield* refusalRules(method);

  const helpPasses = (from: ChainRef): Rule[] =>
    (['ip', 'ip6'] as const).map((version) => ({
      chain: from,
      expressions: [...destinationIn(version, help[version]), expr.verdict(accept)],
    }));
  // Not what is only related: others' helpers (FTP, SIP) let a device say which connection shall be.
  const answered: Expression[] = [
    expr.ct('state', r0),
    expr.bitwise(r0, r0, hostU32(expr.ctState.established)),
    expr.cmp(r0, 'neq', hostU32(0)),
    expr.verdict(accept),
  ];

  yield { chain: bypass, expressions: [...protocolIs('udp'), ...answered] };
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
  for (const expressions of firstMessagesOfTunnels()) {
    yield { chain: firstMessages, expressions: [...expressions, expr.verdict(goto(refusal('vpn').name))] };
  }
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

/**
 * Echo requests (RFC 792, RFC 4443) as large as a tunnel needs them. Replies of that size go nowhere either, but are not held
 * against a device: whoever may ping it from outside has them made. What comes with errors of others passes.
 */
function* pingRules(): Generator<Rule> {
  const HEADER = 8;
  const larger = [
    {
      protocol: 'icmp',
      type: 8,
      reply: 0,
      length: expr.payload('network', 2, 2, r0),
      limit: 20 + HEADER + LARGEST_ECHO,
    },
    {
      protocol: 'icmpv6',
      type: 128,
      reply: 129,
      length: expr.payload('network', 4, 2, r0),
      limit: HEADER + LARGEST_ECHO,
    },
  ] as const;
  for (const { protocol, type, reply, length, limit } of larger) {
    const isLarge = (which: number): Expression[] => [
      ...protocolIs(protocol),
      expr.payload('transport', 0, 1, r0),
      expr.cmp(r0, 'eq', Buffer.of(which)),
      length,
      expr.cmp(r0, 'gt', networkU16(limit)),
    ];
    yield { chain: ping, expressions: [...isLarge(type), expr.verdict(goto(other.name))] };
    yield { chain: ping, expressions: [...isLarge(reply), expr.verdict(drop)] };
  }
}

/** Loads the key of the maps by port. */
function loadPort(): Expression[] {
  return [expr.meta('l4proto', r0), expr.payload('transport', 2, 2, register(1))];
}
