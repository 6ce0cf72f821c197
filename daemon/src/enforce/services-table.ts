import {
  accept,
  type ChainRef,
  dataType,
  drop,
  type Expression,
  expr,
  goto,
  jump,
  type NamedSet,
  type Rule,
  register,
  type Transaction,
} from 'node-nftables';
import { SERVICES_TABLE } from '../layout.ts';
import { HELP_ADDRESSES } from './access-table.ts';
import { type IpVersion, protocolIs } from './packet-match.ts';

/**
 * The table that knows services by address: it refuses what a child may not reach by whatever name, and counts what
 * managed devices exchange with the outside, in all and with each service.
 *
 *     forward → up   → up4, up6     from a managed device, by its MAC
 *             → down4, down6        to an address from which a managed device has sent lately
 *
 * An address has a class (`services/address-class`), by number: `class4`, `class6`. `refused` has the classes of each
 * profile, by number too. After everything that others may refuse, so that only what passes is counted. Addresses of help
 * are neither refused nor counted.
 */

/** Raise it with any change to the rules or sets: a table of another layout is not adopted. */
export const SERVICES_LAYOUT = 1;

export const servicesTable = { family: 'inet', name: SERVICES_TABLE } as const;

/** Addresses that the kernel can hold of each IP version; more than the registry learns. */
const ADDRESSES = 8192;
/** Pairs of profile and class that are refused. */
export const MAX_REFUSED = 8000;
/** Milliseconds that the kernel keeps an address of a service by itself; renewed when half of it is over. */
export const ADDRESS_HOLDS = 6 * 3600_000;

/** After fw4's own, which is at 0. */
const PRIORITY = 1;
/** A device's address is its own so long after it sent from it, milliseconds. */
const OWNED = 120_000;
/** Counters of what is silent are dropped after so many milliseconds. */
const COUNTED = 3600_000;

const set = (name: string, key: NamedSet['key'], size: number): NamedSet => ({
  table: servicesTable,
  name,
  key,
  size,
});
const byVersion = (make: (version: IpVersion) => NamedSet) => ({ ip: make('ip'), ip6: make('ip6') });
const suffix = { ip: '4', ip6: '6' } as const;
const addressType = { ip: dataType.ipv4Addr, ip6: dataType.ipv6Addr } as const;

/** The number of each managed device's profile. */
export const profileNumbers: NamedSet = { ...set('devices', dataType.etherAddr, 8192), data: dataType.mark };
/** Which device an address is of; filled by its packets. */
export const owners = byVersion((version) => ({
  ...set(`owner${suffix[version]}`, addressType[version], 8192),
  data: dataType.etherAddr,
  flags: ['dynamic', 'timeout'],
}));
/** The number of each address' class. */
export const classNumbers = byVersion((version) => ({
  ...set(`class${suffix[version]}`, addressType[version], ADDRESSES),
  data: dataType.mark,
  flags: ['timeout'],
}));
/** Pairs of profile and class. */
export const refused = set('refused', dataType.concatenated(dataType.mark, dataType.mark), 8192);
/** What the numbers of classes stand for, in comments: for the next run, and for people. */
export const classNames = set('classes', dataType.mark, 16_384);
export const servicesHelp = byVersion((version) =>
  set(`help${suffix[version]}`, addressType[version], HELP_ADDRESSES),
);
export const servicesLan = set('lan', dataType.ifname, 64);
/** Holds one element: the layout of the table, once it is complete. */
export const servicesMarker = set('layout', dataType.mark, 4);

const counters = (name: string, key: NamedSet['key'], size: number): NamedSet => ({
  ...set(name, key, size),
  flags: ['dynamic', 'timeout'],
  counter: true,
});
const deviceAndClass = dataType.concatenated(dataType.etherAddr, dataType.mark);
/** What each device has exchanged. */
export const usage = counters('usage', dataType.etherAddr, 8192);
/** The same with each class of addresses. */
export const classUsage = counters('class_usage', deviceAndClass, 16_384);
/** Connections that devices tried to begin with refused addresses. */
export const refusals = counters('attempts', deviceAndClass, 4096);

