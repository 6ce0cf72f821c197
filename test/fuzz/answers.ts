import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { decode, type StringAnswer } from 'dns-packet';
import { z } from 'zod';
import type { Corpus } from './corpus.ts';
import { anyName, blockedName, freeName, maybeBelow, mixedCase, nearName } from './message/asked-names.ts';
import { TYPE } from './message/dns-writer.ts';
import { plain } from './message/name-classes.ts';
import { type Oracle, wireName } from './oracle.ts';
import type { Random } from './random.ts';
import type { TestBed } from './test-bed.ts';

const program = fileURLToPath(new URL('asking-program.ts', import.meta.url));
const servers = ['192.168.50.1', 'fd50::1', '2001:db8:50::1', '8.8.8.8', '1.1.1.1', '2001:4860:4860::8888'];
/** Names that are not the Internet's: what dnsmasq says of them is its own business. */
const notAsked = /^[^.]*$|\.(lan|arpa|local|localhost|invalid|test|onion)$/;

const replySchema = z.object({
  index: z.int(),
  from: z.string().nullable(),
  port: z.int().nullable(),
  answer: z.string().nullable(),
});
type Reply = z.infer<typeof replySchema>;

export interface Asked {
  readonly name: string;
  readonly server: string;
  readonly message: Buffer;
}

/** What is to be seen in an answer. */
type Seen = 'blocked' | 'resolved';

/**
 * Asks the real responder and the real dnsmasq, by what the kernel steers to each, for `count` names of all kinds. Returns
 * what is wrong with the answers, in words: they must be the blocked ones exactly where the oracle says so, and come from
 * the address that was asked.
 */
export async function wrongAnswers(
  bed: TestBed,
  oracle: Oracle,
  random: Random,
  corpus: Corpus,
  count: number,
): Promise<string[]> {
  const running = await bed.answer();
  const asked = Array.from({ length: count }, () => question(random, corpus));
  const file = join(bed.folder, 'queries');
  const lines = asked.map(({ server, message }) =>
    JSON.stringify({ server, message: message.toString('hex') }),
  );
  writeFileSync(file, `${lines.join('\n')}\n`);
  const printed = await bed.home
    .device('tablet')
    .check(process.execPath, ['--import', import.meta.resolve('tsx'), program, file], { timeout: 300_000 });
  await running.stop();
  const replies = printed.trim().split('\n');
  const wrong = replies.flatMap((line) => {
    const reply = replySchema.parse(JSON.parse(line));
    const of = asked[reply.index];
    const problem = of === undefined ? 'nobody asked' : problemOf(of, reply, oracle);
    return problem === undefined
      ? []
      : [`${of?.server} ${of?.name} (${of?.message.toString('hex')}): ${problem}`];
  });
  return replies.length === count ? wrong : [...wrong, `${replies.length} answers to ${count} queries`];
}

/** A plain query for a name of any kind whose answer is known. */
export function question(random: Random, corpus: Corpus): Asked {
  for (;;) {
    const name = random.pick([
      () => blockedName(random, corpus),
      () => freeName(random),
      () => nearName(random, corpus),
      () => maybeBelow(random, random.pick([...corpus.help, ...corpus.parentAllowed])),
      () => maybeBelow(random, random.pick([...corpus.other, ...corpus.idle])),
      () => anyName(random, corpus),
    ])();
    if (notAsked.test(name) || corpus.answered.some((own) => `.${name}`.endsWith(`.${own}`))) continue;
    const message = plain(random, mixedCase(random, name), random.pick([TYPE.a, TYPE.aaaa]));
    return { name, server: random.pick(servers), message };
  }
}

function problemOf(asked: Asked, reply: Reply, oracle: Oracle): string | undefined {
  if (reply.answer === null) return 'no answer';
  if (reply.from !== asked.server || reply.port !== 53) return `answered by ${reply.from} port ${reply.port}`;
  return problemOfAnswer(asked, Buffer.from(reply.answer, 'hex'), oracle);
}

/** What is wrong with the answer to a query, in words. */
export function problemOfAnswer({ name, message }: Asked, bytes: Buffer, oracle: Oracle): string | undefined {
  const expected: Seen = oracle.isBlocked(wireName(name)) ? 'blocked' : 'resolved';
  // dnsmasq gives clients that ask for the same at once one answer, with the letters of the first (2.90).
  const text = (of: Buffer) => of.toString('latin1', 12, 12 + name.length + 2 + 4);
  const repeated = expected === 'blocked' ? text : (of: Buffer) => text(of).toLowerCase();
  if (repeated(bytes) !== repeated(message)) return `another question: ${bytes.toString('hex')}`;
  const { answers = [] } = decode(bytes);
  const addresses = answers.filter(
    (answer): answer is StringAnswer => answer.type === 'A' || answer.type === 'AAAA',
  );
  const zero = addresses.length > 0 && addresses.every(({ data }) => data === '0.0.0.0' || data === '::');
  const site = addresses.length > 0 && addresses.every(({ data }) => /^(192\.0\.2\.|2001:db8:f:)/.test(data));
  const seen: Seen | undefined = zero ? 'blocked' : site ? 'resolved' : undefined;
  return seen === expected ? undefined : `expected ${expected}, got ${bytes.toString('hex')}`;
}
