import type { Corpus } from '../corpus.ts';
import { label } from '../corpus.ts';
import type { Random } from '../random.ts';
import { anyName, blockedName, freeName, shortBlockedName } from './asked-names.ts';
import { CLASS, HEADER, message, named, opt, option, pointer, question, TYPE, u16 } from './dns-writer.ts';
import { ednsClasses } from './edns-classes.ts';
import { headerClasses } from './header-classes.ts';
import type { MessageClass } from './message-class.ts';
import { nameClasses, plain } from './name-classes.ts';

/** Messages of which it is not clear where the name is, where it ends, and whether it is one. */
export const structureClasses: readonly MessageClass[] = [
  {
    name: 'truncated',
    make(random, corpus) {
      const whole = plain(random, named(anyName(random, corpus)));
      return whole.subarray(0, random.between(0, whole.length - 1));
    },
  },
  {
    name: 'trailing bytes',
    make(random, corpus) {
      const whole = plain(random, named(anyName(random, corpus)));
      const behind = random.chance(0.5)
        ? Buffer.alloc(random.pick([1, 11, 23]))
        : random.bytes(random.between(1, 30));
      return Buffer.concat([whole, behind]);
    },
  },
  { name: 'pointers', make: pointers },
  { name: 'name that ends in the header', ownId: true, make: endsInHeader },
  { name: 'name behind a decoy', make: behindDecoy },
  {
    name: 'label types',
    make(random, corpus) {
      const asked = named(anyName(random, corpus));
      asked[0] = (asked[0] ?? 0) | random.pick([0x40, 0x80, 0xc0]);
      return message({}, question(asked));
    },
  },
  {
    name: 'no terminator',
    make: (random, corpus) =>
      message({}, named(blockedName(random, corpus)).subarray(0, -1), u16(TYPE.a, CLASS.in)),
  },
  {
    name: 'too long',
    make(random, corpus) {
      const labels = Array.from({ length: random.between(3, 20) }, () =>
        label(random, random.between(20, 63)),
      );
      return plain(random, named([...labels, anyName(random, corpus)].join('.')));
    },
  },
  { name: 'noise', make: (random) => random.bytes(random.between(0, 200)) },
  {
    name: 'zeros',
    make: (random, corpus) =>
      Buffer.concat([
        message({}, question(named(anyName(random, corpus)))).subarray(0, random.between(0, 40)),
        Buffer.alloc(random.between(0, 60)),
      ]),
  },
];

/** Every other class, with a few bytes changed, taken out or put in: what nobody has thought of. */
export const mutated: MessageClass = {
  name: 'mutations',
  make(random, corpus) {
    const classes = [...nameClasses, ...ednsClasses, ...headerClasses, ...structureClasses];
    let bytes = random.pick(classes).make(random, corpus);
    for (let count = random.between(1, 4); count > 0; count--) bytes = changed(random, bytes);
    return bytes;
  },
};

function changed(random: Random, bytes: Buffer): Buffer {
  const at = random.between(0, Math.max(bytes.length - 1, 0));
  const change = random.between(0, 4);
  if (change === 0) return Buffer.concat([bytes.subarray(0, at), bytes.subarray(at + 1)]);
  if (change === 1) return Buffer.concat([bytes.subarray(0, at), random.bytes(1), bytes.subarray(at)]);
  if (change === 2) {
    const from = random.between(0, at);
    return Buffer.concat([bytes.subarray(0, at), bytes.subarray(from)]).subarray(0, 1000);
  }
  const copy = Buffer.from(bytes);
  const old = copy[at];
  if (old === undefined) return copy;
  const interesting = random.pick([0, 1, 12, 0x1f, 0x20, 0x3f, 0xc0, 0xff, old ^ 0x20, old + 1, old - 1]);
  copy[at] = change === 3 ? interesting & 0xff : old ^ (1 << random.between(0, 7));
  return copy;
}

