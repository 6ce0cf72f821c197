import {
  accept,
  type ChainRef,
  dataType,
  drop,
  type Element,
  type Expression,
  expr,
  goto,
  hostU32,
  interfaceName,
  macAddress,
  type NamedSet,
  networkU16,
  type Rule,
  register,
  type Transaction,
} from 'node-nftables';
import {
  DNS_PORT,
  DNS_TCP_PORT,
  HELP,
  POLICY_TABLE,
  PORTAL_ADDRESS,
  PORTAL_PORT,
  SIGN_OF_LIFE,
  STUDY,
  TRACKED,
  UNDECIDED,
} from '../layout.ts';
import { HELP_ADDRESSES } from './access-table.ts';
import { ownedAddressesOf } from './borrowed-address.ts';
import { countedAttempts, remember } from './bypass-rules.ts';
import {
  addBypassChains,
  addBypassElements,
  countingBypassChains,
  protectedDevices,
  withoutLease,
} from './bypass-sets.ts';
import { captiveRedirections, refusalRules } from './captive-portal.ts';
import { countedRouted, forwardRules } from './forward-rules.ts';
import {
  destinationIn,
  destinationIs,
  destinationPortIs,
  destinationUnchanged,
  etherSourceIn,
  hasEtherSource,
  sourceIn,
  sourcePortIs,
} from './packet-match.ts';
import { openRule, strangersOf, toStrangers } from './strangers.ts';

/**
 * The table that acts on the classifier's answer: who is managed, which profile a device has, and which of its queries go
 * to the responder. The responder's UDP port is written into the packet and back statelessly, so that a client that sends
 * allowed and blocked names from one socket hears from whom it asked.
 */

/** Raise it with any change to the rules of this table and the access table: those of another layout are replaced. */
export const POLICY_LAYOUT = 17;

export const policyTable = { family: 'inet', name: POLICY_TABLE } as const;

/** After so much silence the responder counts as gone, milliseconds. */
const SILENCE = 3 * SIGN_OF_LIFE;

/**
 * So many queries from addresses that nobody is known to have are looked at in a second: the answers to those that nobody has
 * wait for three seconds in the buffer of the responder's socket, where they must leave room for others.
 */
const UNKNOWN_PER_SECOND = 50;

/**
 * Before the firewall's chain of the same hook: of a connection the first chain that translates it decides, and a redirection of
 * all queries to some other resolver of the home is usual.
 */
const BEFORE_DSTNAT = -101;

const r0 = register(0);
/** Where it is in the UDP header (RFC 768). */
const UDP_CHECKSUM = 6;
/** Packet priority by which the input chain knows what the sink has steered; nothing else gives packets this one. */
const STEERED = UNDECIDED;
const set = (name: string, key: NamedSet['key'], size: number): NamedSet => ({
  table: policyTable,
  name,
  key,
  size,
});

export const managed = set('managed', dataType.etherAddr, 8192);
export const profileOf: NamedSet = { ...set('devices', dataType.etherAddr, 8192), data: 'verdict' };
export const lease: NamedSet = { ...set('lease', dataType.etherAddr, 8192), flags: ['timeout'] };
export const routerAddresses = {
  ip: set('router4', dataType.ipv4Addr, 256),
  ip6: set('router6', dataType.ipv6Addr, 256),
};
export const helpAddresses = {
  ip: set('help4', dataType.ipv4Addr, HELP_ADDRESSES),
  ip6: set('help6', dataType.ipv6Addr, HELP_ADDRESSES),
};
/** Addresses that managed devices answer for. */
export const ownedAddresses = ownedAddressesOf(policyTable);
/** Holds DNS' port while the responder lives: each of its datagrams starts the time again. */
export const answering: NamedSet = {
  ...set('answering', dataType.inetService, 4),
  flags: ['timeout', 'dynamic'],
};
export const strangers = strangersOf(policyTable);
/** The router's interfaces on the LAN. */
export const lanInterfaces = set('lan', dataType.ifname, 64);
/** Holds one element: the revision of the policy and access tables. */
export const policyMarker = set('revision', dataType.integer(16), 4);

const sets = [
  managed,
  profileOf,
  lease,
  routerAddresses.ip,
  routerAddresses.ip6,
  helpAddresses.ip,
  helpAddresses.ip6,
  ...Object.values(ownedAddresses),
  answering,
  lanInterfaces,
  policyMarker,
  strangers.known,
];

