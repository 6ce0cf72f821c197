import { readFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import { hostU32, interfaceName, ipAddress, macAddress, networkU16 } from '../address.ts';
import { eachAttribute } from '../netlink/attributes.ts';
import { NetlinkConnection } from '../netlink/connection.ts';
import { eachMessage } from '../netlink/message.ts';
import { Recorder } from '../testing/recorder.ts';
import * as dataType from './datatype.ts';
import type { Expression } from './expressions/index.ts';
import * as expr from './expressions/index.ts';
import { Transaction } from './transaction.ts';
import { accept, drop, goto } from './verdict.ts';

/**
 * What nft 1.0.6 sent to the kernel for each command (`strace -e trace=sendmsg -e write=all nft …`): the one message
 * between the ends of its batch, sequence number and port zeroed.
 */
const recorded: Record<string, string> = JSON.parse(
  readFileSync(new URL('./fixtures/nft-1.0.6.json', import.meta.url), 'utf8'),
);

const table = { family: 'inet', name: 't' } as const;
const chain = { table, name: 'c' };
const devices = { family: 'netdev', name: 'n' } as const;
// nft uses the 16-byte registers: number 1 is the same as register(0).
const R1 = 1;
const ACK = 4;
const USERDATA = 13;
const byte = (value: number) => Buffer.from([value]);

const l4proto = (protocol: number) => [expr.meta('l4proto', R1), expr.cmp(R1, 'eq', byte(protocol))];
const dport = expr.payload('transport', 2, 2, R1);
const ethernet = [expr.meta('iiftype', R1), expr.cmp(R1, 'eq', Buffer.from([1, 0]))];
const etherSource = expr.payload('link', 6, 6, R1);
const state = [
  expr.ct('state', R1),
  expr.bitwise(R1, R1, hostU32(expr.ctState.established | expr.ctState.related)),
  expr.cmp(R1, 'neq', hostU32(0)),
];

type Build = (transaction: Transaction) => void;

const rule =
  (name: string, expressions: readonly Expression[], comment?: string): Build =>
  (transaction) =>
    transaction.addRule({
      chain: { table, name },
      expressions,
      ...(comment === undefined ? {} : { comment }),
    });

const same: Record<string, Build> = {
  'add table inet t { comment "c" ; }': (t) => t.addTable({ ...table, flags: [], comment: 'c' }),
  'add chain inet t c { type filter hook forward priority -5; policy drop; comment "base"; }': (t) =>
    t.addChain({
      ...chain,
      base: { type: 'filter', hook: 'forward', priority: -5, policy: 'drop' },
      comment: 'base',
    }),
  'add chain inet t d': (t) => t.addChain({ table, name: 'd' }),
  'add set inet t s { type ether_addr; flags timeout; size 100; timeout 1m; }': (t) =>
    t.addSet({ table, name: 's', key: dataType.etherAddr, flags: ['timeout'], size: 100, timeout: 60_000 }),
  'add element inet t s { 02:00:00:00:00:01 timeout 60s comment "x" }': (t) =>
    t.addElements({ table, name: 's' }, [
      { key: macAddress('02:00:00:00:00:01'), timeout: 60_000, comment: 'x' },
    ]),
  'add element inet t m { 02:00:00:00:00:01 : goto d }': (t) =>
    t.addElements({ table, name: 'm' }, [{ key: macAddress('02:00:00:00:00:01'), verdict: goto('d') }]),
  'add element inet t marks { 192.0.2.1 : 5 }': (t) =>
    t.addElements({ table, name: 'marks' }, [{ key: ipAddress('192.0.2.1'), data: hostU32(5) }]),
  'add rule inet t c meta l4proto udp udp dport 53 counter accept comment "x"': rule(
    'c',
    [...l4proto(17), dport, expr.cmp(R1, 'eq', networkU16(53)), expr.counter, expr.verdict(accept)],
    'x',
  ),
  'add rule inet t c ct state established,related accept': rule('c', [...state, expr.verdict(accept)]),
  'add rule inet t c ct direction reply drop': rule('c', [
    expr.ct('direction', R1),
    expr.cmp(R1, 'eq', byte(1)),
    expr.verdict(drop),
  ]),
  'add rule inet t c ip saddr 192.0.2.1 meta mark set ip daddr map @marks': rule('c', [
    expr.meta('nfproto', R1),
    expr.cmp(R1, 'eq', byte(2)),
    expr.payload('network', 12, 4, R1),
    expr.cmp(R1, 'eq', ipAddress('192.0.2.1')),
    expr.payload('network', 16, 4, R1),
    expr.lookupMap(R1, 'marks', R1),
    expr.metaSet('mark', R1),
  ]),
  'add rule inet t c meta iiftype ether ether saddr vmap @m': rule('c', [
    ...ethernet,
    etherSource,
    expr.lookupVerdict(R1, 'm'),
  ]),
  'add rule inet t c meta iiftype ether ether saddr != @s goto d': rule('c', [
    ...ethernet,
    etherSource,
    expr.lookup(R1, 's', { inverted: true }),
    expr.verdict(goto('d')),
  ]),
  'add rule inet t c tcp dport 853 reject with tcp reset': rule('c', [
    ...l4proto(6),
    dport,
    expr.cmp(R1, 'eq', networkU16(853)),
    expr.reject('tcp reset'),
  ]),
  'add rule inet t c reject with icmpx admin-prohibited': rule('c', [expr.reject('admin prohibited')]),
  'add rule inet t c log prefix "dns" group 7 snaplen 160': rule('c', [
    expr.log(7, { prefix: 'dns', snapLength: 160 }),
  ]),
  'add rule inet t c udp dport set 5453': rule('c', [
    ...l4proto(17),
    expr.immediate(R1, networkU16(5453)),
    expr.payloadSet('transport', 2, 2, R1, 6),
  ]),
  'add rule inet t c meta mark set mark << 8': rule('c', [
    expr.meta('mark', R1),
    expr.shift('left', R1, R1, 4, 8),
    expr.metaSet('mark', R1),
  ]),
  'add rule inet t c udp dport != 5453-5455 drop': rule('c', [
    ...l4proto(17),
    dport,
    expr.range(R1, 'neq', networkU16(5453), networkU16(5455)),
    expr.verdict(drop),
  ]),
  'add rule inet t c meta iiftype ether add @dyn { ether saddr . tcp dport counter }': rule('c', [
    ...ethernet,
    ...l4proto(6),
    etherSource,
    // The third 4-byte register: behind 6 bytes of MAC address, padded to 8.
    expr.payload('transport', 2, 2, 10),
    expr.dynset('add', R1, 'dyn', { counter: true }),
  ]),
  'add chain inet t nat { type nat hook prerouting priority -100; }': (t) =>
    t.addChain({ table, name: 'nat', base: { type: 'nat', hook: 'prerouting', priority: -100 } }),
  'add rule inet t nat udp dport 53 redirect to :5353': rule('nat', [
    ...l4proto(17),
    dport,
    expr.cmp(R1, 'eq', networkU16(53)),
    expr.immediate(R1, networkU16(5353)),
    expr.redir(R1),
  ]),
  'add chain inet t post { type nat hook postrouting priority 100; }': (t) =>
    t.addChain({ table, name: 'post', base: { type: 'nat', hook: 'postrouting', priority: 100 } }),
  'add rule inet t post masquerade': rule('post', [expr.masq]),
  'add chain inet t raw { type filter hook prerouting priority -300; }': (t) =>
    t.addChain({ table, name: 'raw', base: { type: 'filter', hook: 'prerouting', priority: -300 } }),
  'add rule inet t raw notrack': rule('raw', [expr.notrack]),
  'insert rule inet t raw iifname lan0 meta priority set 5': (t) =>
    t.insertRule({
      chain: { table, name: 'raw' },
      expressions: [
        expr.meta('iifname', R1),
        expr.cmp(R1, 'eq', interfaceName('lan0')),
        expr.immediate(R1, hostU32(5)),
        expr.metaSet('priority', R1),
      ],
    }),
  'flush chain inet t raw': (t) => t.flushChain({ table, name: 'raw' }),
  'flush set inet t s': (t) => t.flushSet({ table, name: 's' }),
  'delete element inet t m { 02:00:00:00:00:01 }': (t) =>
    t.deleteElements({ table, name: 'm' }, [{ key: macAddress('02:00:00:00:00:01') }]),
  'add table netdev n': (t) => t.addTable({ ...devices, flags: [] }),
  'add chain netdev n i { type filter hook ingress device lo priority 0; }': (t) =>
    t.addChain({
      table: devices,
      name: 'i',
      base: { type: 'filter', hook: 'ingress', priority: 0, devices: ['lo'] },
    }),
  'delete chain netdev n i': (t) => t.deleteChain({ table: devices, name: 'i' }),
  'delete table netdev n': (t) => t.deleteTable(devices),
};

/** Sets about whose types nft stores a little more for itself. */
const typed: Record<string, Build> = {
  'add set inet t dyn { type ether_addr . inet_service; flags dynamic; counter; size 10; }': (t) =>
    t.addSet({
      table,
      name: 'dyn',
      key: dataType.concatenated(dataType.etherAddr, dataType.inetService),
      flags: ['dynamic'],
      counter: true,
      size: 10,
    }),
  'add map inet t m { type ether_addr : verdict; }': (t) =>
    t.addSet({ table, name: 'm', key: dataType.etherAddr, data: 'verdict' }),
  'add map inet t marks { type ipv4_addr : mark; }': (t) =>
    t.addSet({ table, name: 'marks', key: dataType.ipv4Addr, data: dataType.mark }),
};

async function encoded(build: Build) {
  const recorder = new Recorder();
  const connection = new NetlinkConnection(recorder.open);
  const transaction = new Transaction((datagram, describe) => connection.batch(datagram, describe));
  build(transaction);
  await transaction.commit();
  const [, message, end] = recorder.messages;
  if (message === undefined) throw new Error('nothing was sent');
  expect(end?.type).toBe(0x11);
  return message;
}

const NESTED = 0x8000;
/** Ids that name a set a second time, and a flag that the kernel sets itself. */
const redundant: Record<string, readonly number[]> = { lookup: [4], dynset: [2], redir: [3] };
const redundantOfElements = [4];

interface Attribute {
  readonly type: number;
  readonly value: string | readonly Attribute[];
}

/** Attributes in order of their types (members of a list keep theirs), without empty nests and what is redundant. */
function tree(bytes: Buffer, ignored: readonly number[] = []): Attribute[] {
  const attributes: Attribute[] = [];
  let name = '';
  let offset = 0;
  for (const [type, value] of eachAttribute(bytes)) {
    const nested = (bytes.readUInt16LE(offset + 2) & NESTED) !== 0;
    offset += (4 + value.length + 3) & ~3;
    if (type === 1 && !nested) name = value.toString('utf8', 0, value.length - 1);
    if (ignored.includes(type) || (nested && value.length === 0)) continue;
    attributes.push({
      type,
      value: nested ? tree(value, type === 2 ? redundant[name] : []) : value.toString('hex'),
    });
  }
  return attributes.toSorted((a, b) => a.type - b.type);
}

function messageOf(hex: string | undefined) {
  const [message] = eachMessage(Buffer.from(hex ?? '', 'hex'));
  if (message === undefined) throw new Error('no such recording');
  return message;
}

describe('what nft sends', () => {
  it.each(Object.entries(same))('%s', async (command, build) => {
    const ours = await encoded(build);
    const theirs = messageOf(recorded[command]);
    const ignored = (ours.type & 0xff) === 12 ? redundantOfElements : [];
    expect(ours.type).toBe(theirs.type);
    expect(ours.flags & ~ACK).toBe(theirs.flags);
    expect(ours.payload.subarray(0, 4)).toEqual(theirs.payload.subarray(0, 4));
    expect(tree(ours.payload.subarray(4), ignored)).toEqual(tree(theirs.payload.subarray(4), ignored));
  });

  it.each(Object.entries(typed))('%s, but for userdata', async (command, build) => {
    const ours = tree((await encoded(build)).payload.subarray(4));
    const theirs = tree(messageOf(recorded[command]).payload.subarray(4));
    const withoutUserdata = (attributes: readonly Attribute[]) =>
      attributes.filter(({ type }) => type !== USERDATA);
    expect(withoutUserdata(ours)).toEqual(withoutUserdata(theirs));
  });

  it('is all compared', () => {
    expect(Object.keys({ ...same, ...typed }).toSorted()).toEqual(Object.keys(recorded).toSorted());
  });
});
