import { decode, encode, type OptAnswer, type Packet, type RecordType } from 'dns-packet';
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { parseQuery } from './query.ts';
import { RCODE } from './registry.ts';

const label = fc.string({
  unit: fc.constantFrom(...'abcxyzABCXYZ0189-_'),
  minLength: 1,
  maxLength: 20,
});
const name = fc.array(label, { minLength: 1, maxLength: 6 }).map((labels) => labels.join('.'));
const type = fc.constantFrom<RecordType>('A', 'AAAA', 'SRV', 'TXT', 'MX', 'PTR', 'NS');

function query(packet: Packet): Buffer {
  return encode({ type: 'query', id: 0x1234, ...packet });
}

const plain = query({ questions: [{ type: 'A', name: 'www.tiktok.com' }] });

function changed(bytes: Buffer, change: (copy: Buffer) => void): Buffer {
  const copy = Buffer.from(bytes);
  change(copy);
  return copy;
}

/** The RCODE of a message that is refused, or the kind of what else is made of it. */
function outcome(bytes: Buffer): number | string {
  const parsed = parseQuery(bytes);
  return parsed.kind === 'invalid' ? parsed.rcode : parsed.kind;
}

describe('parseQuery', () => {
  test('reads what another implementation writes', () => {
    fc.assert(
      fc.property(
        name,
        type,
        fc.option(
          fc.record({
            payload: fc.integer({ min: 1, max: 65_535 }),
            dnssecOk: fc.boolean(),
            padded: fc.boolean(),
          }),
        ),
        (qname, qtype, edns) => {
          const bytes = query({
            questions: [{ type: qtype, name: qname }],
            additionals: edns === null ? [] : [optRecord(edns)],
          });
          const parsed = parseQuery(bytes);
          expect(parsed.kind).toBe('query');
          if (parsed.kind !== 'query') return;
          expect(parsed.query.name).toBe(qname.toLowerCase());
          expect(decode(bytes).questions?.[0]?.type).toBe(qtype);
          expect(parsed.query.edns).toEqual(
            edns === null ? null : { payload: edns.payload, dnssecOk: edns.dnssecOk },
          );
        },
      ),
    );
  });

  test('is silent where there is no header, and to answers', () => {
    for (let length = 0; length < 4; length += 1) expect(outcome(plain.subarray(0, length))).toBe('silence');
    expect(outcome(changed(plain, (b) => b.writeUInt8(0x81, 2)))).toBe('silence');
  });

  test('refuses every cut-off message with FORMERR', () => {
    for (let length = 4; length < plain.length; length += 1) {
      expect(outcome(plain.subarray(0, length))).toBe(RCODE.FORMERR);
    }
  });

  test.each<[string, (bytes: Buffer) => void, number]>([
    ['no question', (b) => b.writeUInt16BE(0, 4), RCODE.FORMERR],
    ['two questions', (b) => b.writeUInt16BE(2, 4), RCODE.FORMERR],
    ['an answer count', (b) => b.writeUInt16BE(1, 6), RCODE.FORMERR],
    ['an authority count', (b) => b.writeUInt16BE(1, 8), RCODE.FORMERR],
    ['an additional that is not there', (b) => b.writeUInt16BE(1, 10), RCODE.FORMERR],
    ['a pointer in the question', (b) => b.writeUInt16BE(0xc00c, 12), RCODE.FORMERR],
    ['a reserved label type', (b) => b.writeUInt8(0x43, 12), RCODE.FORMERR],
    ['class CHAOS', (b) => b.writeUInt16BE(3, b.length - 2), RCODE.REFUSED],
    ['class ANY', (b) => b.writeUInt16BE(255, b.length - 2), RCODE.REFUSED],
    ['a zone transfer', (b) => b.writeUInt16BE(252, b.length - 4), RCODE.REFUSED],
    ['an update', (b) => b.writeUInt8(0x28, 2), RCODE.NOTIMP],
    ['a notify', (b) => b.writeUInt8(0x20, 2), RCODE.NOTIMP],
  ])('refuses %s', (_what, change, rcode) => {
    expect(outcome(changed(plain, change))).toBe(rcode);
  });

  test('refuses bytes behind the message', () => {
    expect(outcome(Buffer.concat([plain, Buffer.of(0)]))).toBe(RCODE.FORMERR);
  });

  test('takes names up to 255 octets and no longer', () => {
    const labels = (last: number) =>
      [...Array.from({ length: 3 }, () => 'a'.repeat(63)), 'b'.repeat(last)].join('.');
    expect(outcome(raw(labels(61)))).toBe('query');
    expect(outcome(raw(labels(62)))).toBe(RCODE.FORMERR);
  });

  test('keeps names apart whose labels hold dots, capitals or octets that are not text', () => {
    expect(nameOf(rawLabels([Buffer.from('tik.tok'), Buffer.from('com')]))).toBe('tik\\046tok.com');
    expect(nameOf(rawLabels([Buffer.of(0, 0xff), Buffer.from('COM')]))).toBe('\\000\\255.com');
    expect(nameOf(rawLabels([Buffer.from('a\\b')]))).toBe('a\\092b');
    expect(nameOf(rawLabels([]))).toBe('');
  });

  test.each<[string, Buffer, number | string]>([
    ['version 0', opt({}), 'query'],
    ['another version', opt({ version: 1 }), RCODE.BADVERS],
    ['an option longer than the record', opt({ data: '000a000900' }), RCODE.FORMERR],
    ['half an option', opt({ data: '000a00' }), RCODE.FORMERR],
    ['a name that is not the root', opt({ owner: '0161' }), RCODE.FORMERR],
    ['a type that is not OPT', opt({ type: '0001' }), RCODE.FORMERR],
  ])('reads EDNS: %s', (_what, bytes, expected) => {
    expect(outcome(bytes)).toBe(expected);
  });

  test('refuses two OPT records', () => {
    const record = Buffer.from('00002904d0000000000000', 'hex');
    const twice = changed(Buffer.concat([plain, record, record]), (b) => b.writeUInt16BE(2, 10));
    expect(outcome(twice)).toBe(RCODE.FORMERR);
  });

  test('throws at nothing, and accepts nothing that another implementation reads differently', () => {
    fc.assert(
      fc.property(
        fc.oneof(
          fc.uint8Array({ maxLength: 600 }).map((bytes) => Buffer.from(bytes)),
          mutations(plain),
          mutations(opt({ data: '000a00080102030405060708' })),
        ),
        (bytes) => {
          const parsed = parseQuery(bytes);
          if (parsed.kind !== 'query') return;
          const other = decode(bytes);
          expect(other.questions).toHaveLength(1);
          expect(bytes.length).toBe(decode.bytes);
        },
      ),
      { numRuns: 20_000, seed: 830 },
    );
  });
});

