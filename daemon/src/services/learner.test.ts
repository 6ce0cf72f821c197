import { type Answer, encode, type Packet } from 'dns-packet';
import fc from 'fast-check';
import { beforeEach, describe, expect, it } from 'vitest';
import { household, idOf } from '../enforce/fixture/household.ts';
import { readAddresses } from './answer-reading.ts';
import { Learner } from './learner.ts';
import { ServiceRegistry } from './service-registry.ts';

const tablet = '02:00:00:00:00:01';

let registry: ServiceRegistry;
let learner: Learner;

beforeEach(() => {
  registry = new ServiceRegistry(() => 0);
  registry.track(
    new Map([
      ['tiktok', ['tiktok.com']],
      ['youtube', ['youtube.com', 'googlevideo.com']],
    ]),
  );
  learner = new Learner(registry, () => ['hocmai.vn']);
});

function answer(answers: readonly Partial<Answer>[], flags = 0x8180): Buffer {
  const packet = { type: 'response', id: 1, questions: [{ type: 'A', name: 'x.vn' }], answers };
  const bytes = Buffer.from(encode(packet as Packet));
  bytes.writeUInt16BE(flags, 2);
  return bytes;
}

const a = (data: string, name = 'x.vn') => ({ type: 'A' as const, name, ttl: 60, data });
const alias = (name: string, data: string) => ({ type: 'CNAME' as const, name, ttl: 60, data });
const known = () => Object.fromEntries(registry.addresses());

describe('an answer to a tracked name', () => {
  it('teaches its addresses, through aliases', () => {
    learner.learn(
      'www.tiktok.com',
      tablet,
      answer([
        alias('x.vn', 'y.tiktok.com'),
        a('192.0.2.1'),
        a('192.0.2.2'),
        { ...a('2001:db8::1'), type: 'AAAA' },
      ]),
    );
    expect(known()).toEqual({ '192.0.2.1': 'tiktok', '192.0.2.2': 'tiktok', '2001:db8::1': 'tiktok' });
  });

  it('teaches the hints of an HTTPS record (RFC 9460 §7.3)', () => {
    // Priority 1, target ".", ipv4hint 192.0.2.1, ipv6hint 2001:db8::1.
    const data = Buffer.from(
      '000100' + '00040004c0000201' + '0006001020010db8000000000000000000000001',
      'hex',
    );
    const bytes = answer([
      { type: 'UNKNOWN_65' as 'A', name: 'x.vn', ttl: 60, data: data as unknown as string },
    ]);
    learner.learn('tiktok.com', tablet, bytes);
    expect(known()).toEqual({ '192.0.2.1': 'tiktok', '2001:db8::1': 'tiktok' });
  });

  it.each([
    [
      'an alias at a content network',
      'tiktok.com',
      [alias('x.vn', 'WWW.tiktok.com.EdgeSuite.net'), a('192.0.2.1')],
    ],
    ['an address of Cloudflare', 'tiktok.com', [a('104.16.0.1')]],
    ['an address of a Google front end', 'youtube.com', [a('142.250.1.1')]],
  ])('with %s teaches that others may be there', (_, name, answers) => {
    learner.learn(name, tablet, answer(answers));
    expect(Object.values(known())).toEqual([`${registry.useOf(name)}*`]);
  });

  it('tells YouTube’s caches from Google’s front ends', () => {
    learner.learn('rr1---sn-x.googlevideo.com', tablet, answer([a('142.250.1.1')]));
    expect(known()).toEqual({ '142.250.1.1': 'youtube' });
  });

  it('does not teach addresses that are nobody’s outside', () => {
    const local = [
      '0.0.0.0',
      '10.1.2.3',
      '127.0.0.1',
      '192.168.50.1',
      '172.31.53.80',
      '169.254.1.1',
      '224.0.0.1',
    ];
    const local6 = ['::', '::1', '::ffff:192.0.2.1', 'fd50::1', 'fe80::1', 'ff02::1'];
    learner.learn('tiktok.com', tablet, answer(local.map((each) => a(each))));
    learner.learn('tiktok.com', tablet, answer(local6.map((each) => ({ ...a(each), type: 'AAAA' }))));
    expect(known()).toEqual({});
  });

  it.each([
    ['says that the name does not exist', 0x8183],
    ['says that the resolver failed', 0x8182],
    ['is no answer', 0x0100],
  ])('that %s teaches nothing', (_, flags) => {
    learner.learn('tiktok.com', tablet, answer([a('192.0.2.1')], flags));
    expect(known()).toEqual({});
  });
});