const sets = [
  profileNumbers,
  ...Object.values(owners),
  ...Object.values(classNumbers),
  refused,
  classNames,
  ...Object.values(servicesHelp),
  servicesLan,
  servicesMarker,
  usage,
  classUsage,
  refusals,
];

const chain = (name: string): ChainRef => ({ table: servicesTable, name });
const forward = chain('forward');
const up = chain('up');
const refuseDown = chain('refuse_down');
const versions = ['ip', 'ip6'] as const;
const ways = ['up', 'down'] as const;
type Way = (typeof ways)[number];
const passing = (way: Way, version: IpVersion) => chain(`${way}${suffix[version]}`);
const withService = (way: Way, version: IpVersion) => chain(`${way}${suffix[version]}_service`);
const refuseUp = (version: IpVersion) => chain(`refuse_up${suffix[version]}`);

/** The rules' comments under which `status` finds their counters. */
export const countedServices = { refused: 'blocked services by address refused' } as const;

/** Chains with rules that count. */
export const countingServiceChains: readonly ChainRef[] = [refuseUp('ip'), refuseUp('ip6')];

// What each rule loads again, since a kernel that checks registers does so rule by rule. Keys begin at multiples of four.
const r0 = register(0);
const profile = register(0);
const classOfPair = register(1);
const mac = register(4);
const classOfUsage = register(6);
const address = register(8);

/** Makes the table with its chains, and with empty sets. */
export function addServicesTable(transaction: Transaction): void {
  transaction.addTable({ ...servicesTable, comment: `khien layout ${SERVICES_LAYOUT}: services by address` });
  for (const each of sets) transaction.addSet(each);
  for (const version of versions) {
    transaction.addChain(refuseUp(version));
    for (const way of ways) transaction.addChain(withService(way, version)).addChain(passing(way, version));
  }
  transaction.addChain(refuseDown).addChain(up);
  transaction.addChain({
    ...forward,
    base: { type: 'filter', hook: 'forward', priority: PRIORITY, policy: 'accept' },
  });
  for (const rule of servicesRules()) transaction.addRule(rule);
}

/** The rules that are there for every policy. */
export function* servicesRules(): Generator<Rule> {
  yield {
    chain: forward,
    expressions: [
      ...loadMac('up', 'ip', mac),
      expr.lookupMap(mac, profileNumbers.name, profile),
      expr.verdict(goto(up.name)),
    ],
  };
  for (const version of versions) {
    yield {
      chain: forward,
      expressions: [
        ...versionIs(version),
        ...loadMac('down', version, mac),
        expr.verdict(goto(passing('down', version).name)),
      ],
    };
  }
  // Between networks of the home.
  yield { chain: up, expressions: [...interfaceIsLan('oifname'), expr.verdict(accept)] };
  for (const version of versions) {
    yield {
      chain: up,
      expressions: [...versionIs(version), expr.verdict(goto(passing('up', version).name))],
    };
  }
  for (const version of versions) {
    for (const way of ways) yield* passingRules(way, version);
    yield* refuseUpRules(version);
  }
  yield {
    chain: refuseDown,
    expressions: [...protocolIs('tcp'), expr.reject('tcp reset')],
  };
  yield { chain: refuseDown, expressions: [expr.verdict(drop)] };
}