function optRecord(edns: { payload: number; dnssecOk: boolean; padded: boolean }): OptAnswer {
  return {
    type: 'OPT',
    name: '.',
    udpPayloadSize: edns.payload,
    extendedRcode: 0,
    ednsVersion: 0,
    flags: edns.dnssecOk ? 0x8000 : 0,
    flag_do: edns.dnssecOk,
    options: edns.padded ? [{ code: 12, type: 'PADDING', length: 8 }] : [],
  };
}

function mutations(base: Buffer) {
  const change = fc.tuple(fc.nat(base.length - 1), fc.nat(255));
  return fc
    .tuple(fc.array(change, { maxLength: 4 }), fc.nat(base.length), fc.boolean())
    .map(([at, cut, keep]) => {
      const copy = Buffer.from(base);
      for (const [index, value] of at) copy[index] = value;
      return keep ? copy : copy.subarray(0, cut);
    });
}

function nameOf(bytes: Buffer): string | undefined {
  const parsed = parseQuery(bytes);
  return parsed.kind === 'query' ? parsed.query.name : undefined;
}

function rawLabels(labels: readonly Buffer[]): Buffer {
  const header = Buffer.from('123401000001000000000000', 'hex');
  const wire = labels.map((bytes) => Buffer.concat([Buffer.of(bytes.length), bytes]));
  return Buffer.concat([header, ...wire, Buffer.from('0000010001', 'hex')]);
}

function raw(text: string): Buffer {
  return rawLabels(text.split('.').map((part) => Buffer.from(part)));
}

function opt(fields: { owner?: string; type?: string; version?: number; data?: string }): Buffer {
  const { owner = '00', type: kind = '0029', version = 0, data = '' } = fields;
  const record = Buffer.from(
    `${owner}${kind}04d000${version.toString(16).padStart(2, '0')}0000${(data.length / 2).toString(16).padStart(4, '0')}${data}`,
    'hex',
  );
  return changed(Buffer.concat([plain, record]), (b) => b.writeUInt16BE(1, 10));
}
