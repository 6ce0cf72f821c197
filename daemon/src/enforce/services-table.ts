import {
  accept,
  type ChainRef,
  dataType,
  drop,
  type Element,
  type Expression,
  expr,
  goto,
  interfaceName,
  macAddress,
  type NamedSet,
  type Nftables,
  type Rule,
  register,
  type Transaction,
} from 'node-nftables';
import { SERVICES_TABLE } from '../layout.ts';
import { HELP_ADDRESSES } from './access-table.ts';
import { type IpVersion, protocolIs } from './packet-match.ts';

/**
 * The table that knows services by address: it refuses what a child may not reach by whatever name, and counts what
 * managed devices exchange with the outside, in all and with each address of a service.
 *
 *     forward → lan → profile_… → sent → counted   from a managed device, by its MAC
 *                        └→ refuse4, refuse6       to an address in the profile's `refused…`
 *             → received4, received6               to an address from which a managed device has sent lately
 *
 * After everything that others may refuse, so that only what passes is counted. Addresses of help are neither refused nor
 * counted.
 */

/** Raise it with any change to the rules or sets: a table of another layout is not adopted. */
export const SERVICES_LAYOUT = 2;

export const servicesTable = { family: 'inet', name: SERVICES_TABLE } as const;

/** Addresses that the kernel can hold of each IP version; more than the registry learns. */
const ADDRESSES = 8192;
/** Milliseconds that the kernel keeps an address of a service by itself; renewed when half of it is over. */
export const ADDRESS_HOLDS = 6 * 3600_000;

/** After fw4's own, which is at 0. */
const PRIORITY = 1;
/** A device's address is its own so long after it sent from it, milliseconds. */
const OWNED = 120_000;
/** What has been silent so long is not counted on, milliseconds. Whoever reads the counters does it more often. */
const COUNTED = 120_000;
/** What was refused is remembered so long, milliseconds. */
const REMEMBERED = 3600_000;

const versions = ['ip', 'ip6'] as const;
const digit = { ip: '4', ip6: '6' } as const;
const addressType = { ip: dataType.ipv4Addr, ip6: dataType.ipv6Addr } as const;

const set = (name: string, key: NamedSet['key'], size: number): NamedSet => ({
  table: servicesTable,
  name,
  key,
  size,
});
const byVersion = (make: (version: IpVersion, digit: string) => NamedSet) => ({
  ip: make('ip', digit.ip),
  ip6: make('ip6', digit.ip6),
});
const dynamic = (each: NamedSet): NamedSet => ({ ...each, flags: ['dynamic', 'timeout'] });
const counting = (each: NamedSet): NamedSet => ({ ...dynamic(each), counter: true });

/** The chain of each managed device's profile. */
export const serviceDevices: NamedSet = { ...set('devices', dataType.etherAddr, 8192), data: 'verdict' };
/** Addresses of services; comments say what each serves: for the next run, and for people. */
export const serviceAddresses = byVersion((version, number) => ({
  ...set(`services${number}`, addressType[version], ADDRESSES),
  flags: ['timeout'],
}));
export const servicesHelp = byVersion((version, number) =>
  set(`help${number}`, addressType[version], HELP_ADDRESSES),
);
/** Holds one element: the layout of the table, once it is complete. */
export const servicesMarker = set('layout', dataType.mark, 4);

/** Addresses of managed devices; filled by what they send. What is sent from one that has no room here goes nowhere. */
const LOCAL_ADDRESSES = 4096;
export const locals = byVersion((version, number) =>
  dynamic(set(`local${number}`, addressType[version], LOCAL_ADDRESSES)),
);
/** What each device has sent. */
export const sentBy = counting(set('sent', dataType.etherAddr, 8192));
/** What came for each local address: for those of now, and those whose place was taken while what came was still kept. */
export const receivedBy = byVersion((version, number) =>
  counting(set(`received${number}`, addressType[version], 4 * LOCAL_ADDRESSES)),
);
const macAndAddress = (version: IpVersion) => dataType.concatenated(dataType.etherAddr, addressType[version]);
/** What each device has sent to each address of a service. */
export const sentToService = byVersion((version, number) =>
  counting(set(`sent_service${number}`, macAndAddress(version), 16_384)),
);
/** What came for each local address from each of a service. */
export const receivedFromService = byVersion((version, number) =>
  counting(
    set(
      `received_service${number}`,
      dataType.concatenated(addressType[version], addressType[version]),
      16_384,
    ),
  ),
);
/** Connections that devices tried to begin with refused addresses. */
export const refusedTries = byVersion((version, number) =>
  counting(set(`refused_tries${number}`, macAndAddress(version), 4096)),
);

