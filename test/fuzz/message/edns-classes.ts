import type { Corpus } from '../corpus.ts';
import type { Random } from '../random.ts';
import { anyName } from './asked-names.ts';
import { CLASS, message, named, opt, option, pointer, question, record, TYPE } from './dns-writer.ts';
import type { MessageClass } from './message-class.ts';

const OPTION = {
  nsid: 3,
  ecs: 8,
  expire: 9,
  cookie: 10,
  keepalive: 11,
  padding: 12,
  chain: 13,
  ede: 15,
} as const;

/** Queries with OPT records (RFC 6891) of every layout; the name is blocked as often as not. */
export const ednsClasses: readonly MessageClass[] = [
  { name: 'EDNS options', make: asking((random) => [opt(options(random), { ttl: doBit(random) })]) },
  {
    name: 'EDNS cookie lengths',
    make: asking((random) => [
      opt([option(OPTION.cookie, random.bytes(random.pick([0, 7, 8, 9, 16, 24, 40])))]),
    ]),
  },
  {
    name: 'EDNS version and flags',
    make: asking((random) => [
      opt(random.chance(0.5) ? [] : [option(OPTION.cookie, random.bytes(8))], { ttl: random.u32() }),
    ]),
  },
  {
    name: 'EDNS payload sizes',
    make: asking((random) => [opt([], { size: random.between(0, 65_535) })]),
  },
  {
    name: 'several OPT',
    make: asking((random) =>
      Array.from({ length: random.between(2, 4) }, () => opt(random.chance(0.5) ? [] : options(random))),
    ),
  },
  {
    name: 'OPT not last',
    make: asking((random) => [
      opt(),
      record({ owner: named('x.example'), type: TYPE.a, data: random.bytes(4) }),
      ...(random.chance(0.3) ? [opt()] : []),
    ]),
  },
  {
    name: 'OPT broken',
    make: asking((random) => {
      const data = random.chance(0.5) ? random.bytes(random.between(0, 12)) : Buffer.concat(options(random));
      const owner = random.chance(0.5) ? pointer(12) : named('x');
      return [
        random.pick([
          record({ type: TYPE.opt, class: 1232, data, dataLength: random.between(0, 40) }),
          record({ owner, type: TYPE.opt, class: 1232, data }),
          record({
            type: TYPE.opt,
            class: 1232,
            data: option(OPTION.cookie, random.bytes(8), random.between(0, 20)),
          }),
        ]),
      ];
    }),
  },
  {
    name: 'other additional records',
    make: asking((random) => [
      record({
        type: random.pick([TYPE.a, 24, 249, 250, TYPE.any]),
        class: random.pick([1, 255]),
        data: random.bytes(4),
      }),
    ]),
  },
  {
    name: 'OPT in other sections',
    make(random, corpus) {
      const section = random.between(1, 2);
      return message(
        { counts: [1, section === 1 ? 1 : 0, section === 2 ? 1 : 0, 0] },
        question(named(anyName(random, corpus))),
        opt(),
      );
    },
  },
];

/** A question and these additional records. */
function asking(additional: (random: Random) => readonly Buffer[]): MessageClass['make'] {
  return (random: Random, corpus: Corpus) => {
    const records = additional(random);
    const asked = question(named(anyName(random, corpus)), random.pick([TYPE.a, TYPE.aaaa]), CLASS.in);
    return message({ counts: [1, 0, 0, records.length] }, asked, ...records);
  };
}

function options(random: Random): Buffer[] {
  const one = random.pick([
    () => option(OPTION.nsid, Buffer.alloc(0)),
    () => option(OPTION.padding, Buffer.alloc(random.between(0, 128))),
    () => option(OPTION.cookie, random.bytes(8)),
    () => option(OPTION.ecs, Buffer.from('00011800c00002', 'hex')),
    () => option(OPTION.ecs, Buffer.from('0002380020010db8000000', 'hex')),
    () => option(OPTION.keepalive, Buffer.alloc(0)),
    () => option(OPTION.expire, Buffer.alloc(0)),
    () => option(OPTION.chain, named('example')),
    () => option(OPTION.ede, random.bytes(2)),
    () => option(random.between(0, 65_535), random.bytes(random.between(0, 20))),
    // As long as a cookie, and in its place.
    () => option(random.between(0, 20), random.bytes(8)),
  ]);
  return Array.from({ length: random.pick([0, 1, 1, 1, 2, 4]) }, () => one());
}

function doBit(random: Random): number {
  return random.pick([0, 0x8000]);
}
