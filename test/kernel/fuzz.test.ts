import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { wrongAnswers } from '../fuzz/answers.ts';
import { Attempts } from '../fuzz/attempts.ts';
import { makeCorpus } from '../fuzz/corpus.ts';
import { ends } from '../fuzz/envelope/envelope-class.ts';
import { frame, udp } from '../fuzz/envelope/frame-writer.ts';
import { packet } from '../fuzz/envelope/udp-classes.ts';
import { Fuzzer } from '../fuzz/fuzzer.ts';
import { Oracle } from '../fuzz/oracle.ts';
import { Random } from '../fuzz/random.ts';
import { findingsText } from '../fuzz/report.ts';
import { wrongStreams } from '../fuzz/streams.ts';
import { TestBed } from '../fuzz/test-bed.ts';
import { understoodByDnsmasq } from '../fuzz/understood.ts';

// A small part of `make fuzz`, the same at every run.
const SEED = 830;
const corpus = makeCorpus(new Random(SEED));
const oracle = new Oracle(corpus);
const attempts = (...only: string[]) => new Attempts(new Random(SEED), corpus, only);

let bed: TestBed;
let fuzzer: Fuzzer;

beforeAll(async () => {
  bed = await TestBed.start(corpus);
  await bed.enforce();
});
afterAll(() => bed.stop());

const hex = (text: string) => Buffer.from(text.replaceAll(/\s/g, ''), 'hex');
const findings = (of: Fuzzer) => `seed ${SEED}: ${findingsText(of.tally.findings)}`;
const nothing = `seed ${SEED}: no findings`;

test('responder and dnsmasq answer as the oracle says, from the address that was asked', async () => {
  expect(await wrongAnswers(bed, oracle, new Random(SEED), corpus, 400)).toEqual([]);
});

test('each query of a TCP stream is answered as the oracle says, whatever it is cut into', async () => {
  expect(await wrongStreams(bed, oracle, new Random(SEED), corpus, 120)).toEqual([]);
});

test('dnsmasq understands no blocked name from what reaches it', async () => {
  const { questions, blocked } = await understoodByDnsmasq(bed, oracle, attempts(), 5000);
  expect(blocked).toEqual([]);
  expect(questions).toBeGreaterThan(200);
});

describe('in the place of responder and dnsmasq', () => {
  beforeAll(async () => {
    await bed.wire.stop();
    fuzzer = await Fuzzer.start(bed, oracle);
  });

  const tiktok = '06 74696b746f6b 03 636f6d';
  const opt = '00 0029 04d0';
  test.each([
    ['whose name ends by a pointer to the id', `c006 0100 0001 0000 0000 0000 ${tiktok} c000 0001 0001`],
    ['whose type has a zero', `1234 0100 0001 0000 0000 0000 ${tiktok} c006 0100 0001 0001`],
    [
      'whose name goes on in the cookie',
      `1234 0100 0001 0000 0000 0001 21 ${tiktok} c006 00 0001 0001 ${opt} 00000000 000c 000a 0008 c00d 0001 0001 0000`,
    ],
    [
      'whose name goes on in the payload size',
      `1234 0100 0001 0000 0000 0001 15 ${tiktok} c006 00 0001 0001 00 0029 c00d 0001 0001 0000`,
    ],
  ])('a message %s, which once came past the classifier, is the responder’s', async (_, message) => {
    const { frames } = packet(new Random(SEED), 4, hex(message));
    expect(await fuzzer.replay(frames)).toEqual([expect.objectContaining({ at: 'responder' })]);
  });

  test('what connection tracking does not redirect leaves the home with no port', async () => {
    const way = { ...ends(new Random(SEED), 4), destination: '8.8.8.8' };
    const message = hex(`1234 0100 0001 0000 0000 0000 ${tiktok} 00 0001 0001`);
    const fields = { sourcePort: 40_000, destinationPort: 53, checksum: 'wrong' } as const;
    expect(await fuzzer.replay([frame(way, {}, udp(way, fields, message))])).toEqual([]);
    expect(fuzzer.tally.findings).toEqual([]);
  });

  test('every message of every class arrives where it belongs', async () => {
    await fuzzer.run(attempts(), 20_000, () => undefined);
    expect(findings(fuzzer)).toBe(nothing);
    for (const counts of [fuzzer.tally.messages, fuzzer.tally.envelopes]) {
      for (const [name, { sent }] of counts) expect(sent, name).toBeGreaterThan(50);
    }
  });

  test('holes are seen: a name that the kernel was not told of, one it should not know, a lost one', async () => {
    await bed.wire.stop();
    const { 'social/tiktok': tiktoks } = corpus.services;
    const listed = [...corpus.listed.filter((name) => !tiktoks?.includes(name)), 'idle.example'];
    const deceived = await Fuzzer.start(bed, new Oracle({ ...corpus, listed }));
    const loss = [
      'table inet loss {',
      'chain lose {',
      'type filter hook prerouting priority -200',
      'udp sport 45678 drop',
    ];
    await bed.home.router.check('nft', ['-f', '-'], { input: `${[...loss, '}', '}'].join('\n')}\n` });
    const classes = ['blocked name', 'other child’s name', 'IPv4', 'one socket, IPv6'];
    await deceived.run(attempts(...classes), 4000, () => undefined);
    const seen = new Set(deceived.tally.findings.map(({ problem }) => problem));
    expect([...seen].sort()).toEqual(['bypass', 'lost', 'needless']);
    const bypass = deceived.tally.findings.find(({ problem }) => problem === 'bypass');
    expect(await deceived.replay(bypass?.frames ?? [])).toEqual([
      expect.objectContaining({ at: 'resolver', expected: 'responder', payload: bypass?.payload }),
    ]);
  });
});

test('while the child’s network is off, every message is the responder’s', async () => {
  const own = await TestBed.start(corpus, { online: false });
  try {
    await own.enforce();
    const paused = await Fuzzer.start(own, new Oracle(corpus, 'paused'));
    await paused.run(attempts(), 3000, () => undefined);
    expect(findings(paused)).toBe(nothing);
  } finally {
    await own.stop();
  }
});