const sets = [
  serviceDevices,
  servicesMarker,
  sentBy,
  ...[
    serviceAddresses,
    servicesHelp,
    locals,
    receivedBy,
    sentToService,
    receivedFromService,
    refusedTries,
  ].flatMap((each) => Object.values(each)),
];

const chain = (name: string): ChainRef => ({ table: servicesTable, name });
const forward = chain('forward');
const lan = chain('lan');
const sent = chain('sent');
const counted = chain('counted');
const received = { ip: chain('received4'), ip6: chain('received6') };
const refuse = { ip: chain('refuse4'), ip6: chain('refuse6') };

/** The rules' comments under which `status` finds their counters. */
export const countedServices = {
  refused: 'blocked services by address refused',
  uncounted: 'from more addresses than are counted',
} as const;

/** Chains with rules that count. */
export const countingServiceChains: readonly ChainRef[] = [sent, ...Object.values(refuse)];

const r0 = register(0);
/** Behind a MAC, which takes two. */
const r2 = register(2);
/** Where the second address of a key begins. */
const second = { ip: register(1), ip6: register(4) };

/** Makes the table with its static chains, and with empty sets. */
export function addServicesTable(transaction: Transaction): void {
  transaction.addTable({ ...servicesTable, comment: `khien layout ${SERVICES_LAYOUT}: services by address` });
  for (const each of sets) transaction.addSet(each);
  for (const each of [lan, counted, sent, ...Object.values(received), ...Object.values(refuse)])
    transaction.addChain(each);
  transaction.addChain({
    ...forward,
    base: { type: 'filter', hook: 'forward', priority: PRIORITY, policy: 'accept' },
  });
  for (const rule of servicesRules()) transaction.addRule(rule);
}

/** Adds the rules that know the home's interfaces, in place of those that are there. */
export function writeInterfaces(transaction: Transaction, interfaces: readonly string[]): void {
  for (const each of [forward, sent]) transaction.flushChain(each);
  for (const rule of interfaceRules(interfaces)) transaction.addRule(rule);
}

/**
 * What comes by one of these interfaces need not be looked up as what comes from outside. Whether a device is behind another
 * one, only its MAC tells. Comments say the interfaces, for the next run.
 */
export function* interfaceRules(interfaces: readonly string[]): Generator<Rule> {
  const interfaceIs = (which: 'iifname' | 'oifname', name: string): Expression[] => [
    expr.meta(which, r0),
    expr.cmp(r0, 'eq', interfaceName(name)),
  ];
  for (const name of interfaces) {
    yield {
      chain: forward,
      expressions: [...interfaceIs('iifname', name), expr.verdict(goto(lan.name))],
      comment: name,
    };
    // Where br_netfilter is loaded, frames between devices come by here too.
    yield { chain: sent, expressions: [...interfaceIs('oifname', name), expr.verdict(accept)] };
  }
  for (const version of versions) {
    yield {
      chain: forward,
      expressions: [
        ...addressIn('destination', version, locals[version]),
        expr.verdict(goto(received[version].name)),
      ],
    };
  }
  yield { chain: forward, expressions: fromDevice() };
  yield* sentRules();
}

/** The interfaces of the home that the rules in place know. Throws NetlinkError. */
export async function interfacesOf(nft: Nftables): Promise<string[]> {
  return (await nft.listRules(forward)).flatMap(({ comment }) => comment ?? []);
}

/** The rules that are there for every policy. */
export function* servicesRules(): Generator<Rule> {
  yield { chain: lan, expressions: fromDevice() };
  yield { chain: counted, expressions: [...loadMac(), count(sentBy)] };
  for (const version of versions) {
    yield* receivedRules(version);
    yield* refuseRules(version);
  }
}

function fromDevice(): Expression[] {
  return [...loadMac(), expr.lookupVerdict(r0, serviceDevices.name)];
}

function* sentRules(): Generator<Rule> {
  for (const version of versions) {
    yield {
      chain: sent,
      expressions: [
        ...addressIn('destination', version, serviceAddresses[version]),
        ...loadMac(),
        loadAddress('destination', version, r2),
        count(sentToService[version]),
      ],
    };
    yield {
      chain: sent,
      expressions: [
        ...versionIs(version),
        loadAddress('source', version, r0),
        // Ends the rule where the set is full, as it is when a device sends from thousands of addresses.
        expr.dynset('update', r0, locals[version].name, { timeout: OWNED }),
        expr.verdict(goto(counted.name)),
      ],
    };
  }
  yield {
    chain: sent,
    expressions: [expr.counter, expr.verdict(drop)],
    comment: countedServices.uncounted,
  };
}

