import {
  accept,
  type ChainRef,
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
import { type IpVersion, protocolIs } from './packet-match.ts';
import {
  addressIn,
  beginsConnection,
  count,
  isNotTcp,
  loadAddress,
  loadMac,
  r0,
  r2,
  versionIs,
} from './services-match.ts';
import {
  chain,
  locals,
  OWNED,
  profileChain,
  REMEMBERED,
  receivedBy,
  receivedFromService,
  refusedAddresses,
  refusedTries,
  sentBy,
  sentToService,
  serviceAddresses,
  serviceDevices,
  servicesHelp,
  servicesTable,
  specialAddresses,
  staticSets,
  studyAddresses,
  versions,
} from './services-sets.ts';
import { closingRule, passRule, stray, strayRules } from './services-study.ts';

/**
 * The table that knows services by address: it refuses what a child may not reach by whatever name, and counts what
 * managed devices exchange with the outside, in all and with each address of a service.
 *
 *     forward → lan → profile_… → served → sent → counted   from a managed device, by its MAC
 *                        ├→ refuse4, refuse6       to an address in the profile's `refused…`
 *                        └→ stray                  in study mode, to one that is not in the profile's `study…`
 *             → received4, received6               to an address from which a managed device has sent lately
 *
 * After everything that others may refuse, so that only what passes is counted. Addresses of help are neither refused nor
 * counted. What goes to an address that is nothing special is led to `sent` by one look-up. The base chain, which every
 * forwarded packet passes, is there only while a device is managed.
 */

/** Raise it with any change to the rules or sets: a table of another layout is not adopted. */
export const SERVICES_LAYOUT = 4;

/** After fw4's own, which is at 0. */
const PRIORITY = 1;

const forward = chain('forward');
const lan = chain('lan');
const served = chain('served');
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
export const countingServiceChains: readonly ChainRef[] = [sent, stray, ...Object.values(refuse)];

/** Where the second address of a key begins. */
const second = { ip: register(1), ip6: register(4) };

/** Makes the table with its static chains, and with empty sets. */
export function addServicesTable(transaction: Transaction): void {
  transaction.addTable({ ...servicesTable, comment: `khien layout ${SERVICES_LAYOUT}: services by address` });
  for (const each of staticSets) transaction.addSet(each);
  for (const each of [
    lan,
    counted,
    sent,
    served,
    stray,
    ...Object.values(received),
    ...Object.values(refuse),
  ])
    transaction.addChain(each);
  for (const rule of servicesRules()) transaction.addRule(rule);
}

/** Adds the rules that know the home's interfaces, in place of those that are there. */
export function writeInterfaces(transaction: Transaction, interfaces: readonly string[]): void {
  for (const each of [sent, served, stray]) transaction.flushChain(each);
  for (const rule of interfaceRules(interfaces)) transaction.addRule(rule);
}

/** Adds the base chain, with `flush` in place of the rules that it has. */
export function writeForward(
  transaction: Transaction,
  interfaces: readonly string[],
  { flush }: { readonly flush: boolean },
): void {
  if (flush) transaction.flushChain(forward);
  else
    transaction.addChain({
      ...forward,
      base: { type: 'filter', hook: 'forward', priority: PRIORITY, policy: 'accept' },
    });
  for (const rule of serviceForwardRules(interfaces)) transaction.addRule(rule);
}

/** Deletes it again. */
export function deleteForward(transaction: Transaction): void {
  transaction.flushChain(forward).deleteChain(forward);
}

function interfaceIs(which: 'iifname' | 'oifname', name: string): Expression[] {
  return [expr.meta(which, r0), expr.cmp(r0, 'eq', interfaceName(name))];
}

/**
 * What comes by one of these interfaces need not be looked up as what comes from outside. Whether a device is behind another
 * one, only its MAC tells.
 */
export function* serviceForwardRules(interfaces: readonly string[]): Generator<Rule> {
  for (const name of interfaces) {
    yield {
      chain: forward,
      expressions: [...interfaceIs('iifname', name), expr.verdict(goto(lan.name))],
    };
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
}

/**
 * Where br_netfilter is loaded, frames between devices come by here too: they pass uncounted. Comments say the interfaces, for
 * the next run.
 */
export function* interfaceRules(interfaces: readonly string[]): Generator<Rule> {
  for (const name of interfaces) {
    for (const each of [sent, served, stray]) {
      yield {
        chain: each,
        expressions: [...interfaceIs('oifname', name), expr.verdict(accept)],
        comment: name,
      };
    }
  }
  yield* servedRules();
  yield* sentRules();
  yield* strayRules(served.name);
}

/** The interfaces of the home that the rules in place know. Throws NetlinkError. */
export async function interfacesOf(nft: Nftables): Promise<string[]> {
  return (await nft.listRules(served)).flatMap(({ comment }) => comment ?? []);
}

/** The rules that are there for every policy. */
export function* servicesRules(): Generator<Rule> {
  yield { chain: lan, expressions: fromDevice() };
  yield { chain: counted, expressions: [...loadMac(), expr.lookup(r0, sentBy.name)] };
  for (const version of versions) {
    yield* receivedRules(version);
    yield* refuseRules(version);
  }
}

function fromDevice(): Expression[] {
  return [...loadMac(), expr.lookupVerdict(r0, serviceDevices.name)];
}

function* servedRules(): Generator<Rule> {
  for (const version of versions) {
    yield {
      chain: served,
      expressions: [
        ...addressIn('destination', version, serviceAddresses[version]),
        ...loadMac(),
        loadAddress('destination', version, r2),
        count(sentToService[version]),
      ],
    };
  }
  yield { chain: served, expressions: [expr.verdict(goto(sent.name))] };
}

function* sentRules(): Generator<Rule> {
  for (const version of versions) {
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
  const countAll: Expression[] = [loadAddress('destination', version, r0), count(receivedBy[version])];
  yield {
    chain: each,
    expressions: [
      ...addressIn('source', version, specialAddresses[version], 'not in'),
      ...countAll,
      expr.verdict(accept),
    ],
  };
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
    expressions: [...versionIs(version), ...countAll],
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
    expressions: [...isNotTcp(), ...versionIs(version), ...remember],
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

export function serviceDevice(mac: string, profile: string): Element {
  return { key: macAddress(mac), verdict: goto(profileChain(profile).name) };
}

/** Adds what a profile needs, with nothing refused and nothing open. */
export function addProfile(transaction: Transaction, profile: string, studies: boolean): void {
  for (const each of profileSets(profile)) transaction.addSet(each);
  transaction.addChain(profileChain(profile));
  for (const rule of serviceProfileRules(profile, studies)) transaction.addRule(rule);
}

/** Deletes it again; no device may be of the profile any more. */
export function deleteProfile(transaction: Transaction, profile: string): void {
  transaction.deleteChain(profileChain(profile));
  for (const each of profileSets(profile)) transaction.deleteSet(each);
}

/** Begins the study mode of a profile, or ends it. */
export function writeMode(transaction: Transaction, profile: string, studies: boolean): void {
  transaction.flushChain(profileChain(profile));
  for (const rule of serviceProfileRules(profile, studies)) transaction.addRule(rule);
}

function profileSets(profile: string): NamedSet[] {
  return [refusedAddresses(profile), studyAddresses(profile)].flatMap((each) => Object.values(each));
}

export function* serviceProfileRules(profile: string, studies: boolean): Generator<Rule> {
  const each = profileChain(profile);
  const refused = refusedAddresses(profile);
  // To nowhere special. Study mode closes that too.
  for (const version of studies ? [] : versions) {
    yield {
      chain: each,
      expressions: [
        ...addressIn('destination', version, specialAddresses[version], 'not in'),
        expr.verdict(goto(sent.name)),
      ],
    };
  }
  for (const version of versions) {
    yield {
      chain: each,
      expressions: [...addressIn('destination', version, servicesHelp[version]), expr.verdict(accept)],
    };
    if (studies) yield passRule(profile, version, served.name);
    yield {
      chain: each,
      expressions: [
        ...addressIn('destination', version, refused[version]),
        expr.verdict(goto(refuse[version].name)),
      ],
    };
  }
  yield studies ? closingRule(profile) : { chain: each, expressions: [expr.verdict(goto(served.name))] };
}
