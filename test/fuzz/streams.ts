import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { z } from 'zod';
import { type Asked, problemOfAnswer, question } from './answers.ts';
import type { Corpus } from './corpus.ts';
import { messageClasses } from './message/index.ts';
import { type Oracle, wireName } from './oracle.ts';
import type { Random } from './random.ts';
import type { TestBed } from './test-bed.ts';

const program = fileURLToPath(new URL('stream-program.ts', import.meta.url));

const replySchema = z.object({ index: z.int(), answers: z.array(z.string()) });

/** A TCP connection: plain queries by their ids, among messages of any kind, cut into segments. */
interface Stream {
  readonly server: string;
  readonly asked: ReadonlyMap<number, Asked>;
  readonly segments: readonly Buffer[];
}

/**
 * Opens `count` TCP connections to port 53 with the real responder and dnsmasq behind it, with several queries in each, whole
 * or cut anywhere, down to single bytes. Returns what is wrong, in words: each plain query must be answered as the oracle
 * says, in whatever company, and dnsmasq must understand no blocked name.
 */
export async function wrongStreams(
  bed: TestBed,
  oracle: Oracle,
  random: Random,
  corpus: Corpus,
  count: number,
): Promise<string[]> {
  const { router, internet } = bed.home;
  const running = await bed.answer();
  router.dnsmasq.forgetQueries();
  internet.dnsmasq.forgetQueries();
  const streams = Array.from({ length: count }, () => stream(random, corpus));
  const file = join(bed.folder, 'streams');
  const lines = streams.map(({ server, segments }) =>
    JSON.stringify({ server, segments: segments.map((segment) => segment.toString('hex')) }),
  );
  writeFileSync(file, `${lines.join('\n')}\n`);
  const printed = await bed.home
    .device('tablet')
    .check(process.execPath, ['--import', import.meta.resolve('tsx'), program, file], { timeout: 600_000 });
  await running.stop();
  const replies = printed
    .trim()
    .split('\n')
    .map((line) => replySchema.parse(JSON.parse(line)));
  const wrong = replies.flatMap(({ index, answers }) => {
    const of = streams[index];
    return of === undefined ? ['nobody opened it'] : problemsOf(of, answers, oracle);
  });
  const understood = [...router.dnsmasq.queries(), ...internet.dnsmasq.queries()]
    .filter(({ name }) => oracle.mustBeHeldBack(wireName(name)))
    .map(({ name }) => `dnsmasq understood ${name}`);
  const missing = replies.length === count ? [] : [`${replies.length} of ${count} connections`];
  return [...wrong, ...understood, ...missing];
}

function stream(random: Random, corpus: Corpus): Stream {
  const asked = new Map<number, Asked>();
  const messages: Buffer[] = [];
  const queries = random.between(1, 8);
  const { server } = question(random, corpus);
  // What is no plain query may end the connection, so it comes last.
  const odd = random.chance(0.3);
  for (let id = 1; id <= queries; id++) {
    const each = question(random, corpus);
    each.message.writeUInt16BE(id, 0);
    asked.set(id, { ...each, server });
    messages.push(each.message);
  }
  if (odd) messages.push(withId(random.pick(messageClasses).make(random, corpus), queries + 1));
  return { server, asked, segments: cut(random, Buffer.concat(messages.map(framed))) };
}

/** Of its own, so that its answer is not taken for that to another. */
function withId(message: Buffer, id: number): Buffer {
  if (message.length >= 2) message.writeUInt16BE(id, 0);
  return message;
}

function framed(message: Buffer): Buffer {
  const length = Buffer.alloc(2);
  length.writeUInt16BE(message.length, 0);
  return Buffer.concat([length, message]);
}

/** Whole, in single bytes, or cut anywhere. */
function cut(random: Random, bytes: Buffer): Buffer[] {
  const step = random.pick([() => bytes.length, () => 1, () => random.between(1, 40)]);
  const segments: Buffer[] = [];
  for (let at = 0; at < bytes.length; ) {
    const end = at + step();
    segments.push(bytes.subarray(at, end));
    at = end;
  }
  return segments;
}

function problemsOf({ server, asked }: Stream, answers: readonly string[], oracle: Oracle): string[] {
  const byId = new Map(
    answers.map((hex) => Buffer.from(hex, 'hex')).map((answer) => [answer.readUInt16BE(0), answer]),
  );
  return [...asked].flatMap(([id, query]) => {
    const answer = byId.get(id);
    const problem = answer === undefined ? 'no answer' : problemOfAnswer(query, answer, oracle);
    return problem === undefined ? [] : [`TCP ${server} ${query.name}: ${problem}`];
  });
}
