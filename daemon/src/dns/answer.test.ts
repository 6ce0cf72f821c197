import { decode, encode, type OptAnswer, type SoaAnswer } from 'dns-packet';
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { type Answer, emptyAnswer, errorAnswer, TCP_PAYLOAD, udpPayload, writeAnswer } from './answer.ts';
import { parseQuery, type Query } from './query.ts';
import { EDE, RCODE } from './registry.ts';

function queryOf(bytes: Buffer): Query {
  const parsed = parseQuery(bytes);
  if (parsed.kind !== 'query') throw new Error(`not a query: ${parsed.kind}`);
  return parsed.query;
}

function ask(name: string, edns: number | null, flags = 0x0100): Query {
  return queryOf(
    encode({
      type: 'query',
      id: 0xbeef,
      flags,
      questions: [{ type: 'A', name }],
      additionals:
        edns === null
          ? []
          : [
              {
                type: 'OPT',
                name: '.',
                udpPayloadSize: edns,
                extendedRcode: 0,
                ednsVersion: 0,
                flags: 0,
                flag_do: false,
                options: [],
              },
            ],
    }),
  );
}

const blocked: Answer = {
  rcode: RCODE.NOERROR,
  addresses: [Buffer.alloc(4)],
  ttl: 10,
  ede: { code: EDE.FILTERED, text: 'khien: service tiktok' },
};

function optOf(answer: Buffer): OptAnswer | undefined {
  return decode(answer).additionals?.find((record): record is OptAnswer => record.type === 'OPT');
}

describe('writeAnswer', () => {
  test('is read by another implementation', () => {
    const answer = decode(writeAnswer(ask('www.tiktok.com', 1232), blocked, 1232));
    expect(answer).toMatchObject({
      id: 0xbeef,
      type: 'response',
      rcode: 'NOERROR',
      flag_ra: true,
      flag_rd: true,
      flag_tc: false,
      questions: [{ name: 'www.tiktok.com', type: 'A', class: 'IN' }],
      answers: [{ name: 'www.tiktok.com', type: 'A', ttl: 10, data: '0.0.0.0' }],
    });
  });

  test('tells why only to who speaks EDNS', () => {
    const options = optOf(writeAnswer(ask('tiktok.com', 1232), blocked, 1232))?.options;
    expect(options).toHaveLength(1);
    expect(options?.[0]).toMatchObject({ code: 15 });
    expect(options?.[0]?.data?.subarray(2).toString()).toBe('khien: service tiktok');
    expect(options?.[0]?.data?.readUInt16BE(0)).toBe(17);
    expect(decode(writeAnswer(ask('tiktok.com', null), blocked, 512)).additionals).toEqual([]);
  });

  test('repeats the question to the byte, whatever its letters are', () => {
    fc.assert(
      fc.property(
        fc.string({ unit: fc.constantFrom(...'tikTOK019-'), minLength: 1, maxLength: 63 }),
        fc.boolean(),
        (label, rd) => {
          const query = ask(`${label}.Com`, 1232, rd ? 0x0100 : 0);
          const answer = writeAnswer(query, blocked, 1232);
          expect(answer.subarray(12, query.questionEnd)).toEqual(query.bytes.subarray(12, query.questionEnd));
          expect(decode(answer).flag_rd).toBe(rd);
        },
      ),
    );
  });

  test('says with an SOA how long there is nothing', () => {
    const answer = decode(writeAnswer(ask('mask.icloud.com', null), emptyAnswer(60), 512));
    const soa = answer.authorities?.[0] as SoaAnswer;
    expect(answer.answers).toEqual([]);
    expect(soa).toMatchObject({ type: 'SOA', name: 'mask.icloud.com', ttl: 60 });
    expect(soa.data).toMatchObject({
      mname: 'khien.home.arpa',
      rname: 'nobody.invalid',
      serial: 1,
      refresh: 3600,
      retry: 600,
      expire: 86_400,
      minimum: 60,
    });
  });

  test('gives an error no lifetime, and its upper bits to OPT', () => {
    const answer = writeAnswer(ask('a.example', 1232), errorAnswer(RCODE.BADVERS), 1232);
    expect(decode(answer)).toMatchObject({ rcode: 'NOERROR', answers: [], authorities: [] });
    expect(optOf(answer)).toMatchObject({ extendedRcode: 1, ednsVersion: 0, udpPayloadSize: 1232 });
  });

  test('answers a message without a question with its id alone', () => {
    const parsed = parseQuery(Buffer.from('abcd0100', 'hex'));
    if (parsed.kind !== 'invalid') throw new Error('was taken');
    const answer = writeAnswer(parsed.asked, errorAnswer(parsed.rcode), udpPayload(parsed.asked));
    expect(answer.toString('hex')).toBe('abcd81810000000000000000');
  });

  test('leaves out first the reason and then the records when it is too large, and says so', () => {
    const many: Answer = { ...blocked, addresses: Array.from({ length: 40 }, () => Buffer.alloc(4, 1)) };
    const query = ask('khien.home.arpa', 4096);
    const whole = writeAnswer(query, many, TCP_PAYLOAD);
    expect(decode(whole)).toMatchObject({ flag_tc: false });
    expect(optOf(whole)?.options).toHaveLength(1);

    const withoutReason = writeAnswer(query, many, whole.length - 1);
    expect(decode(withoutReason)).toMatchObject({ flag_tc: true });
    expect(decode(withoutReason).answers).toHaveLength(40);
    expect(optOf(withoutReason)?.options).toEqual([]);

    const bare = writeAnswer(query, many, 512);
    expect(bare.length).toBeLessThanOrEqual(512);
    expect(decode(bare)).toMatchObject({ flag_tc: true, answers: [] });
  });

  test('gives an alias first, then the addresses of what it leads to', () => {
    const target = 'restrict.youtube.com';
    const alias: Answer = { ...blocked, alias: target, ede: null };
    const query = ask('www.youtube.com', null);
    expect(decode(writeAnswer(query, alias, 512)).answers).toMatchObject([
      { type: 'CNAME', name: 'www.youtube.com', ttl: 10, data: target },
      { type: 'A', name: target, ttl: 10, data: '0.0.0.0' },
    ]);
    const many = { ...alias, addresses: Array.from({ length: 40 }, () => Buffer.alloc(4, 1)) };
    expect(decode(writeAnswer(query, many, 512))).toMatchObject({ flag_tc: true, answers: [] });
  });

  test('keeps the text of an error short', () => {
    const long: Answer = { ...blocked, ede: { code: EDE.FILTERED, text: 'n'.repeat(400) } };
    expect(optOf(writeAnswer(ask('a.example', 1232), long, 1232))?.options[0]?.data).toHaveLength(102);
  });
});

test('udpPayload takes what the asker can, within 512 and 1232', () => {
  expect(udpPayload(ask('a.example', null))).toBe(512);
  expect(udpPayload(ask('a.example', 100))).toBe(512);
  expect(udpPayload(ask('a.example', 900))).toBe(900);
  expect(udpPayload(ask('a.example', 65_535))).toBe(1232);
});
