import { SHORTEST_KEY } from '@khien/shared/list';
import {
  accept,
  type ChainRef,
  dataType,
  type Expression,
  expr,
  goto,
  hostU32,
  type NamedSet,
  networkU16,
  type Rule,
  register,
  type Transaction,
} from 'node-nftables';
import { UNDECIDED } from '../layout.ts';
import { CASE_MASK } from '../lists/name-key.ts';
import { dnsTable, LONGEST_KEY, nameLengths, nameMap, nameOfMap } from './name-map.ts';
import { destinationPortIs, hasEtherSource } from './packet-match.ts';
import { openRule, strangersOf, toStrangers } from './strangers.ts';

/**
 * The table that finds out what a DNS query asks for. Of what is for this machine, so that what is forwarded does not come by,
 * it leaves the answer for UDP queries of managed devices in `skb->priority`; marks belong to others (mwan3, pbr).
 *
 *     classify → queries → entry → scan → t2 … t63     by the offset of the name's terminating zero
 *                            └→ undecided ←┘           whatever is not a plain query
 *
 * While the maps are being filled, `entry` leads to `undecided`, so that the responder gets every query: nothing passes
 * unchecked. Each chain is reached on one path only; kernels before 6.18 walk every path when they check a table.
 */

/** Raise it with any change to the program or to what the maps hold: a table of another layout is not adopted. */
export const CLASSIFIER_LAYOUT = 8;

/** Just before the chain that reads the answer, which is before the firewall's. */
const PRIORITY = -3;
const UDP_HEADER = 8;
const DNS_HEADER = 12;
/** Of the QNAME, from the UDP header on. */
const NAME = UDP_HEADER + DNS_HEADER;
/** Names whose terminator is further on are undecided. */
const LAST_TERMINATOR = LONGEST_KEY - 1;
// What follows the name: QTYPE and QCLASS; an empty OPT record (RFC 6891); an OPT with a client cookie (RFC 7873).
const QUESTION_TAIL = 4;
const EMPTY_OPT = 11;
const COOKIE_OPT = 23;
/** The most that an address takes: one bitwise of nft prints 16 bytes. */
const GROUP = 16;

const r0 = register(0);
const answerRegister = register(15);

const chain = (name: string): ChainRef => ({ table: dnsTable, name });
const terminatorChain = (terminator: number): ChainRef => chain(`t${terminator}`);
const terminators = Array.from({ length: LAST_TERMINATOR - 1 }, (_, index) => index + 2);
const queries = chain('queries');
const entry = chain('entry');
const scan = chain('scan');
const undecided = chain('undecided');
const toUndecided = expr.verdict(goto(undecided.name));

export const managedForDns: NamedSet = {
  table: dnsTable,
  name: 'managed',
  key: dataType.etherAddr,
  size: 8192,
};

export const strangersForDns = strangersOf(dnsTable);

/** Holds one element, the revision of what the maps hold, once they hold it all. */
export const namesMarker: NamedSet = {
  table: dnsTable,
  name: 'revision',
  key: dataType.integer(16),
  size: 4,
};

/** Chains with rules that count. */
export const countingDnsChains: readonly ChainRef[] = [undecided];

/** Makes the table, with every query undecided. */
export function addClassifier(transaction: Transaction): void {
  transaction.addTable({ ...dnsTable, comment: `khien layout ${CLASSIFIER_LAYOUT}: names` });
  for (const each of [managedForDns, strangersForDns.known, namesMarker]) transaction.addSet(each);
  transaction.addChain(strangersForDns.chain).addRule(openRule(strangersForDns));
  for (const each of [undecided, entry]) transaction.addChain(each);
  transaction.addRule({
    chain: undecided,
    expressions: [...setAnswer(UNDECIDED), expr.counter, expr.verdict(accept)],
    comment: 'undecided by the classifier',
  });
  transaction.addRule({ chain: entry, expressions: [toUndecided] });
  transaction.addChain(queries);
  transaction.addRule({ chain: queries, expressions: toStrangers(managedForDns.name, strangersForDns) });
  transaction.addRule({
    chain: queries,
    expressions: [...hasEtherSource(), ...setAnswer(0), expr.verdict(goto(entry.name))],
  });
  transaction.addChain({
    ...chain('classify'),
    base: { type: 'filter', hook: 'input', priority: PRIORITY, policy: 'accept' },
  });
  transaction.addRule({
    chain: chain('classify'),
    expressions: [...destinationPortIs('udp', 53), expr.verdict(goto(queries.name))],
  });
}

/** Sends queries through the maps, or all to the responder. */
export function enterClassifier(transaction: Transaction, through: 'scan' | 'undecided'): void {
  transaction.flushChain(entry);
  transaction.addRule({ chain: entry, expressions: [expr.verdict(goto(through))] });
}

/** Adds the maps, empty and as large as `sizes` say by wire length, and the chains that `classifierRules` fill. */
export function addClassifierMaps(transaction: Transaction, sizes: ReadonlyMap<number, number>): void {
  for (const length of nameLengths) transaction.addSet(nameMap(length, sizes.get(length) ?? 0));
  transaction.addChain(scan);
  for (const terminator of terminators) transaction.addChain(terminatorChain(terminator));
}

/** The rules that look names up, in an order in which each may be added. */
export function* classifierRules(): Generator<Rule> {
  for (const expressions of headerChecks()) yield { chain: scan, expressions: [...expressions, toUndecided] };
  for (const terminator of terminators) {
    yield {
      chain: scan,
      expressions: [...byteIs('eq', terminator, 0), expr.verdict(goto(terminatorChain(terminator).name))],
    };
  }
  // The root, a name past the limit, or a packet without a zero byte.
  yield { chain: scan, expressions: [toUndecided] };
  for (const terminator of terminators) {
    const each = terminatorChain(terminator);
    for (const expressions of tailChecks(terminator)) {
      yield { chain: each, expressions: [...expressions, toUndecided] };
    }
    for (const expressions of lookups(terminator)) yield { chain: each, expressions };
  }
}

