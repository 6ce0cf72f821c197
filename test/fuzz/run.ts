// make fuzz: sends messages of every class through the real kernel and compares where they arrive with the oracle.
import { parseArgs } from 'node:util';
import { wrongAnswers } from './answers.ts';
import { Attempts } from './attempts.ts';
import { type Corpus, makeCorpus } from './corpus.ts';
import { Fuzzer } from './fuzzer.ts';
import { Oracle, type State } from './oracle.ts';
import { Random } from './random.ts';
import { findingsText, report } from './report.ts';
import { wrongStreams } from './streams.ts';
import { TestBed } from './test-bed.ts';
import { understoodByDnsmasq } from './understood.ts';

const help = `sh test/in-namespace.sh node --import tsx test/fuzz/run.ts [OPTION]...

  --seed N       another seed than that of today; every run says its own
  --count N      messages; 1200000 unless told
  --only CLASS   of this class of messages or envelopes only; may be given again
  --replay HEX   sends these frames (one after another, separated by commas) and says where they arrive
  --help         this
`;

const { values } = parseArgs({
  options: {
    seed: { type: 'string' },
    count: { type: 'string', default: '1200000' },
    only: { type: 'string', multiple: true, default: [] },
    replay: { type: 'string' },
    help: { type: 'boolean', default: false },
  },
});

const seed = Number(values.seed ?? Math.floor(Date.now() / 86_400_000));
const count = Number(values.count);
const corpus = makeCorpus(new Random(seed));
const started = performance.now();

function progress(text: string): void {
  const seconds = ((performance.now() - started) / 1000).toFixed(0).padStart(4);
  process.stderr.write(`[fuzz ${seconds} s] ${text}\n`);
}

async function withBed<T>(state: State, work: (bed: TestBed, oracle: Oracle) => Promise<T>): Promise<T> {
  const bed = await TestBed.start(corpus, { online: state !== 'paused' });
  try {
    return await work(bed, new Oracle(corpus, state));
  } finally {
    await bed.stop();
  }
}

const titles: Readonly<Record<State, string>> = {
  steady: 'the classifier',
  changing: 'while the policy changes',
  joined: 'with GRO by fragment list',
  paused: 'while the child’s network is off',
};

/** What the kernel does with messages of every class. How many findings there are. */
function classify(messages: number, state: State): Promise<number> {
  return withBed(state, async (bed, oracle) => {
    if (state === 'changing') await bed.change();
    else await bed.enforce();
    if (state === 'joined') await bed.wire.join(bed.home.router, bed.home.device('tablet').port);
    const fuzzer = await Fuzzer.start(bed, oracle);
    const before = performance.now();
    let told = 0;
    const only = state === 'joined' ? ['one socket, IPv4', 'one socket, IPv6', ...values.only] : values.only;
    await fuzzer.run(new Attempts(new Random(seed + 1), corpus, only), messages, (sent) => {
      if (sent - told < 100_000 && sent < messages) return;
      told = sent;
      progress(`${sent} messages, ${fuzzer.tally.findings.length} findings`);
    });
    const rate = (1000 * messages) / (performance.now() - before);
    process.stdout.write(
      `${titles[state]}: ${Math.round(rate)} messages a second\n\n${report(fuzzer.tally)}\n\n`,
    );
    return fuzzer.tally.findings.length;
  });
}

/** What the real dnsmasq understands of what the kernel lets through. */
function understood(messages: number): Promise<number> {
  return withBed('steady', async (bed, oracle) => {
    await bed.enforce();
    const attempts = new Attempts(new Random(seed + 2), corpus, values.only);
    const { questions, blocked } = await understoodByDnsmasq(bed, oracle, attempts, messages);
    const lines = [
      `dnsmasq understood ${questions} questions, ${blocked.length} for blocked names`,
      ...blocked,
    ];
    process.stdout.write(`${lines.slice(0, 50).join('\n')}\n\n`);
    return blocked.length;
  });
}

/** What the real responder and the real dnsmasq answer. */
function answered(queries: number): Promise<number> {
  return withBed('steady', async (bed, oracle) => {
    const wrong = await wrongAnswers(bed, oracle, new Random(seed + 3), corpus, queries);
    process.stdout.write(
      `${[`${queries} queries, ${wrong.length} wrong answers`, ...wrong].slice(0, 50).join('\n')}\n`,
    );
    return wrong.length;
  });
}

/** The same over TCP. */
function streamed(connections: number): Promise<number> {
  return withBed('steady', async (bed, oracle) => {
    const wrong = await wrongStreams(bed, oracle, new Random(seed + 4), corpus, connections);
    process.stdout.write(
      `${[`${connections} TCP connections, ${wrong.length} wrong answers`, ...wrong].slice(0, 50).join('\n')}\n`,
    );
    return wrong.length;
  });
}

function replay(frames: readonly Buffer[]): Promise<number> {
  return withBed('steady', async (bed, oracle) => {
    await bed.enforce();
    const fuzzer = await Fuzzer.start(bed, oracle);
    const arrived = await fuzzer.replay(frames);
    const lines = arrived.map(({ at, expected, blocked, payload }) => {
      const what = blocked === undefined ? 'no blocked name' : `blocked ${JSON.stringify(blocked)}`;
      return `at the ${at}, expected ${expected}, ${what}: ${payload.toString('hex')}`;
    });
    process.stdout.write(`${lines.length === 0 ? 'nothing arrived' : lines.join('\n')}\n`);
    process.stdout.write(`outside: ${findingsText(fuzzer.tally.findings)}\n`);
    return 0;
  });
}

async function all(of: Corpus): Promise<number> {
  progress(
    `seed ${seed}, ${of.listed.length} names are listed for the child, ${of.other.length} for another`,
  );
  let findings = await classify(count, 'steady');
  findings += await classify(Math.ceil(count / 12), 'changing');
  findings += await classify(Math.ceil(count / 20), 'joined');
  findings += await classify(Math.ceil(count / 20), 'paused');
  progress('dnsmasq’s understanding');
  findings += await understood(Math.ceil(count / 12));
  progress('answers');
  findings += await answered(Math.ceil(count / 120));
  progress('streams');
  findings += await streamed(Math.ceil(count / 600));
  progress(findings === 0 ? 'no findings' : `${findings} findings; --seed ${seed} brings them again`);
  return findings === 0 ? 0 : 1;
}

if (values.help) process.stdout.write(help);
else if (values.replay === undefined) process.exitCode = await all(corpus);
else process.exitCode = await replay(values.replay.split(',').map((hex) => Buffer.from(hex, 'hex')));
