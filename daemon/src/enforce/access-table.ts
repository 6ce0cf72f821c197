import {
  accept,
  type Chain,
  type ChainRef,
  dataType,
  drop,
  type Element,
  expr,
  goto,
  jump,
  macAddress,
  type NamedSet,
  type Rule,
  register,
  type Transaction,
} from 'node-nftables';
import { POLICY_TABLE } from '../layout.ts';
import {
  type BorrowedParts,
  borrowedChain,
  borrowedEntry,
  borrowedRules,
  borrowersOf,
  countedBorrowed,
  ownedAddressesOf,
} from './borrowed-address.ts';
import { withoutLeaseRules } from './captive-portal.ts';
import {
  destinationPortIs,
  etherDestinationIn,
  etherSourceIn,
  etherTypeIs,
  linkLocalDestination,
  loadDestination,
  protocolIs,
} from './packet-match.ts';
import { openRule, strangersOf } from './strangers.ts';

/**
 * The table that gives access by lease, on the ports of the LAN before routing and flow offload: a frame of a managed
 * device for this router passes while its MAC is in `lease`. The kernel ends a lease alone. Frames between devices are
 * not looked at.
 */

export const accessTable = { family: 'netdev', name: POLICY_TABLE } as const;

const r0 = register(0);
const set = (name: string, key: NamedSet['key'], size: number): NamedSet => ({
  table: accessTable,
  name,
  key,
  size,
});

/** Whose frames are not everybody's: those of managed devices, and those that say they come from this router. */
export const senders: NamedSet = { ...set('senders', dataType.etherAddr, 8192), data: 'verdict' };
export const leaseForAccess: NamedSet = { ...set('lease', dataType.etherAddr, 8192), flags: ['timeout'] };
export const routerMacs = set('router', dataType.etherAddr, 256);
export const routerAddresses = {
  ip: set('router4', dataType.ipv4Addr, 256),
  ip6: set('router6', dataType.ipv6Addr, 256),
};
export const strangersForAccess = strangersOf(accessTable);
export const ownedForAccess = ownedAddressesOf(accessTable, ['timeout']);
export const borrowers = borrowersOf(accessTable);
export const HELP_ADDRESSES = 1024;
export const helpAddresses = {
  ip: set('help4', dataType.ipv4Addr, HELP_ADDRESSES),
  ip6: set('help6', dataType.ipv6Addr, HELP_ADDRESSES),
};

const sets = [
  senders,
  leaseForAccess,
  routerMacs,
  routerAddresses.ip,
  routerAddresses.ip6,
  helpAddresses.ip,
  helpAddresses.ip6,
  strangersForAccess.known,
  ...Object.values(ownedForAccess),
  ...Object.values(borrowers),
];

/** Before the flow tables of others, which are at 0 and take what they know past everything else. */
const PRIORITY = -500;

const access: ChainRef = { table: accessTable, name: 'access' };
const forged: ChainRef = { table: accessTable, name: 'forged' };
const unmanaged: ChainRef = { table: accessTable, name: 'unmanaged' };
const local: Readonly<Record<'ip' | 'ip6', ChainRef>> = {
  ip: { table: accessTable, name: 'local4' },
  ip6: { table: accessTable, name: 'local6' },
};
const withoutLease: ChainRef = { table: accessTable, name: 'without_lease' };
const borrowed: BorrowedParts = {
  unmanaged,
  owned: ownedForAccess,
  borrowers,
  local,
  routerMacs: routerMacs.name,
  routerAddresses: { ip: routerAddresses.ip.name, ip6: routerAddresses.ip6.name },
  help: { ip: helpAddresses.ip.name, ip6: helpAddresses.ip6.name },
};
const borrowedChains = (['ip', 'ip6'] as const).map((version) => borrowedChain(accessTable, version));

export const countedAccess = {
  help: 'help without a lease',
  dropped: 'dropped without a lease',
  forged: 'in the name of this router',
  borrowed: countedBorrowed,
} as const;

/** Chains with rules that count. */
export const countingAccessChains: readonly ChainRef[] = [access, forged, withoutLease, ...borrowedChains];

/** Makes the table with its static chain, and with empty sets. */
export function addAccessTable(transaction: Transaction): void {
  transaction.addTable({ ...accessTable, comment: 'khien: access by lease' });
  for (const each of sets) transaction.addSet(each);
  transaction.addChain(strangersForAccess.chain).addRule(openRule(strangersForAccess));
  transaction
    .addChain(forged)
    .addChain(unmanaged)
    .addChain(withoutLease)
    .addChain(local.ip)
    .addChain(local.ip6)
    .addChain(access);
  for (const each of borrowedChains) transaction.addChain(each);
  for (const rule of accessRules()) transaction.addRule(rule);
}

