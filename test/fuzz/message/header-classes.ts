import type { Corpus } from '../corpus.ts';
import type { Random } from '../random.ts';
import { anyName, blockedName, freeName } from './asked-names.ts';
import { CLASS, FLAG, message, named, opt, pointer, question, record, TYPE } from './dns-writer.ts';
import type { MessageClass } from './message-class.ts';

/** Messages whose header, counts or sections are not a query's; the name is blocked as often as not. */
export const headerClasses: readonly MessageClass[] = [
  {
    name: 'QDCOUNT',
    make: (random, corpus) =>
      message({ counts: [random.pick([0, 2, 3, 255, 256, 65_535]), 0, 0, 0] }, asked(random, corpus)),
  },
  {
    name: 'several questions',
    make(random, corpus) {
      const second = question(named(blockedName(random, corpus)));
      const body = [question(named(freeName(random))), second, ...(random.chance(0.2) ? [second] : [])];
      const count = random.pick([1, body.length, body.length, 65_535]);
      return message({ counts: [count, 0, 0, 0] }, ...body);
    },
  },
  {
    name: 'question after an OPT',
    make: (random, corpus) =>
      message(
        { counts: [2, 0, 0, 1] },
        question(named(freeName(random))),
        opt(),
        question(named(blockedName(random, corpus))),
      ),
  },
  {
    name: 'counts of other sections',
    make(random, corpus) {
      const count = () => random.pick([0, 0, 1, 2, 256, 65_535]);
      return message({ counts: [1, count(), count(), count()] }, asked(random, corpus));
    },
  },
  {
    name: 'records in other sections',
    make(random, corpus) {
      const records = [random.between(0, 2), random.between(0, 2), random.between(0, 2)] as const;
      const body = Array.from({ length: records[0] + records[1] + records[2] }, () =>
        record({ owner: pointer(12), type: random.pick([TYPE.a, TYPE.cname, 6]), data: random.bytes(4) }),
      );
      return message({ counts: [1, ...records] }, asked(random, corpus), ...body);
    },
  },
  {
    name: 'opcodes',
    make: (random, corpus) =>
      message({ flags: FLAG.recursion | (random.between(1, 15) << 11) }, asked(random, corpus)),
  },
  {
    name: 'flags',
    make: (random, corpus) => message({ flags: random.between(0, 0xffff) }, asked(random, corpus)),
  },
  {
    name: 'one flag',
    make: (random, corpus) => message({ flags: 1 << random.between(0, 15) }, asked(random, corpus)),
  },
  {
    name: 'responses',
    make(random, corpus) {
      const answer = record({ owner: pointer(12), type: TYPE.a, ttl: 60, data: random.bytes(4) });
      const counts = [1, 1, 0, 0] as const;
      return message({ flags: FLAG.response | 0x0180, counts }, asked(random, corpus), answer);
    },
  },
  {
    name: 'classes',
    make: (random, corpus) =>
      message(
        {},
        question(
          named(anyName(random, corpus)),
          TYPE.a,
          random.pick([
            0,
            CLASS.chaos,
            CLASS.hesiod,
            CLASS.none,
            CLASS.any,
            0x8001,
            0x0101,
            random.between(0, 65_535),
          ]),
        ),
      ),
  },
];

function asked(random: Random, corpus: Corpus): Buffer {
  return question(named(anyName(random, corpus)), random.pick([TYPE.a, TYPE.aaaa, TYPE.any]));
}
