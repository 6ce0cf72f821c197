import { type Corpus, label, nameOfWireLength } from '../corpus.ts';
import type { Random } from '../random.ts';
import { named } from './dns-writer.ts';

/** Names to ask for, as text: of what the corpus holds, and of what it nearly holds. */

/** Of a name that the child must not reach, the name itself or one below it. */
export function blockedName(random: Random, corpus: Corpus): string {
  const from = random.pick([
    corpus.listed,
    corpus.listed,
    corpus.listed,
    corpus.parentBlocked,
    corpus.answered,
  ]);
  return maybeBelow(random, random.pick(from));
}

/** A name short enough for what a packet class has in mind. */
export function shortBlockedName(random: Random, corpus: Corpus, most = 30): string {
  const short = corpus.listed.filter((name) => name.length <= most);
  return random.pick(short);
}

/** A name that no list knows. */
export function freeName(random: Random): string {
  const top = random.pick(['com', 'net', 'org', 'vn', 'com.vn', 'co.uk', 'xyz', 'example']);
  const labels = Array.from({ length: random.between(1, 4) }, () => label(random, random.between(2, 14)));
  return [...labels, top].join('.');
}

/** Blocked or not, in equal parts. */
export function anyName(random: Random, corpus: Corpus): string {
  return random.chance(0.5) ? blockedName(random, corpus) : freeName(random);
}

/** The name, or one some labels below it. */
export function maybeBelow(random: Random, name: string): string {
  const labels = random.pick([0, 0, 1, 1, 2, 5]);
  let below = name;
  for (let count = 0; count < labels; count++) {
    const longer = `${label(random, random.between(1, random.chance(0.1) ? 63 : 9))}.${below}`;
    if (longer.length <= 253) below = longer;
  }
  return below;
}

/** Ways to come close to a name without asking for it. */
const misses: readonly ((name: string, random: Random) => string)[] = [
  (name, random) => `${random.pick(['a', 'x', '0', '-', '_', 'not'])}${name}`,
  (name, random) => `${label(random, random.between(1, 8))}-${name}`,
  (name, random) => `${name}.${freeName(random)}`,
  (name, random) => `${name}${random.pick(['a', 'n', '-x', '.vn'])}`,
  (name) => name.slice(1),
  (name) => name.slice(0, -1),
  (name) => name.replace('.', ''),
  (name) => name.split('.').slice(1).join('.'),
  (name) => `${name.split('.')[0]}.${name.split('.')[0]}`,
  (name, random) => {
    const at = random.between(0, name.length - 1);
    return `${name.slice(0, at)}${label(random, 1)}${name.slice(at + 1)}`;
  },
  (name, random) => {
    const at = random.between(1, name.length - 1);
    return `${name.slice(0, at)}.${name.slice(at)}`;
  },
  (name) => {
    // The length of the first label, as a letter in front of it.
    const length = name.indexOf('.');
    return `${String.fromCharCode(length)}${name}`;
  },
  (name, random) => {
    // In a long name, only the part that the kernel does not know.
    const first = name.split('.')[0] ?? '';
    return `${label(random, first.length)}${name.slice(first.length)}`;
  },
  (name) => name.split('').reverse().join(''),
];

/** Close to a name that is blocked; by chance it may be one, and it always has labels of 1 to 63 bytes. */
export function nearName(random: Random, corpus: Corpus): string {
  for (;;) {
    const near = random.pick(misses)(random.pick([...corpus.listed]), random);
    if (near.length <= 253 && near.split('.').every((each) => each.length >= 1 && each.length <= 63))
      return near;
  }
}

/** So long in wire format, up to a single label's 3 bytes down. */
export function nameOfLength(random: Random, wireLength: number): string {
  return wireLength < 5 ? label(random, wireLength - 2) : nameOfWireLength(random, wireLength);
}

/** In wire format, each letter of either case (DNS 0x20). */
export function mixedCase(random: Random, name: string): Buffer {
  const wire = named(name);
  for (const [index, byte] of wire.entries()) {
    const letter = byte | 0x20;
    if (letter >= 0x61 && letter <= 0x7a && random.chance(0.5)) wire[index] = byte ^ 0x20;
  }
  return wire;
}
