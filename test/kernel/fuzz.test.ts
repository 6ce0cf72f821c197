import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { Attempts } from '../fuzz/attempts.ts';
import { makeCorpus } from '../fuzz/corpus.ts';
import { ends } from '../fuzz/envelope/envelope-class.ts';
import { frame, udp } from '../fuzz/envelope/frame-writer.ts';
import { packet } from '../fuzz/envelope/udp-classes.ts';
import { Fuzzer } from '../fuzz/fuzzer.ts';
import { Oracle } from '../fuzz/oracle.ts';
import { Random } from '../fuzz/random.ts';
import { findingsText } from '../fuzz/report.ts';
import { TestBed } from '../fuzz/test-bed.ts';

const SEED = 830;
const corpus = makeCorpus(new Random(SEED));

let bed: TestBed;
let fuzzer: Fuzzer;

beforeAll(async () => {
  bed = await TestBed.start(corpus);
  await bed.enforce();
  fuzzer = await Fuzzer.start(bed, new Oracle(corpus));
});
afterAll(() => bed.stop());

const hex = (text: string) => Buffer.from(text.replaceAll(/\s/g, ''), 'hex');
const send = (message: Buffer) => fuzzer.replay(packet(new Random(SEED), 4, message).frames);

describe('a message that once came past the classifier is the responder’s', () => {
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
  ])('%s', async (_, message) => {
    expect(await send(hex(message))).toEqual([expect.objectContaining({ at: 'responder' })]);
  });
});

test('what connection tracking does not redirect leaves the home with no port', async () => {
  const way = { ...ends(new Random(SEED), 4), destination: '8.8.8.8' };
  const message = hex('1234 0100 0001 0000 0000 0000 06 74696b746f6b 03 636f6d 00 0001 0001');
  const fields = { sourcePort: 40_000, destinationPort: 53, checksum: 'wrong' } as const;
  expect(await fuzzer.replay([frame(way, {}, udp(way, fields, message))])).toEqual([]);
  expect(fuzzer.tally.findings).toEqual([]);
});

test('every message of every class arrives where it belongs', async () => {
  await fuzzer.run(new Attempts(new Random(SEED), corpus), 20_000, () => undefined);
  expect(`seed ${SEED}: ${findingsText(fuzzer.tally.findings)}`).toBe(`seed ${SEED}: no findings`);
  for (const counts of [fuzzer.tally.messages, fuzzer.tally.envelopes]) {
    for (const [name, { sent }] of counts) expect(sent, name).toBeGreaterThan(50);
  }
});
