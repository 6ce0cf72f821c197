import { type Answer, encode } from 'dns-packet';
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { parseQuery, type Query } from './query.ts';
import { addressesIn, answers } from './response.ts';

function respond(records: Answer[], name = 'tongdai111.vn', id = 7): Buffer {
  return encode({ type: 'response', id, questions: [{ type: 'A', name }], answers: records });
}

function query(name: string): Query {
  const parsed = parseQuery(encode({ type: 'query', id: 1, questions: [{ type: 'A', name }] }));
  if (parsed.kind !== 'query') throw new Error('not a query');
  return parsed.query;
}

const a = (data: string): Answer => ({ type: 'A', name: 'tongdai111.vn', ttl: 60, data });

/** An HTTPS record of `SvcPriority 1, target .`, with parameters in hex. */
function https(parameters: string): Buffer {
  const head = Buffer.from('000781800001000100000000', 'hex');
  const question = Buffer.from('0161000041' + '0001', 'hex');
  const data = Buffer.from(`000100${parameters}`, 'hex');
  const record = Buffer.from('c00c0041' + '0001' + '0000003c' + '0000', 'hex');
  record.writeUInt16BE(data.length, 10);
  return Buffer.concat([head, question, record, data]);
}

describe('addressesIn', () => {
  test('finds every address behind a chain of names', () => {
    const records: Answer[] = [
      { type: 'CNAME', name: 'tongdai111.vn', ttl: 60, data: 'cdn.example' },
      { type: 'A', name: 'cdn.example', ttl: 60, data: '192.0.2.40' },
      { type: 'A', name: 'cdn.example', ttl: 60, data: '192.0.2.41' },
      { type: 'AAAA', name: 'cdn.example', ttl: 60, data: '2001:db8::40' },
      { type: 'TXT', name: 'cdn.example', ttl: 60, data: 'not an address' },
    ];
    expect(addressesIn(respond(records))).toEqual(['192.0.2.40', '192.0.2.41', '2001:db8::40']);
  });

  test('finds the hints of an HTTPS record', () => {
    const hints = `0001000302683200040008c0000228c0000229${'00060010'}20010db8000000000000000000000028`;
    expect(addressesIn(https(hints))).toEqual(['192.0.2.40', '192.0.2.41', '2001:db8::28']);
  });

  test('passes over hints of a wrong length', () => {
    expect(addressesIn(https('00040003c00002'))).toEqual([]);
    expect(addressesIn(https('0004ffffc0000228'))).toEqual(['192.0.2.40']);
  });

  test('is bounded', () => {
    expect(addressesIn(respond(Array.from({ length: 200 }, (_, n) => a(`192.0.2.${n % 250}`))))).toHaveLength(
      64,
    );
  });

  test('keeps what it has read of an answer that is cut off', () => {
    const whole = respond([a('192.0.2.1'), a('192.0.2.2')]);
    expect(addressesIn(whole.subarray(0, whole.length - 1))).toEqual(['192.0.2.1']);
  });

  test('throws at nothing', () => {
    const base = respond([
      a('192.0.2.1'),
      { type: 'AAAA', name: 'tongdai111.vn', ttl: 1, data: '2001:db8::1' },
    ]);
    fc.assert(
      fc.property(
        fc.oneof(
          fc.uint8Array({ maxLength: 300 }).map((bytes) => Buffer.from(bytes)),
          fc.array(fc.tuple(fc.nat(base.length - 1), fc.nat(255)), { maxLength: 6 }).map((changes) => {
            const copy = Buffer.from(base);
            for (const [at, value] of changes) copy[at] = value;
            return copy;
          }),
        ),
        (bytes) => {
          expect(addressesIn(bytes).length).toBeLessThanOrEqual(64);
          answers(bytes, query('tongdai111.vn'), 7);
        },
      ),
      { numRuns: 20_000, seed: 111 },
    );
  });
});

describe('answers', () => {
  test('asks for id, QR and the same question', () => {
    const asked = query('TongDai111.vn');
    expect(answers(respond([]), asked, 7)).toBe(true);
    expect(answers(respond([]), asked, 8)).toBe(false);
    expect(answers(respond([], 'tongdai112.vn'), asked, 7)).toBe(false);
    expect(answers(respond([], 'xtongdai111.vn'), asked, 7)).toBe(false);
    const echoed = respond([]);
    echoed.writeUInt16BE(0x0100, 2);
    expect(answers(echoed, asked, 7)).toBe(false);
    expect(answers(respond([]).subarray(0, 14), asked, 7)).toBe(false);
  });
});
