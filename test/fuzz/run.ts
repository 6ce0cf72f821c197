import { makeCorpus } from './corpus.ts';
import { Fuzzer } from './fuzzer.ts';
import { Oracle } from './oracle.ts';
import { Random } from './random.ts';
import { TestBed } from './test-bed.ts';

const random = new Random(Number(process.argv[3] ?? 830));
const corpus = makeCorpus(random);
const bed = await TestBed.start(corpus);
await bed.enforce();
const fuzzer = await Fuzzer.start(bed, new Oracle(corpus));
const t = performance.now();
await fuzzer.run(random, corpus, Number(process.argv[2] ?? 20000), () => undefined);
console.log(((performance.now() - t) / 1000).toFixed(1), 's', fuzzer.tally.repeated, 'repeated');
console.table(Object.fromEntries(fuzzer.tally.messages));
console.table(Object.fromEntries(fuzzer.tally.envelopes));
const by = new Map<string, any[]>();
for (const f of fuzzer.tally.findings) {
  const k = `${f.problem} | ${f.message} | ${['bypass', 'unchecked', 'needless'].includes(f.problem) ? '' : f.envelope}`;
  by.set(k, [...(by.get(k) ?? []), f]);
}
for (const [k, l] of by)
  console.log(
    l.length,
    k,
    '\n    ',
    l[0].envelope,
    JSON.stringify(l[0].payload.toString('latin1')).slice(0, 200),
    l[0].frames
      .map((f: Buffer) => f.toString('hex'))
      .join(',')
      .slice(0, 150),
  );
await bed.stop();