function* receivedRules(version: IpVersion): Generator<Rule> {
  const each = received[version];
  yield {
    chain: each,
    expressions: [...addressIn('source', version, servicesHelp[version]), expr.verdict(accept)],
  };
  yield {
    chain: each,
    expressions: [
      ...addressIn('source', version, serviceAddresses[version]),
      loadAddress('destination', version, r0),
      loadAddress('source', version, second[version]),
      count(receivedFromService[version]),
    ],
  };
  yield {
    chain: each,
    expressions: [...versionIs(version), loadAddress('destination', version, r0), count(receivedBy[version])],
  };
}

/** Refused at once and visibly, so that applications do not wait. A connection that is only cut is not remembered. */
function* refuseRules(version: IpVersion): Generator<Rule> {
  const each = refuse[version];
  const remember: Expression[] = [
    ...loadMac(),
    loadAddress('destination', version, r2),
    expr.dynset('update', r0, refusedTries[version].name, { timeout: REMEMBERED, counter: true }),
  ];
  yield { chain: each, expressions: [...beginsConnection(), ...versionIs(version), ...remember] };
  yield {
    chain: each,
    expressions: [
      expr.meta('l4proto', r0),
      expr.cmp(r0, 'neq', Buffer.from([TCP])),
      ...versionIs(version),
      ...remember,
    ],
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

const PROFILE = 'profile_';

function profileChain(profile: string): ChainRef {
  return chain(PROFILE + profile);
}

/** The profile whose chain has this name; undefined for other chains. */
export function profileOfServiceChain(name: string): string | undefined {
  return name.startsWith(PROFILE) ? name.slice(PROFILE.length) : undefined;
}

export function serviceDevice(mac: string, profile: string): Element {
  return { key: macAddress(mac), verdict: goto(profileChain(profile).name) };
}

/** Addresses that are refused to a profile's devices. */
export function refusedAddresses(profile: string): Readonly<Record<IpVersion, NamedSet>> {
  return byVersion((version, number) => ({
    ...set(`refused${number}_${profile}`, addressType[version], ADDRESSES),
    flags: ['timeout'],
  }));
}

/** Adds what a profile needs, with nothing refused. */
export function addProfile(transaction: Transaction, profile: string): void {
  const refused = refusedAddresses(profile);
  for (const version of versions) transaction.addSet(refused[version]);
  transaction.addChain(profileChain(profile));
  for (const rule of serviceProfileRules(profile)) transaction.addRule(rule);
}

/** Deletes it again; no device may be of the profile any more. */
export function deleteProfile(transaction: Transaction, profile: string): void {
  const refused = refusedAddresses(profile);
  transaction.deleteChain(profileChain(profile));
  for (const version of versions) transaction.deleteSet(refused[version]);
}

export function* serviceProfileRules(profile: string): Generator<Rule> {
  const each = profileChain(profile);
  const refused = refusedAddresses(profile);
  for (const version of versions) {
    yield {
      chain: each,
      expressions: [...addressIn('destination', version, servicesHelp[version]), expr.verdict(accept)],
    };
    yield {
      chain: each,
      expressions: [
        ...addressIn('destination', version, refused[version]),
        expr.verdict(goto(refuse[version].name)),
      ],
    };
  }
  yield { chain: each, expressions: [expr.verdict(goto(sent.name))] };
}

const TCP = 6;
const NFPROTO = { ip: 2, ip6: 10 } as const;
/** Where they are in the fixed headers of RFC 791 and RFC 8200. */
const OFFSET = { ip: { source: 12, destination: 16 }, ip6: { source: 8, destination: 24 } } as const;
const LENGTH = { ip: 4, ip6: 16 } as const;

function versionIs(version: IpVersion): Expression[] {
  return [expr.meta('nfproto', r0), expr.cmp(r0, 'eq', Buffer.from([NFPROTO[version]]))];
}

function loadMac(): Expression[] {
  return [expr.payload('link', 6, 6, r0)];
}

function loadAddress(which: 'source' | 'destination', version: IpVersion, target: number): Expression {
  return expr.payload('network', OFFSET[version][which], LENGTH[version], target);
}

function addressIn(which: 'source' | 'destination', version: IpVersion, addresses: NamedSet): Expression[] {
  return [...versionIs(version), loadAddress(which, version, r0), expr.lookup(r0, addresses.name)];
}

/** Counts the packet for the key from register 0 on. */
function count(counters: NamedSet): Expression {
  return expr.dynset('update', r0, counters.name, { timeout: COUNTED, counter: true });
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