/** What a plain query's header is not (RFC 1035 §4.1.1): flags other than RD, AD, CD; counts other than 1, 0, 0, 0 or 1. */
function headerChecks(): Expression[][] {
  const differs = (offset: number, mask: string, value: string): Expression[] => [
    expr.payload('transport', UDP_HEADER + offset, 4, r0),
    expr.bitwise(r0, r0, Buffer.from(mask, 'hex')),
    expr.cmp(r0, 'neq', Buffer.from(value, 'hex')),
  ];
  return [
    differs(0, '0000fecf', '00000000'),
    differs(4, 'ffffffff', '00010000'),
    differs(8, 'fffffffe', '00000000'),
  ];
}

/**
 * What a plain query has not around its name's terminating zero. Behind it: class IN, then nothing, an empty OPT of version
 * 0, or one with a client cookie. Before it, a pointer (RFC 1035 §4.1.4) that ends the name with the zero as one of its
 * bytes or as one of the type's; such bytes of a name are above 127.
 */
function tailChecks(terminator: number): Expression[][] {
  const plain = NAME + terminator + 1 + QUESTION_TAIL;
  const udpLength = expr.payload('transport', 4, 2, r0);
  const bytesAre = (operator: 'eq' | 'neq', at: number, mask: string, value: string): Expression[] => [
    expr.payload('transport', at, mask.length / 2, r0),
    expr.bitwise(r0, r0, Buffer.from(mask, 'hex')),
    expr.cmp(r0, operator, Buffer.from(value, 'hex')),
  ];
  const whenLonger = (by: number, expressions: Expression[]): Expression[] => [
    udpLength,
    expr.cmp(r0, 'eq', networkU16(plain + by)),
    ...expressions,
  ];
  const before = Math.min(terminator, 4);
  return [
    [
      udpLength,
      expr.cmp(r0, 'neq', networkU16(plain)),
      expr.cmp(r0, 'neq', networkU16(plain + EMPTY_OPT)),
      expr.cmp(r0, 'neq', networkU16(plain + COOKIE_OPT)),
    ],
    bytesAre(
      'neq',
      NAME + terminator - before,
      `${'80'.repeat(before)}00ff00ffff`,
      `${'00'.repeat(before)}0000000001`,
    ),
    // Root name, type 41; the sender's payload size; extended RCODE and version 0, DO; RDLENGTH 0.
    whenLonger(EMPTY_OPT, bytesAre('neq', plain, 'ffffff0000ffff7fffffff', '0000290000000000000000')),
    // RDLENGTH 12: option 10, 8 bytes.
    whenLonger(
      COOKIE_OPT,
      bytesAre('neq', plain, 'ffffff0000ffff7fffffffffffffff', '000029000000000000000c000a0008'),
    ),
    // A label may reach over the zero into the cookie: a pointer there, a type, and a class below 256.
    ...[0, 1, 2].map((room) =>
      whenLonger(COOKIE_OPT, bytesAre('eq', plain + COOKIE_OPT - 8 + room, 'c0000000ff', 'c000000000')),
    ),
  ];
}

/** Looks every suffix at a label boundary up, most specific first; the first that is in a map decides. */
function* lookups(terminator: number): Generator<Expression[]> {
  for (let offset = 0; offset <= terminator - 2; offset++) {
    const length = terminator + 1 - offset;
    if (length < SHORTEST_KEY) continue;
    const look = lookUp(offset, length);
    if (offset === 0) {
      yield look;
      continue;
    }
    // A length of 32 to 63 may as well be a digit or hyphen, so this is not a proof, but all a rule can see.
    yield [...byteAfterMaskIs(offset, length > 32 + 1 ? 0x40 : 0x60, 0), ...look];
  }
}

/** Folds `length` bytes of the name from `offset`, but the first, and ends with the answer of their map, if it has one. */
function lookUp(offset: number, length: number): Expression[] {
  const load: Expression[] = [];
  for (let at = 0; at < length; at += GROUP) {
    const mask = Buffer.alloc(Math.min(GROUP, length - at), CASE_MASK);
    if (at === 0) mask[0] = 0xff;
    const target = register(at / 4);
    load.push(
      expr.payload('transport', NAME + offset + at, mask.length, target),
      expr.bitwise(target, target, mask),
    );
  }
  return [
    ...load,
    expr.lookupMap(r0, nameOfMap(length), answerRegister),
    expr.metaSet('priority', answerRegister),
    expr.verdict(accept),
  ];
}

/** Compares a byte of the name. */
function byteIs(operator: 'eq' | 'neq', offset: number, value: number): Expression[] {
  return [expr.payload('transport', NAME + offset, 1, r0), expr.cmp(r0, operator, Buffer.from([value]))];
}

/**
 * Compares some bits of a byte of the name, by the aligned 32-bit word it is in: the kernel runs four-byte loads, masks
 * and compares without a call each.
 */
function byteAfterMaskIs(offset: number, mask: number, value: number): Expression[] {
  const words = Buffer.alloc(8);
  words[offset & 3] = mask;
  words[4 + (offset & 3)] = value;
  return [
    expr.payload('transport', NAME + (offset & ~3), 4, r0),
    expr.bitwise(r0, r0, words.subarray(0, 4)),
    expr.cmp(r0, 'eq', words.subarray(4)),
  ];
}

function setAnswer(value: number): Expression[] {
  return [expr.immediate(r0, hostU32(value)), expr.metaSet('priority', r0)];
}
