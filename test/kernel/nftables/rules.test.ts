import { execFileSync } from 'node:child_process';
import {
  accept,
  dataType,
  drop,
  type Expression,
  expr,
  goto,
  hostU32,
  interfaceName,
  Nftables,
  networkU16,
  register,
} from 'node-nftables';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';

const r = register;
const table = { family: 'inet', name: 'live', comment: 'a test' } as const;
const udp = [expr.meta('l4proto', r(0)), expr.cmp(r(0), 'eq', Buffer.from([17]))];
const tcp = [expr.meta('l4proto', r(0)), expr.cmp(r(0), 'eq', Buffer.from([6]))];
const destinationPort = expr.payload('transport', 2, 2, r(0));

function listed(...words: string[]): string {
  return execFileSync('nft', [...words], { encoding: 'utf8' }).replaceAll(/\s+/g, ' ');
}

let nft: Nftables;
beforeEach(() => {
  nft = new Nftables();
});
afterEach(() => {
  nft.close();
  execFileSync('nft', ['flush', 'ruleset']);
});

describe('rules', () => {
  const chain = { table, name: 'c' };
  const set = { table, name: 's', key: dataType.etherAddr, size: 8 } as const;
  const verdicts = { table, name: 'v', key: dataType.etherAddr, data: 'verdict', size: 8 } as const;
  const marks = { table, name: 'm', key: dataType.ipv4Addr, data: dataType.mark, size: 8 } as const;
  const usage = {
    table,
    name: 'u',
    key: dataType.concatenated(dataType.etherAddr, dataType.inetService),
    flags: ['dynamic', 'timeout'],
    counter: true,
    size: 8,
  } as const;

  async function printed(
    type: 'filter' | 'nat',
    hook: 'prerouting' | 'postrouting' | 'forward',
    rule: Expression[],
  ) {
    await nft
      .transaction()
      .addTable(table)
      .addSet(set)
      .addSet(verdicts)
      .addSet(marks)
      .addSet(usage)
      .addChain({ table, name: 'other' })
      .addChain({ ...chain, base: { type, hook, priority: 0 } })
      .addRule({ chain, expressions: rule })
      .commit();
    return /policy accept; (.*) } } $/.exec(listed('list', 'table', 'inet', 'live'))?.[1];
  }

  it.each<[string, 'filter' | 'nat', 'prerouting' | 'postrouting' | 'forward', Expression[]]>([
    [
      'udp dport 53 counter packets 0 bytes 0 accept',
      'filter',
      'prerouting',
      [...udp, destinationPort, expr.cmp(r(0), 'eq', networkU16(53)), expr.counter, expr.verdict(accept)],
    ],
    [
      'udp dport 5453-5455 drop',
      'filter',
      'prerouting',
      [
        ...udp,
        destinationPort,
        expr.range(r(0), 'eq', networkU16(5453), networkU16(5455)),
        expr.verdict(drop),
      ],
    ],
    [
      'udp dport set 5453',
      'filter',
      'prerouting',
      [...udp, expr.immediate(r(0), networkU16(5453)), expr.payloadSet('transport', 2, 2, r(0), 6)],
    ],
    [
      'iifname "lan0" goto other',
      'filter',
      'prerouting',
      [expr.meta('iifname', r(0)), expr.cmp(r(0), 'eq', interfaceName('lan0')), expr.verdict(goto('other'))],
    ],
    [
      'ether saddr != @s drop',
      'filter',
      'prerouting',
      [
        expr.meta('iiftype', r(0)),
        expr.cmp(r(0), 'eq', Buffer.from([1, 0])),
        expr.payload('link', 6, 6, r(0)),
        expr.lookup(r(0), 's', { inverted: true }),
        expr.verdict(drop),
      ],
    ],
    [
      'ether saddr vmap @v',
      'filter',
      'prerouting',
      [
        expr.meta('iiftype', r(0)),
        expr.cmp(r(0), 'eq', Buffer.from([1, 0])),
        expr.payload('link', 6, 6, r(0)),
        expr.lookupVerdict(r(0), 'v'),
      ],
    ],
    [
      'meta priority set ip saddr map @m',
      'filter',
      'prerouting',
      [
        expr.meta('nfproto', r(0)),
        expr.cmp(r(0), 'eq', Buffer.from([2])),
        expr.payload('network', 12, 4, r(0)),
        expr.lookupMap(r(0), 'm', r(0)),
        expr.metaSet('priority', r(0)),
      ],
    ],
    [
      'meta mark & 0x000000ff != 0x00000000 return',
      'filter',
      'prerouting',
      [
        expr.meta('mark', r(0)),
        expr.bitwise(r(0), r(0), hostU32(0xff)),
        expr.cmp(r(0), 'neq', hostU32(0)),
        expr.verdict({ kind: 'return' }),
      ],
    ],
    [
      'meta mark set meta mark << 8',
      'filter',
      'prerouting',
      [expr.meta('mark', r(0)), expr.shift('left', r(0), r(0), 4, 8), expr.metaSet('mark', r(0))],
    ],
    [
      'ct state established,related accept',
      'filter',
      'prerouting',
      [
        expr.ct('state', r(0)),
        expr.bitwise(r(0), r(0), hostU32(expr.ctState.established | expr.ctState.related)),
        expr.cmp(r(0), 'neq', hostU32(0)),
        expr.verdict(accept),
      ],
    ],
    [
      'ct direction reply',
      'filter',
      'prerouting',
      [expr.ct('direction', r(0)), expr.cmp(r(0), 'eq', Buffer.from([1]))],
    ],
    [
      'ct status dnat',
      'filter',
      'prerouting',
      [
        expr.ct('status', r(0)),
        expr.bitwise(r(0), r(0), hostU32(expr.ctStatus.dnat)),
        expr.cmp(r(0), 'neq', hostU32(0)),
      ],
    ],
    [
      'add @u { ether saddr . udp dport timeout 1m }',
      'filter',
      'prerouting',
      [
        ...udp,
        expr.meta('iiftype', r(0)),
        expr.cmp(r(0), 'eq', Buffer.from([1, 0])),
        expr.payload('link', 6, 6, r(0)),
        expr.payload('transport', 2, 2, r(2)),
        expr.dynset('add', r(0), 'u', { counter: true, timeout: 60_000 }),
      ],
    ],
    [
      'meta l4proto udp redirect to :5453',
      'nat',
      'prerouting',
      [...udp, expr.immediate(r(0), networkU16(5453)), expr.redir(r(0))],
    ],
    ['masquerade', 'nat', 'postrouting', [expr.masq]],
    [
      'tcp dport 853 reject with tcp reset',
      'filter',
      'forward',
      [...tcp, destinationPort, expr.cmp(r(0), 'eq', networkU16(853)), expr.reject('tcp reset')],
    ],
    ['reject', 'filter', 'forward', [expr.reject('port unreachable')]],
    ['reject with icmpx admin-prohibited', 'filter', 'forward', [expr.reject('admin prohibited')]],
    [
      'log prefix "dns " group 7 snaplen 160',
      'filter',
      'forward',
      [expr.log(7, { prefix: 'dns ', snapLength: 160 })],
    ],
    ['log group 9', 'filter', 'forward', [expr.log(9)]],
    ['notrack', 'filter', 'prerouting', [expr.notrack]],
  ])('%s', async (text, type, hook, expressions) => {
    expect(await printed(type, hook, expressions)).toBe(text);
  });

  it('keep their order, comments and handles, and are deleted by handle', async () => {
    const at = (comment: string) => ({ chain, expressions: [expr.counter], comment });
    await nft
      .transaction()
      .addTable(table)
      .addChain(chain)
      .addRule(at('second'))
      .addRule(at('third'))
      .insertRule(at('first'))
      .commit();
    const rules = await nft.listRules(chain);
    expect(rules.map(({ comment }) => comment)).toEqual(['first', 'second', 'third']);
    const [, second] = rules;
    if (second === undefined) throw new Error('no second rule');
    await nft.transaction().deleteRule(second).commit();
    expect((await nft.listRules(chain)).map(({ comment }) => comment)).toEqual(['first', 'third']);
    expect(await nft.listRules({ table, name: 'none' })).toEqual([]);
    expect(await nft.listRules({ table: { family: 'ip', name: 'none' }, name: 'none' })).toEqual([]);
  });
});