function* passingRules(way: Way, version: IpVersion): Generator<Rule> {
  const each = passing(way, version);
  const service = withService(way, version);
  if (way === 'down') {
    yield { chain: each, expressions: [...interfaceIsLan('iifname'), expr.verdict(accept)] };
  }
  yield {
    chain: each,
    expressions: [
      loadOther(way, version),
      expr.lookup(address, servicesHelp[version].name),
      expr.verdict(accept),
    ],
  };
  yield {
    chain: each,
    expressions: [...loadClass(way, version, classOfUsage), expr.verdict(jump(service.name))],
  };
  if (way === 'up') {
    yield {
      chain: each,
      expressions: [
        loadAddress('source', version, address),
        ...loadMac(way, version, mac),
        expr.dynset('update', address, owners[version].name, { data: mac, timeout: OWNED }),
      ],
    };
  }
  yield {
    chain: each,
    expressions: [
      ...loadMac(way, version, mac),
      expr.dynset('update', mac, usage.name, { timeout: COUNTED, counter: true }),
    ],
  };

  yield {
    chain: service,
    expressions: [
      ...loadMac(way, version, mac),
      expr.lookupMap(mac, profileNumbers.name, profile),
      ...loadClass(way, version, classOfPair),
      expr.lookup(profile, refused.name),
      expr.verdict(goto((way === 'up' ? refuseUp(version) : refuseDown).name)),
    ],
  };
  yield {
    chain: service,
    expressions: [
      ...loadMac(way, version, mac),
      ...loadClass(way, version, classOfUsage),
      expr.dynset('update', mac, classUsage.name, { timeout: COUNTED, counter: true }),
    ],
  };
}

/** Refused at once and visibly, so that applications do not wait. A connection that is only cut is no attempt. */
function* refuseUpRules(version: IpVersion): Generator<Rule> {
  const each = refuseUp(version);
  const attempted: Expression[] = [
    ...loadMac('up', version, mac),
    ...loadClass('up', version, classOfUsage),
    expr.dynset('update', mac, refusals.name, { timeout: COUNTED, counter: true }),
  ];
  yield { chain: each, expressions: [...beginsConnection(), ...attempted] };
  yield {
    chain: each,
    expressions: [expr.meta('l4proto', r0), expr.cmp(r0, 'neq', Buffer.from([TCP])), ...attempted],
  };
  yield {
    chain: each,
    expressions: [...protocolIs('tcp'), expr.counter, expr.reject('tcp reset')],
    comment: countedServices.refused,
  };
  yield {
    chain: each,
    expressions: [expr.counter, expr.reject('admin prohibited')],
    comment: countedServices.refused,
  };
}

const TCP = 6;
const NFPROTO = { ip: 2, ip6: 10 } as const;
/** Source and destination in the fixed headers of RFC 791 and RFC 8200. */
const OFFSET = { ip: { source: 12, destination: 16 }, ip6: { source: 8, destination: 24 } } as const;
const LENGTH = { ip: 4, ip6: 16 } as const;

function versionIs(version: IpVersion): Expression[] {
  return [expr.meta('nfproto', r0), expr.cmp(r0, 'eq', Buffer.from([NFPROTO[version]]))];
}

function interfaceIsLan(which: 'iifname' | 'oifname'): Expression[] {
  return [expr.meta(which, r0), expr.lookup(r0, servicesLan.name)];
}

function loadAddress(which: 'source' | 'destination', version: IpVersion, target: number): Expression {
  return expr.payload('network', OFFSET[version][which], LENGTH[version], target);
}

/** Loads the address outside. */
function loadOther(way: Way, version: IpVersion): Expression {
  return loadAddress(way === 'up' ? 'destination' : 'source', version, address);
}

/** Loads the managed device's MAC: the frame's source, or whose the destination is. */
function loadMac(way: Way, version: IpVersion, target: number): Expression[] {
  if (way === 'up') return [expr.payload('link', 6, 6, target)];
  return [
    loadAddress('destination', version, address),
    expr.lookupMap(address, owners[version].name, target),
  ];
}

/** Loads the class of the address outside; ends the rule where it has none. */
function loadClass(way: Way, version: IpVersion, target: number): Expression[] {
  return [loadOther(way, version), expr.lookupMap(address, classNumbers[version].name, target)];
}

/** SYN without ACK, FIN and RST (RFC 9293 §3.1). */
function beginsConnection(): Expression[] {
  return [
    ...protocolIs('tcp'),
    expr.payload('transport', 13, 1, r0),
    expr.bitwise(r0, r0, Buffer.from([0x17])),
    expr.cmp(r0, 'eq', Buffer.from([0x02])),
  ];
}