it('an answer to another name teaches nothing, nor does a device’s for a protected name that the address is shared', () => {
  learner.learn('tiktok.com', tablet, answer([a('192.0.2.1'), a('192.0.2.2')]));
  learner.learn('evil.example.org', tablet, answer([a('192.0.2.1')]));
  expect(known()).toEqual({ '192.0.2.1': 'tiktok', '192.0.2.2': 'tiktok' });
  for (const mac of [tablet, undefined]) learner.learn('mine.hocmai.vn', mac, answer([a('192.0.2.1')]));
  expect(known()).toEqual({ '192.0.2.1': 'tiktok', '192.0.2.2': 'tiktok' });
  learner.lookedUp('www.hocmai.vn', answer([a('192.0.2.2')]));
  expect(known()).toEqual({ '192.0.2.1': 'tiktok', '192.0.2.2': 'tiktok*' });
});

describe('an answer to a name of study', () => {
  const opened = () => Object.fromEntries(registry.study.openings().open.get(idOf('binh')) ?? []);

  beforeEach(() => {
    const { policy } = household({ children: { binh: {} }, learningNames: ['hocmai.vn', 'tiktok.com'] });
    registry.study.follow(policy);
  });

  it('opens its addresses, and must be waited for', () => {
    expect(learner.learn('cdn.hocmai.vn', tablet, answer([a('192.0.2.9'), a('192.168.1.1')]))).toBe(true);
    expect(opened()).toEqual({ '192.0.2.9': 'hocmai.vn' });
  });

  it('does so where a service is too', () => {
    expect(learner.learn('tiktok.com', tablet, answer([a('192.0.2.9')]))).toBe(true);
    expect(opened()).toEqual({ '192.0.2.9': 'tiktok.com' });
    expect(known()).toEqual({ '192.0.2.9': 'tiktok' });
  });

  it('opens them without anybody asking', () => {
    learner.lookedUp('hocmai.vn', answer([a('192.0.2.9')]));
    expect(opened()).toEqual({ '192.0.2.9': 'hocmai.vn' });
  });

  it('opens nothing for other names, which nobody waits for', () => {
    expect(learner.learn('hocmai.vn.evil.example', tablet, answer([a('192.0.2.9')]))).toBe(false);
    expect(learner.learn('hocmai.vn', tablet, answer([a('192.0.2.9')], 0x8183))).toBe(false);
    expect(opened()).toEqual({});
  });
});

it('remembers who asked, not for our own questions', () => {
  learner.lookedUp('tiktok.com', answer([alias('x.vn', 'a.fastly.net'), a('192.0.2.1')]));
  expect(registry.servicesOf(tablet, '192.0.2.1')).toEqual([]);
  learner.learn('tiktok.com', tablet, answer([]));
  expect(registry.servicesOf(tablet, '192.0.2.1')).toEqual(['tiktok']);
});

it('reads whatever bytes come, and at most 32 addresses', () => {
  const whole = answer([
    alias('x.vn', 'y.vn'),
    ...Array.from({ length: 40 }, (_, index) => a(`192.0.2.${index}`)),
  ]);
  expect(readAddresses(whole)).toMatchObject({ aliases: ['y.vn'], ttl: 60 });
  expect(readAddresses(whole)?.addresses).toHaveLength(32);
  fc.assert(
    fc.property(fc.nat(whole.length - 1), fc.nat(255), fc.nat(whole.length), (at, byte, end) => {
      const bytes = Buffer.from(whole.subarray(0, end));
      if (at < bytes.length) bytes[at] = byte;
      readAddresses(bytes);
    }),
  );
  fc.assert(
    fc.property(fc.uint8Array({ maxLength: 600 }), (bytes) => void readAddresses(Buffer.from(bytes))),
  );
});