const chain = (name: string): ChainRef => ({ table: policyTable, name });
const queries = chain('queries');
const steer = chain('steer');
const sink = chain('sink');
const steered = chain('steered');
const guard = chain('guard');
export const refuse = chain('refuse');
const dstnat = chain('dstnat');
const dns = chain('dns');
const reply = chain('reply');

/** The rules' comments under which `status` finds their counters. */
export const counted = {
  help: 'help names to the resolver',
  helpAhead: 'help names to the responder',
  offline: 'queries without a lease to the responder',
  undecided: 'undecided to the responder',
  blocked: 'blocked to the responder',
  tracked: 'services and study to the responder',
  study: 'not of study to the responder',
  resolver: 'to the resolver',
  unknown: 'queries from too many unknown addresses',
  guarded: 'from outside to the responder',
  routed: countedRouted,
} as const;

/** Chains with static rules that count; the profiles' chains come beside them. */
export const countingChains: readonly ChainRef[] = [
  guard,
  dstnat,
  steer,
  sink,
  withoutLease,
  ...countingBypassChains,
];

/** Makes the table with its static chains, and with empty sets. */
export function addPolicyTable(transaction: Transaction): void {
  transaction.addTable({ ...policyTable, comment: `khien layout ${POLICY_LAYOUT}: devices and profiles` });
  for (const each of sets) transaction.addSet(each);
  addBypassChains(transaction);
  const base = (
    hook: 'prerouting' | 'input' | 'output',
    priority: number,
    type: 'filter' | 'nat' = 'filter',
  ) =>
    ({
      base: { type, hook, priority, policy: 'accept' },
    }) as const;
  transaction.addChain(strangers.chain).addRule(openRule(strangers));
  transaction
    .addChain(steered)
    .addChain(sink)
    .addChain(steer)
    .addChain(queries)
    .addChain(refuse)
    .addChain(withoutLease);
  transaction.addChain({ ...guard, ...base('input', -1) });
  transaction.addChain({ ...dstnat, ...base('prerouting', BEFORE_DSTNAT, 'nat') });
  transaction.addChain({ ...dns, ...base('input', -2) });
  transaction.addChain({ ...reply, ...base('output', -300) });
  for (const rule of policyRules()) transaction.addRule(rule);
  addBypassElements(transaction);
}

/** The rules that are there for every policy. */
export function* policyRules(): Generator<Rule> {
  yield* guardRules();
  yield* refusalRules(refuse);
  yield* redirections();
  yield* captiveRedirections(dstnat, {
    managed: managed.name,
    lease: lease.name,
    help: { ip: helpAddresses.ip.name, ip6: helpAddresses.ip6.name },
  });
  yield* strangersRedirections();
  yield {
    chain: dns,
    expressions: [...destinationPortIs('udp', 53), expr.verdict(goto(queries.name))],
  };
  yield { chain: queries, expressions: toStrangers(managed.name, strangers) };
  yield { chain: queries, expressions: [...hasEtherSource(), expr.verdict(goto(steer.name))] };
  // Without a lease the responder must see help names too: it opens the way to their addresses. When it is gone the resolver
  // answers them, and what cannot be told from them; where a device gets without a lease is decided by address.
  yield {
    chain: steer,
    expressions: [
      ...etherSourceIn(lease.name, 'not in'),
      expr.payload('transport', 2, 2, r0),
      expr.lookup(r0, answering.name, { inverted: true }),
      ...answerHas((HELP | UNDECIDED) >>> 0),
      expr.counter,
      expr.verdict(accept),
    ],
    comment: counted.help,
  };
  yield {
    chain: steer,
    expressions: [...etherSourceIn(lease.name, 'not in'), expr.counter, expr.verdict(goto(sink.name))],
    comment: counted.offline,
  };
  // Where ways round the rules are blocked, the way to the addresses of help names must be open before they are known, so the
  // responder resolves them while it lives: operators' gateways of Wi-Fi calling speak the protocol of a VPN.
  yield {
    chain: steer,
    expressions: [
      ...answerHas(HELP),
      ...etherSourceIn(protectedDevices.name),
      expr.payload('transport', 2, 2, r0),
      expr.lookup(r0, answering.name),
      expr.counter,
      expr.verdict(goto(sink.name)),
    ],
    comment: counted.helpAhead,
  };
  yield {
    chain: steer,
    expressions: [...answerHas(HELP), expr.counter, expr.verdict(accept)],
    comment: counted.help,
  };
  yield {
    chain: steer,
    expressions: [expr.payload('link', 6, 6, r0), expr.lookupVerdict(r0, profileOf.name)],
  };
  yield { chain: steer, expressions: [expr.verdict(goto(sink.name))] };
  yield* admissionRules();
  yield* sinkRules();
  yield {
    chain: reply,
    expressions: [
      ...sourcePortIs('udp', DNS_PORT),
      expr.immediate(r0, networkU16(53)),
      expr.payloadSet('transport', 0, 2, r0, UDP_CHECKSUM),
      expr.dynset('update', r0, answering.name, { timeout: SILENCE }),
      expr.verdict(accept),
    ],
  };
  yield* forwardRules({
    lease: lease.name,
    lanInterfaces: lanInterfaces.name,
    help: { ip: helpAddresses.ip.name, ip6: helpAddresses.ip6.name },
  });
}

