import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { message, name, named, opt, option, pointer, question, TYPE, u16 } from './message/dns-writer.ts';
import { Oracle, wireName } from './oracle.ts';

const sixteen = 'abcdefghijklmnop';
const names = {
  listed: [
    'bet365.com',
    'x.allowed.example',
    'tongdai111.vn',
    `${sixteen}.com`,
    `${'l'.repeat(60)}.${'m'.repeat(20)}.vn`,
  ],
  parentBlocked: ['blocked.example', 'deep.allowed.example'],
  parentAllowed: ['allowed.example', 'good.bet365.com'],
  answered: ['use-application-dns.net'],
  help: ['tongdai111.vn', 'help.bet365.com'],
  other: ['binh.example', `foo0${sixteen}.com`],
};
const oracle = new Oracle(names);
const plain = (asked: Buffer) => oracle.judge(message({}, question(asked))).expected;

describe('a name is blocked', () => {
  it.each([
    ['bet365.com', true],
    ['a.b.bet365.com', true],
    ['xbet365.com', false],
    ['bet365.com.vn', false],
    ['com', false],
    ['good.bet365.com', false],
    ['a.good.bet365.com', false],
    ['help.bet365.com', false],
    ['allowed.example', false],
    ['x.allowed.example', false],
    ['a.deep.allowed.example', true],
    ['blocked.example', true],
    ['tongdai111.vn', false],
    ['a.use-application-dns.net', true],
    ['binh.example', false],
  ])('%s: %s', (text, expected) => {
    expect(oracle.isBlocked(wireName(text))).toBe(expected);
  });

  it('as label for label it ends like one that is', () => {
    const label = fc.constantFrom('a', 'bet365', 'com', 'good', 'help', 'x');
    fc.assert(
      fc.property(fc.array(label, { minLength: 1, maxLength: 5 }), (labels) => {
        const text = labels.join('.');
        const expected = /(^|\.)bet365\.com$/.test(text) && !/(^|\.)(good|help)\.bet365\.com$/.test(text);
        expect(oracle.isBlocked(wireName(text))).toBe(expected);
      }),
    );
  });
});

describe('a plain query belongs', () => {
  it.each([
    ['to the responder, of a blocked name', 'responder', named('www.bet365.com')],
    ['there in any case of letters', 'responder', named('WWW.Bet365.cOM')],
    ['to the resolver, of another name', 'resolver', named('example.org')],
    ['there, of a near miss', 'resolver', named('xbet365.com')],
    ['there, of a help name', 'resolver', named('HELP.bet365.com')],
    ['there, of what another child must not reach', 'resolver', named('a.binh.example')],
    ['to either, of an excepted name', 'either', named('good.bet365.com')],
    ['to either, of a name that looks alike but for the case bit', 'either', name('bet\x1365', 'com')],
    ['to either, where a digit looks like a length', 'either', named(`x0${sixteen}.com`)],
    [
      'to either, where it ends as what the kernel knows of a long name',
      'either',
      named(`${'x'.repeat(20)}${'l'.repeat(40)}.${'m'.repeat(20)}.vn`),
    ],
    ['to either, of a name past the limit', 'either', named(`${'x.'.repeat(50)}example.org`)],
    ['to either, of the root', 'either', name()],
    ['to either, with a zero in a label', 'either', name('a\0b', 'org')],
    ['to either, with bytes above 127', 'either', name('a\x80b', 'org')],
  ])('%s', (_, expected, asked) => {
    expect(plain(asked)).toBe(expected);
  });

  it('to the responder with whatever type, and to either where the type is unusual', () => {
    const judge = (text: string, type: number) =>
      oracle.judge(message({}, question(named(text), type))).expected;
    expect([judge('bet365.com', TYPE.uri), judge('a.org', TYPE.any), judge('a.org', TYPE.uri)]).toEqual([
      'responder',
      'resolver',
      'either',
    ]);
  });
});

describe('another message belongs', () => {
  const tail = u16(TYPE.a, 1);
  const blocked = named('bet365.com').subarray(0, -1);
  it.each([
    [
      'to the responder, with a blocked name in a pointer',
      'responder',
      message({}, blocked, pointer(6), tail),
    ],
    [
      'there, as the second question',
      'responder',
      message({ counts: [2, 0, 0, 0] }, question(named('a.org')), question(named('bet365.com'))),
    ],
    [
      'there, though it is a response',
      'responder',
      message({ flags: 0x8180 }, question(named('bet365.com'))),
    ],
    ['there, without a type', 'responder', message({}, named('bet365.com'))],
    [
      'there, with a free name but not plain',
      'responder',
      message({ flags: 0x2100 }, question(named('a.org'))),
    ],
    [
      'there, with another EDNS version',
      'responder',
      message({ counts: [1, 0, 0, 1] }, question(named('a.org')), opt([], { ttl: 0x1_0000 })),
    ],
    ['to either, where nobody can read it', 'either', message({}, Buffer.from('ff'))],
    ['to either, without its record', 'either', message({ counts: [1, 0, 0, 1] }, question(named('a.org')))],
    [
      'to either, with a cookie that has a zero',
      'either',
      message({ counts: [1, 0, 0, 1] }, question(named('a.org')), opt([option(10, Buffer.alloc(8))])),
    ],
  ])('%s', (_, expected, bytes) => {
    expect(oracle.judge(bytes).expected).toBe(expected);
  });

  it('to the responder while the network is off, whatever it is', () => {
    const paused = new Oracle(names, 'paused');
    for (const bytes of [
      message({}, question(named('a.org'))),
      Buffer.alloc(0),
      message({}, question(named('tongdai111.vn'))),
    ]) {
      expect(paused.judge(bytes).expected).toBe('responder');
    }
  });
});

it('lets the kernel take a label with the bytes of a help name for that name', () => {
  const disguised = name('\x04help', 'bet365', 'com');
  expect(oracle.judge(message({}, question(disguised)))).toEqual({
    expected: 'either',
    blocked: disguised.toString('latin1'),
  });
  expect(oracle.mustBeHeldBack(wireName('xhelp.bet365.com'))).toBe(true);
});