/** A question whose name is, or ends in, a pointer: to itself, to and fro, back, forward to a blocked name. */
function pointers(random: Random, corpus: Corpus): Buffer {
  const tail = u16(TYPE.a, CLASS.in);
  const blocked = named(shortBlockedName(random, corpus));
  const prefix = random.chance(0.5)
    ? Buffer.alloc(0)
    : named(label(random, random.between(1, 9))).subarray(0, -1);
  const here = HEADER + prefix.length;
  const behind = here + 2 + tail.length;
  return random.pick([
    () => message({}, prefix, pointer(here), tail),
    () => message({}, prefix, pointer(HEADER), tail),
    () => message({}, prefix, pointer(behind), tail, blocked),
    () => message({}, prefix, pointer(behind), tail, blocked, tail),
    () => message({}, prefix, pointer(behind), tail, pointer(here), tail),
    () => message({ counts: [2, 0, 0, 0] }, question(blocked), prefix, pointer(HEADER), tail),
    () => message({}, prefix, pointer(random.between(0, 0x3fff)), tail),
    // The name's own last labels by a pointer to where they stand.
    () => message({}, blocked.subarray(0, -1), pointer(HEADER + blocked.length + 6), tail, Buffer.alloc(6)),
  ])();
}

/**
 * A name whose end is one of the header's zeros, by a pointer to it or to the id, which is a pointer then. Whoever looks
 * for the first zero behind the name finds the pointer's own, or one of the type's.
 */
function endsInHeader(random: Random, corpus: Corpus): Buffer {
  const zero = pointer(random.pick([4, 6, 7, 8, 9, 10]));
  const blocked = named(shortBlockedName(random, corpus)).subarray(0, -1);
  const asked = u16(random.pick([TYPE.a, TYPE.aaaa, TYPE.https]), CLASS.in);
  const likeAnotherTail = Buffer.concat([u16(random.between(1, 255) << 8, CLASS.in), u16(CLASS.in)]);
  // The name as the content of a label, with a pointer back into it.
  const inLabel = Buffer.concat([Buffer.of(blocked.length + 2), blocked, zero]);
  const start = random.pick([blocked, inLabel]);
  const end = start === inLabel ? pointer(HEADER + 1) : zero;
  const whole = random.pick([
    () => message({}, start, end, asked),
    () => message({}, start, end, likeAnotherTail),
    () => message({ counts: [1, 0, 0, 1] }, start, end, likeAnotherTail, opt()),
    () => message({}, start, pointer(0), asked),
    () => message({ counts: [1, 0, 0, 1] }, start, pointer(0), asked, opt()),
    () => message({}, end, asked, blocked),
  ])();
  end.copy(whole, 0);
  return whole;
}

/**
 * To whoever takes the first zero for the name's end, a plain query for something else with an OPT record; in truth a label
 * reaches over that zero, and the name goes on in bytes of the OPT record that a client may choose.
 */
function behindDecoy(random: Random, corpus: Corpus): Buffer {
  const target = named(shortBlockedName(random, corpus, 20)).subarray(0, -1);
  // The decoy, which is the label's content, holds the blocked name up to a pointer to one of the header's zeros.
  const decoy = Buffer.concat([target, pointer(random.between(6, 10)), Buffer.of(0)]);
  const asked = u16(random.pick([TYPE.a, TYPE.aaaa]), CLASS.in);
  const room = random.between(0, 2);
  const hidden = Buffer.concat([
    random.bytes(room),
    pointer(HEADER + 1),
    u16(TYPE.a, CLASS.in),
    random.bytes(2 - room),
  ]);
  const inCookie = opt([option(10, hidden)]);
  const inFixedPart = opt([], { size: pointer(HEADER + 1).readUInt16BE(0), ttl: 0x0001_0001 });
  const [record, label] = random.pick([
    [inCookie, decoy.length + asked.length + 15 + room],
    [inFixedPart, decoy.length + asked.length + 3],
    [inCookie, random.between(1, 63)],
  ]);
  const length = Math.min(label, 63);
  return message(
    { counts: [1, 0, 0, 1] },
    Buffer.of(length),
    decoy,
    asked,
    random.chance(0.9) ? record : opt([option(10, named(freeName(random)).subarray(0, 8))]),
  );
}
