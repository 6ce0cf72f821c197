import type { Corpus } from '../corpus.ts';
import { label } from '../corpus.ts';
import type { Random } from '../random.ts';
import {
  anyName,
  blockedName,
  freeName,
  maybeBelow,
  mixedCase,
  nameOfLength,
  nearName,
  shortBlockedName,
} from './asked-names.ts';
import { FLAG, message, name, named, opt, option, question, ROOT, TYPE } from './dns-writer.ts';
import type { MessageClass } from './message-class.ts';

/** Plain queries, as clients send them; what differs is the name. */
export const nameClasses: readonly MessageClass[] = [
  { name: 'blocked name', make: (random, corpus) => plain(random, named(blockedName(random, corpus))) },
  { name: 'free name', make: (random) => plain(random, named(freeName(random))) },
  { name: 'near miss', make: (random, corpus) => plain(random, named(nearName(random, corpus))) },
  { name: '0x20', make: (random, corpus) => plain(random, mixedCase(random, anyName(random, corpus))) },
  {
    name: 'help name',
    make: (random, corpus) => plain(random, mixedCase(random, maybeBelow(random, random.pick(corpus.help)))),
  },
  {
    name: 'excepted name',
    make: (random, corpus) =>
      plain(random, mixedCase(random, maybeBelow(random, random.pick(corpus.parentAllowed)))),
  },
  {
    name: 'other child’s name',
    make: (random, corpus) =>
      plain(random, mixedCase(random, maybeBelow(random, random.pick([...corpus.other, ...corpus.idle])))),
  },
  {
    name: 'every wire length',
    make: (random) => plain(random, named(nameOfLength(random, random.between(3, 255)))),
  },
  {
    name: 'label lengths',
    make: (random, corpus) => {
      const lengths = [random.between(1, 63), random.between(1, 63)];
      const below = random.chance(0.5) ? shortBlockedName(random, corpus) : freeName(random);
      return plain(random, named([...lengths.map((length) => label(random, length)), below].join('.')));
    },
  },
  {
    name: 'root and single labels',
    make: (random) => plain(random, random.chance(0.2) ? ROOT : named(label(random, random.between(1, 63)))),
  },
  { name: 'bytes above 127', make: (random, corpus) => plain(random, highBytes(random, corpus)) },
  { name: 'zeros in labels', make: (random, corpus) => plain(random, zerosInside(random, corpus)) },
  {
    name: 'dots in labels',
    make: (random, corpus) => plain(random, name(anyName(random, corpus).slice(0, 63))),
  },
  { name: 'bytes that look alike', make: (random, corpus) => plain(random, lookAlike(random, corpus)) },
  { name: 'name inside a label', make: (random, corpus) => plain(random, insideLabel(random, corpus)) },
  {
    name: 'name read from another byte',
    make: (random, corpus) => plain(random, readElsewhere(random, corpus)),
  },
  {
    name: 'every type',
    make: (random, corpus) => {
      const type = random.chance(0.5) ? random.between(0, 300) : random.between(0, 65_535);
      return plain(random, named(anyName(random, corpus)), type);
    },
  },
];

/** A question of class IN with the OPT records that clients send, or none. */
export function plain(random: Random, asked: Buffer, type?: number): Buffer {
  const end = random.pick([
    () => undefined,
    () => opt([], { ttl: random.pick([0, 0x8000]), size: random.between(512, 4096) }),
    () => opt([option(10, random.bytes(8))], { ttl: random.pick([0, 0x8000]), size: 1232 }),
  ])();
  const flags = random.pick([FLAG.recursion, FLAG.recursion, 0, 0x0120, 0x0130, 0x0110]);
  const body = question(asked, type ?? random.pick([TYPE.a, TYPE.aaaa, TYPE.https, TYPE.txt, TYPE.any]));
  return end === undefined ? message({ flags }, body) : message({ flags, counts: [1, 0, 0, 1] }, body, end);
}

function highBytes(random: Random, corpus: Corpus): Buffer {
  const odd = Buffer.from(Array.from({ length: random.between(1, 12) }, () => random.between(0x80, 0xff)));
  if (random.chance(0.3)) return name(odd, 'example');
  return Buffer.concat([Buffer.of(odd.length), odd, named(anyName(random, corpus))]).subarray(0, 255);
}

function zerosInside(random: Random, corpus: Corpus): Buffer {
  const asked = named(anyName(random, corpus));
  const odd = Buffer.from(label(random, random.between(1, 20)), 'latin1');
  odd[random.between(0, odd.length - 1)] = 0;
  if (random.chance(0.5)) return Buffer.concat([Buffer.of(odd.length), odd, asked]);
  asked[random.between(0, asked.length - 1)] = 0;
  return asked;
}

/** Differs from a blocked name in bits that a careless comparison does not see. */
function lookAlike(random: Random, corpus: Corpus): Buffer {
  const asked = named(maybeBelow(random, shortBlockedName(random, corpus, 70)));
  for (let count = random.between(1, 3); count > 0; count--) {
    const at = random.between(0, asked.length - 2);
    asked[at] = (asked[at] ?? 0) ^ 0x20;
  }
  return asked;
}

/** The wire format of a blocked name as the content of a label. */
function insideLabel(random: Random, corpus: Corpus): Buffer {
  const inner = named(shortBlockedName(random, corpus, 40)).subarray(0, random.chance(0.5) ? -1 : undefined);
  const before = label(random, random.between(1, 10));
  const content = Buffer.concat([random.chance(0.5) ? Buffer.from(before) : Buffer.alloc(0), inner]);
  return random.chance(0.5) ? name(content) : name(content, ...freeName(random).split('.'));
}

/**
 * A name that reads as another where somebody begins at a byte inside a label, or takes a byte for a length that differs
 * from it in the case bit: of what is listed for another reason, one that ends like a blocked name.
 */
function readElsewhere(random: Random, corpus: Corpus): Buffer {
  const whole = named(random.pick([...corpus.other, ...corpus.other, ...corpus.listed, ...corpus.help]));
  const likeLengths = [...whole.keys()].filter((at) => at > 0 && ((whole[at] ?? 0) & 0xdf) < 32).slice(0, -1);
  const at = Math.min(
    random.chance(0.8) ? random.pick(likeLengths) : random.between(1, whole.length - 2),
    63,
  );
  const rest = Buffer.from(whole.subarray(at));
  rest[0] = (rest[0] ?? 0) & random.pick([0xdf, 0xff]);
  return Buffer.concat([Buffer.of(at), whole.subarray(0, at), rest]);
}