/**
 * Nobody may talk to our ports but through the redirections: the output chain would make the answers come from port 53.
 * What came through them carries the sink's mark in its priority, or is known to conntrack as redirected.
 */
function* guardRules(): Generator<Rule> {
  const fromOutside: Expression[] = [expr.meta('iifname', r0), expr.cmp(r0, 'neq', interfaceName('lo'))];
  const notSteered: Expression[] = [expr.meta('priority', r0), expr.cmp(r0, 'neq', hostU32(STEERED))];
  const ports = [
    ['udp', DNS_PORT, notSteered],
    ['tcp', DNS_TCP_PORT, destinationUnchanged()],
    ['tcp', PORTAL_PORT, destinationUnchanged()],
  ] as const;
  for (const [transport, port, direct] of ports) {
    yield {
      chain: guard,
      expressions: [
        ...destinationPortIs(transport, port),
        ...fromOutside,
        ...direct,
        expr.counter,
        expr.verdict(drop),
      ],
      comment: counted.guarded,
    };
  }
}

/** Where queries are led: those over UDP go on from there by their names. */
const resolverPorts = [
  ['udp', 53],
  ['tcp', DNS_TCP_PORT],
] as const;

/**
 * Whichever resolver a managed device has chosen, this router answers; its port 80 shows the child's page. The page's own
 * address leads there for everybody. What asks this router is redirected as well: what is only accepted, another chain may yet
 * translate.
 */
function* redirections(): Generator<Rule> {
  const fromManaged = etherSourceIn(managed.name);
  const to = (port: number): Expression[] => [expr.immediate(r0, networkU16(port)), expr.redir(r0)];
  for (const version of ['ip', 'ip6'] as const) {
    const toRouter = destinationIn(version, routerAddresses[version].name);
    for (const [transport, port] of resolverPorts) {
      yield {
        chain: dstnat,
        expressions: [...destinationPortIs(transport, 53), ...toRouter, ...fromManaged, ...to(port)],
      };
    }
  }
  for (const [transport, port] of resolverPorts) {
    const foreign = [...destinationPortIs(transport, 53), ...fromManaged];
    yield { chain: dstnat, expressions: [...foreign, ...remember('foreign-dns')] };
    yield {
      chain: dstnat,
      expressions: [...foreign, expr.counter, ...to(port)],
      comment: countedAttempts['foreign-dns'],
    };
  }
  yield {
    chain: dstnat,
    expressions: [...destinationPortIs('tcp', 80), ...destinationIs(PORTAL_ADDRESS), ...to(PORTAL_PORT)],
  };
  for (const version of ['ip', 'ip6'] as const) {
    yield {
      chain: dstnat,
      expressions: [
        ...destinationPortIs('tcp', 80),
        ...destinationIn(version, routerAddresses[version].name),
        ...fromManaged,
        ...to(PORTAL_PORT),
      ],
    };
  }
}

