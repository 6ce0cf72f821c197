import { describe, expect, it } from 'vitest';
import { plainQuery, questionsUnderstood } from './dns-reader.ts';

/** Bytes of hex digits and, in quotes, of text. */
function bytes(text: string): Buffer {
  const pieces = text.match(/"[^"]*"|[0-9a-f]+/g) ?? [];
  return Buffer.concat(
    pieces.map((piece) =>
      piece.startsWith('"') ? Buffer.from(piece.slice(1, -1), 'latin1') : Buffer.from(piece, 'hex'),
    ),
  );
}

const header = '1234 0100 0001 0000 0000 0000';
const opt = '00 0029 04d0 00000000';
const names = (text: string) => questionsUnderstood(bytes(text)).map(({ name }) => name);

describe('a generous reader', () => {
  it.each([
    ['a name, its letters in lower case', `${header} 03 "WwW" 04 "a-Z_" 00 0001 0001`, ['\x03www\x04a-z_\0']],
    ['the root', `${header} 00 0001 0001`, ['\0']],
    ['bytes that are no letters as they are', `${header} 04 00c3815b 00 0001 0001`, ['\x04\0\xc3\x81[\0']],
    ['a name without a type', `${header} 01 "a" 00`, ['\x01a\0']],
    ['the first name where none is announced', '1234 0100 0000 0000 0000 0000 01 "a" 00', ['\x01a\0']],
    [
      'all names that are announced',
      '1234 0100 0003 0000 0000 0000 01 "a" 00 0001 0001 01 "b" 00 0001 0001 02',
      ['\x01a\0', '\x01b\0'],
    ],
    [
      'a pointer back',
      `1234 0100 0002 0000 0000 0000 01 "a" 00 0001 0001 01 "b" c00c 0001 0001`,
      ['\x01a\0', '\x01b\x01a\0'],
    ],
    ['a pointer forward', `${header} c012 0001 0001 01 "a" 00`, ['\x01a\0']],
    ['a pointer to a zero of the header', `${header} 01 "a" c006 0001 0001`, ['\x01a\0']],
    ['a pointer to the id, which is one', `c006 0100 0001 0000 0000 0000 01 "a" c000 0001 0001`, ['\x01a\0']],
    ['whatever the flags say', '1234 ffff 0001 0000 0000 0000 01 "a" 00 0001 0001', ['\x01a\0']],
  ])('reads %s', (_, message, expected) => {
    expect(names(message)).toEqual(expected);
  });

  it.each([
    ['nothing', ''],
    ['half a header', '1234 0100 0001'],
    ['a label that is cut off', `${header} 05 "abc"`],
    ['a name without an end', `${header} 01 "a"`],
    ['half a pointer', `${header} 01 "a" c0`],
    ['a pointer to itself', `${header} c00c 0001 0001`],
    ['pointers to and fro', `${header} c012 0001 0001 c00c`],
    ['a pointer to nowhere', `${header} ffff 0001 0001`],
    ['other types of labels', `${header} 41 "a" 00 0001 0001`],
  ])('reads no name in %s', (_, message) => {
    expect(names(message)).toEqual([]);
  });

  it('tells questions from names', () => {
    const whole = (text: string) => questionsUnderstood(bytes(`${header} 01 "a" 00 ${text}`))[0]?.whole;
    expect(['0001 0001', '0001 0003', '0001 00ff', '0001', '0001 0100', ''].map(whole)).toEqual([
      true,
      true,
      true,
      false,
      false,
      false,
    ]);
  });

  it('ends with whatever it is given', () => {
    const message = Buffer.alloc(65_535, 0xc0);
    message.writeUInt16BE(65_535, 4);
    expect(questionsUnderstood(message)).toEqual([]);
    const long = Buffer.concat([
      bytes('1234 0100 ffff 0000 0000 0000'),
      Buffer.alloc(60_000, Buffer.from([1, 0x61])),
    ]);
    expect(questionsUnderstood(long)).toEqual([]);
  });
});

describe('a plain query', () => {
  const query = (text: string) => plainQuery(bytes(text));
  const asked = '01 "A" 03 "com" 00 0001 0001';
  const withRecord = '1234 0100 0001 0000 0000 0001';

  it.each([
    ['without a record', `${header} ${asked}`],
    ['with AD and CD, without RD', `1234 0030 0001 0000 0000 0000 ${asked}`],
    ['with an empty OPT', `${withRecord} ${asked} ${opt} 0000`],
    ['with DO', `${withRecord} ${asked} 00 0029 ffff 00008000 0000`],
    ['with a client cookie', `${withRecord} ${asked} ${opt} 000c 000a 0008 0102030405060708`],
  ])('is one %s', (_, message) => {
    expect(query(message)).toMatchObject({ name: '\x01a\x03com\0', type: 1, tidy: true });
  });

  it('is untidy where ARCOUNT says something else', () => {
    expect(query(`${withRecord} ${asked}`)).toMatchObject({ tidy: false });
    expect(query(`${header} ${asked} ${opt} 0000`)).toMatchObject({ tidy: false });
  });

  it.each([
    ['a response', `1234 8100 0001 0000 0000 0000 ${asked}`],
    ['another opcode', `1234 0900 0001 0000 0000 0000 ${asked}`],
    ['two questions', `1234 0100 0002 0000 0000 0000 ${asked} ${asked}`],
    ['an answer', `1234 0100 0001 0001 0000 0000 ${asked}`],
    ['another class', `${header} 01 "a" 00 0001 0003`],
    ['a pointer', `${header} 01 "a" c006 0001 0001`],
    ['trailing bytes', `${header} ${asked} 00`],
    ['no class', `${header} 01 "a" 00 0001`],
    [
      'a name of 256 bytes',
      `${header} ${'3f'.padEnd(128, '61').repeat(3)} 3e ${'61'.repeat(62)} 00 0001 0001`,
    ],
    ['EDNS version 1', `${withRecord} ${asked} 00 0029 04d0 00010000 0000`],
    ['a reserved flag of EDNS', `${withRecord} ${asked} 00 0029 04d0 00004000 0000`],
    ['a server cookie', `${withRecord} ${asked} ${opt} 0014 000a 0010 ${'01'.repeat(16)}`],
    ['another option', `${withRecord} ${asked} ${opt} 000c 000b 0008 0102030405060708`],
    ['a record of another type', `${withRecord} ${asked} 00 0001 0001 00000000 0000`],
    ['a record that is longer than it says', `${withRecord} ${asked} ${opt} 0000 00`],
  ])('is none with %s', (_, message) => {
    expect(query(message)).toBeUndefined();
  });
});
