import { describe, expect, it } from 'vitest';
import { macAddress } from '../address.ts';
import { NetlinkError } from '../netlink/error.ts';
import { errorReply, Recorder } from '../testing/recorder.ts';
import * as dataType from './datatype.ts';
import { type Element, parseElements } from './element.ts';
import * as expr from './expressions/index.ts';
import { Nftables } from './nftables.ts';
import { register } from './register.ts';
import { accept } from './verdict.ts';

const table = { family: 'inet', name: 'home' } as const;
const other = { family: 'netdev', name: 'home' } as const;
const chain = { table, name: 'c' };
const set = { table, name: 's', key: dataType.etherAddr, flags: ['timeout'] } as const;
const key = macAddress('02:00:00:00:00:01');

function recorded(recorder = new Recorder()) {
  return { recorder, nft: new Nftables(recorder.open) };
}

const typesOf = (recorder: Recorder) => recorder.messages.map(({ type }) => type & 0xff);

describe('a transaction', () => {
  it('is one datagram, of these bytes, over all families', async () => {
    const { recorder, nft } = recorded();
    const transaction = nft
      .transaction()
      .addTable({ ...table, comment: 'x' })
      .addSet(set)
      .addChain({ ...chain, base: { type: 'filter', hook: 'forward', priority: -5, policy: 'drop' } })
      .addRule({
        chain,
        expressions: [
          expr.payload('link', 6, 6, register(0)),
          expr.lookup(register(0), 's'),
          expr.counter,
          expr.verdict(accept),
        ],
        comment: 'r',
      })
      .addElements(set, [{ key, timeout: 60_000 }])
      .deleteTable(other);
    const { byteLength } = transaction;
    await transaction.commit();
    expect(recorder.datagrams).toHaveLength(1);
    expect(recorder.datagrams[0]).toHaveLength(byteLength);
    expect(recorder.datagrams[0]?.toString('hex')).toBe(
      [
        '140000001000010001000000000000000000000a',
        '28000000000a010002000000000000000100000009000100686f6d65000000000800060000027800',
        '54000000090a010403000000000000000100000009000100686f6d65000000000600020073000000',
        '08000300000000100800040000000009080005000000000608000a00000000010a000d0000040200',
        '00000000',
        '50000000030a010404000000000000000100000009000100686f6d65000000000600030063000000',
        '14000480080001000000000208000200fffffffb08000500000000000b00070066696c7465720000',
        'cc000000060a010c05000000000000000100000009000100686f6d65000000000600020063000000',
        '9c000480',
        '340001800c0001007061796c6f616400',
        '24000280080001000000000808000200000000000800030000000006080004000000' + '0006',
        '240001800b0001006c6f6f6b7570000014000280060001007300000008000200000000' + '08',
        '100001800c000100636f756e74657200',
        '300001800e000100696d6d6564696174650000001c0002800800010000000000100002800c000280',
        '0800010000000001' + '0800070000027200',
        '4c0000000c0a010406000000000000000100000009000100686f6d65000000000600020073000000',
        '2400038020000180100001800a00010002000000000100000c000400000000000000ea60',
        // The last one asks for an acknowledgement.
        '20000000020a050007000000000000000500000009000100686f6d6500000000',
        '140000001100010008000000000000000000000a',
      ].join(''),
    );
  });

  it('that is empty is not sent', async () => {
    const { recorder, nft } = recorded();
    const transaction = nft.transaction().addElements(set, []).deleteElements(set, []);
    expect(transaction.isEmpty).toBe(true);
    await transaction.commit();
    expect(recorder.datagrams).toEqual([]);
  });

  it('is committed once', async () => {
    const { nft } = recorded();
    const transaction = nft.transaction().addTable(table);
    await transaction.commit();
    await expect(transaction.commit()).rejects.toMatchObject({ code: 'EINVAL' });
  });

  it('destroys by adding first, and renews by destroying first', async () => {
    const { recorder, nft } = recorded();
    await nft
      .transaction()
      .destroyTable(other)
      .destroyChain(chain)
      .destroySet(set)
      .renewElements(set, [{ key, timeout: 5 }])
      .commit();
    expect(typesOf(recorder)).toEqual([0x10, 0, 2, 3, 5, 9, 11, 12, 14, 12, 0x11]);
  });

  it('splits elements so that no attribute reaches 64 KiB, and loses none', async () => {
    const { recorder, nft } = recorded();
    const elements = Array.from({ length: 10_000 }, (_, index): Element => {
      const bytes = Buffer.alloc(64);
      bytes.writeUInt32BE(index);
      return { key: bytes, data: Buffer.alloc(64, 1), timeout: 1000 + index, comment: 'c'.repeat(100) };
    });
    recorder.sendLimit = 8 << 20;
    await nft.transaction().addElements(set, elements).commit();
    const messages = recorder.messages.filter(({ type }) => (type & 0xff) === 12);
    expect(messages.length).toBeGreaterThan(40);
    const sent = messages.flatMap(({ payload }) => parseElements(payload));
    expect(sent.map(({ timeout }) => timeout)).toEqual(elements.map(({ timeout }) => timeout));
    expect(sent[9999]).toMatchObject({ key: elements[9999]?.key, comment: 'c'.repeat(100) });
  });

  it('names every refused change', async () => {
    const refused = new Recorder(({ sequence }) =>
      sequence === 2 || sequence === 5 ? [errorReply(sequence, sequence === 2 ? 17 : 16)] : [],
    );
    await expect(
      recorded(refused)
        .nft.transaction()
        .addChain(chain)
        .addRule({ chain, expressions: [] })
        .deleteRule({ chain, handle: 7 })
        .deleteSet(set)
        .commit(),
    ).rejects.toMatchObject({
      message: 'add chain inet home/c: EEXIST; delete set inet home/s: EBUSY',
      failures: [{ code: 'EEXIST' }, { code: 'EBUSY', request: 'delete set inet home/s' }],
    });
  });
});