/** Whichever resolver a stranger has chosen, this router answers; HTTP leads to the page, but for that to help addresses. */
function* strangersRedirections(): Generator<Rule> {
  yield { chain: dstnat, expressions: toStrangers(managed.name, strangers) };
  const fromStranger = etherSourceIn(managed.name, 'not in');
  const redirection = (transport: 'tcp' | 'udp', port: number, to: number): Rule => ({
    chain: dstnat,
    expressions: [
      ...destinationPortIs(transport, port),
      ...fromStranger,
      expr.immediate(r0, networkU16(to)),
      expr.redir(r0),
    ],
  });
  for (const [transport, port] of resolverPorts) yield redirection(transport, 53, port);
  for (const version of ['ip', 'ip6'] as const) {
    yield {
      chain: dstnat,
      expressions: [
        ...destinationPortIs('tcp', 80),
        ...fromStranger,
        ...destinationIn(version, helpAddresses[version].name),
        expr.verdict(accept),
      ],
    };
  }
  yield redirection('tcp', 80, PORTAL_PORT);
}

/**
 * For an address that nobody is known to have, the responder must find out whose it is, and whoever invents addresses could
 * keep it busy with that. Of those a few a second are let through to it: the kernel's neighbours are told within the next.
 */
function* admissionRules(): Generator<Rule> {
  for (const version of ['ip', 'ip6'] as const) {
    yield {
      chain: sink,
      expressions: [...sourceIn(version, ownedAddresses[version].name), expr.verdict(goto(steered.name))],
    };
  }
  yield {
    chain: sink,
    expressions: [
      expr.limit(UNKNOWN_PER_SECOND, { burst: UNKNOWN_PER_SECOND, over: true }),
      expr.counter,
      expr.verdict(drop),
    ],
    comment: counted.unknown,
  };
  yield { chain: sink, expressions: [expr.verdict(goto(steered.name))] };
}

/** A UDP checksum of 0 says that there is none (RFC 768); the kernel's correction would make a wrong one of it. */
function* sinkRules(): Generator<Rule> {
  const withoutChecksum: Expression[] = [
    expr.payload('transport', UDP_CHECKSUM, 2, r0),
    expr.cmp(r0, 'eq', networkU16(0)),
  ];
  for (const [condition, checksum] of [
    [withoutChecksum, null],
    [[], UDP_CHECKSUM],
  ] as const) {
    yield {
      chain: steered,
      expressions: [
        ...condition,
        expr.immediate(r0, hostU32(STEERED)),
        expr.metaSet('priority', r0),
        expr.immediate(r0, networkU16(DNS_PORT)),
        expr.payloadSet('transport', 2, 2, r0, checksum),
        expr.verdict(accept),
      ],
    };
  }
}

export function profileChain(profile: string): ChainRef {
  return chain(`profile_${profile}`);
}

/**
 * The rules of a profile's chain: `mask` are the bits of the answer that send a query to the responder; with `STUDY` among
 * them, in the learning mode, so do answers that do not have it.
 */
export function* profileRules(profile: string, mask: number): Generator<Rule> {
  const each = profileChain(profile);
  const toSink = (bits: number, comment: string): Rule => ({
    chain: each,
    expressions: [...answerHas(bits), expr.counter, expr.verdict(goto(sink.name))],
    comment,
  });
  yield toSink(UNDECIDED, counted.undecided);
  const blocked = (mask & ~(UNDECIDED | STUDY)) >>> 0;
  if (blocked !== 0) yield toSink(blocked, counted.blocked);
  if ((mask & STUDY) !== 0) {
    yield {
      chain: each,
      expressions: [...answerHasNot(STUDY), expr.counter, expr.verdict(goto(sink.name))],
      comment: counted.study,
    };
  }
  // Not blocked: without the responder, the resolver answers, and nobody learns where that leads.
  yield {
    chain: each,
    expressions: [
      ...answerHas((TRACKED | STUDY) >>> 0),
      expr.payload('transport', 2, 2, r0),
      expr.lookup(r0, answering.name),
      expr.counter,
      expr.verdict(goto(sink.name)),
    ],
    comment: counted.tracked,
  };
  yield { chain: each, expressions: [expr.counter, expr.verdict(accept)], comment: counted.resolver };
}

export function profileElement(mac: string, profile: string): Element {
  return { key: macAddress(mac), verdict: goto(profileChain(profile).name) };
}

function answerHas(bits: number): Expression[] {
  return [expr.meta('priority', r0), expr.bitwise(r0, r0, hostU32(bits)), expr.cmp(r0, 'neq', hostU32(0))];
}

function answerHasNot(bits: number): Expression[] {
  return [expr.meta('priority', r0), expr.bitwise(r0, r0, hostU32(bits)), expr.cmp(r0, 'eq', hostU32(0))];
}