/** The rules that are there for every policy. */
export function* accessRules(): Generator<Rule> {
  const passes = expr.verdict(accept);
  yield { chain: access, expressions: [...etherDestinationIn(routerMacs.name, 'not in'), passes] };
  yield { chain: access, expressions: [...etherTypeIs('arp'), passes] };
  for (const version of ['ip', 'ip6'] as const) {
    // UDP/53 and TCP/53 to whomever: the tables behind bring it to the responder.
    for (const transport of ['udp', 'tcp'] as const) {
      yield {
        chain: access,
        expressions: [...etherTypeIs(version), ...destinationPortIs(transport, 53), passes],
      };
    }
    if (version === 'ip6')
      yield { chain: access, expressions: [...linkLocalDestination(), expr.verdict(goto(local.ip6.name))] };
    yield {
      chain: access,
      expressions: [
        ...etherTypeIs(version),
        ...loadDestination(version),
        expr.lookup(r0, routerAddresses[version].name),
        expr.verdict(goto(local[version].name)),
      ],
    };
    yield {
      chain: access,
      expressions: [
        ...etherTypeIs(version),
        ...loadDestination(version),
        expr.lookup(r0, helpAddresses[version].name),
        expr.counter,
        passes,
      ],
      comment: countedAccess.help,
    };
  }
  yield { chain: access, expressions: [expr.verdict(goto(withoutLease.name))] };
  yield* unmanagedRules();
  yield* localRules();
  yield* withoutLeaseRules(withoutLease, countedAccess.dropped);
}

/**
 * A child's device that sends in the name of this router is nobody that is managed or a stranger, and gets its answers all the
 * same, since it goes on to say by ARP where it is. The router itself sends nothing to itself by these ports.
 */
function* unmanagedRules(): Generator<Rule> {
  yield {
    chain: forged,
    expressions: [...etherDestinationIn(routerMacs.name), expr.counter, expr.verdict(drop)],
    comment: countedAccess.forged,
  };
  yield* borrowedEntry(borrowed);
  yield { chain: unmanaged, expressions: [expr.verdict(goto(strangersForAccess.chain.name))] };
  yield* borrowedRules(borrowed);
}

/** What a device without a lease may ask of the router itself: an address, the child's page, and whether it is there. */
function* localRules(): Generator<Rule> {
  const allowed = {
    ip: [destinationPortIs('udp', 67), destinationPortIs('tcp', 80), protocolIs('icmp')],
    // ICMPv6 also resolves addresses (RFC 4861).
    ip6: [destinationPortIs('udp', 547), destinationPortIs('tcp', 80), protocolIs('icmpv6')],
  };
  for (const version of ['ip', 'ip6'] as const) {
    for (const expressions of allowed[version]) {
      yield { chain: local[version], expressions: [...expressions, expr.verdict(accept)] };
    }
    yield { chain: local[version], expressions: [expr.verdict(goto(withoutLease.name))] };
  }
}

/** The base chain of a port. Names of interfaces may have characters that nft cannot print. */
export function portChain(port: string): Chain {
  const name = port.replace(/[^a-zA-Z0-9-]/g, (character) => `_${character.charCodeAt(0).toString(16)}`);
  return {
    table: accessTable,
    name: `port_${name}`,
    base: { type: 'filter', hook: 'ingress', priority: PRIORITY, policy: 'accept', devices: [port] },
  };
}

/** Who has a lease goes on after one look-up; who comes back from `unmanaged` is a stranger. */
export function* portRules(port: string): Generator<Rule> {
  const chain = portChain(port);
  yield { chain, expressions: [...etherSourceIn(leaseForAccess.name), expr.verdict(accept)] };
  yield { chain, expressions: [expr.payload('link', 6, 6, r0), expr.lookupVerdict(r0, senders.name)] };
  yield { chain, expressions: [expr.verdict(jump(unmanaged.name))] };
  yield { chain, expressions: [expr.verdict(goto(access.name))] };
}

export function senderElement(mac: string, who: 'managed' | 'router'): Element {
  return { key: macAddress(mac), verdict: who === 'managed' ? goto(access.name) : jump(forged.name) };
}