describe('what no kernel would accept is refused when it is added', () => {
  const { nft } = recorded();
  const long = 'x'.repeat(300);

  it.each<[string, () => unknown]>([
    ['an empty name', () => nft.transaction().addTable({ ...table, name: '' })],
    ['a name with a NUL', () => nft.transaction().addTable({ ...table, name: 'a\0b' })],
    ['a name that nft would not read', () => nft.transaction().addTable({ ...table, name: '1 {' })],
    ['a long name', () => nft.transaction().addChain({ table, name: long })],
    ['a long comment', () => nft.transaction().addTable({ ...table, comment: long })],
    [
      'a hook of another family',
      () =>
        nft
          .transaction()
          .addChain({ table: other, name: 'c', base: { type: 'filter', hook: 'input', priority: 0 } }),
    ],
    ['a register that is none', () => register(16)],
    ['a mask and xor that differ', () => expr.bitwise(8, 8, Buffer.alloc(4), Buffer.alloc(3))],
    ['a range of unlike ends', () => expr.range(8, 'eq', Buffer.alloc(2), Buffer.alloc(3))],
    ['a key that is too long', () => dataType.integer(65)],
    [
      'a concatenation that is too long',
      () => dataType.concatenated(dataType.integer(62), dataType.inetService),
    ],
    [
      'a jump nowhere',
      () => nft.transaction().addRule({ chain, expressions: [expr.verdict({ kind: 'jump', chain: '' })] }),
    ],
  ])('%s', (_, add) => {
    expect(add).toThrow(NetlinkError);
    expect(add).toThrow(expect.objectContaining({ code: 'EINVAL' }));
  });

  it('a rule above 64 KiB', () => {
    const expressions = Array.from({ length: 1000 }, () => expr.immediate(8, Buffer.alloc(64)));
    expect(() => nft.transaction().addRule({ chain, expressions })).toThrow(
      expect.objectContaining({ code: 'EMSGSIZE' }),
    );
  });
});
