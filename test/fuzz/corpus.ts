import { steeredNames } from '../../daemon/src/dns/canary.ts';
import type { Household } from '../../daemon/src/enforce/fixture/household.ts';
import { TableCompiler } from '../../daemon/src/lists/compile.ts';
import type { ReferenceNames } from './oracle.ts';
import type { Random } from './random.ts';

/** The categories of the lists: what the child is kept from, what another child is, what nobody is. */
const categoryBits = { gambling: 1, ads: 4, games: 9 } as const;
type Category = keyof typeof categoryBits;

/** The names of one run: what is listed and why, and the policy that says so. */
export interface Corpus extends ReferenceNames {
  /** Listed, but blocked for nobody. */
  readonly idle: readonly string[];
  readonly lists: Readonly<Record<Category, readonly string[]>>;
  readonly services: Readonly<Record<string, readonly string[]>>;
}

const LONGEST_SUFFIX_KEY = 64;

/** Names of every wire length that a list can hold, with those that have caused trouble elsewhere. */
export function makeCorpus(random: Random): Corpus {
  const gambling = new Set([
    ...['bet365.com', 'x.co', 't.me', 'a.b', 'vk.com', 'under_score.example', '_sip._udp.example', '1x-2.vn'],
    // 48 to 57 are digits and 45 is a hyphen where a length is looked for.
    ...[33, 45, 48, 50, 57, 63].map((length) => `${label(random, length)}.com`),
    // 13 and 16 to 25 are what a hyphen and digits become when their case bit is taken.
    ...[13, 16, 20, 25].map((length) => `${label(random, length)}.vn`),
    'listed-below.ads-parent.example',
    'listed-below.allowed.example',
    'listed-below.tongdai111.vn',
  ]);
  const ads = new Set(['ads-parent.example', 'below.bet365.com', 'binh-only.example']);
  const games = new Set(['idle.example', 'idle-below.bet365.com']);
  for (let length = 5; length <= LONGEST_SUFFIX_KEY; length++) {
    for (let count = 0; count < 4; count++) gambling.add(nameOfWireLength(random, length));
    ads.add(nameOfWireLength(random, length));
    games.add(nameOfWireLength(random, length));
  }
  for (let length = LONGEST_SUFFIX_KEY + 1; length <= 255; length += random.between(1, 5)) {
    gambling.add(nameOfWireLength(random, length));
    if (random.chance(0.2)) ads.add(nameOfWireLength(random, length));
  }
  // Listed for another reason, and ends like a blocked name from a byte on that could be its length.
  for (const name of gambling) {
    const length = name.indexOf('.');
    const character = length === 13 ? '-' : length >= 16 && length <= 25 ? String(length - 16) : '';
    if (character !== '' && name.length < 200)
      ads.add(`${label(random, random.between(1, 9))}${character}${name}`);
  }
  for (const name of [...gambling].filter(() => random.chance(0.1))) {
    const below = `${label(random, random.between(1, 12))}.${name}`;
    if (below.length < 200) (random.chance(0.5) ? ads : gambling).add(below);
  }
  const services = {
    'social/tiktok': ['tiktok.com', 'tiktokv.com', 'muscdn.com'],
    'social/other': ['other-service.example'],
  };
  return {
    lists: { gambling: [...gambling], ads: [...ads], games: [...games] },
    services,
    listed: [...gambling, ...services['social/tiktok']],
    parentBlocked: ['blocked.example', 'sub.allowed.example', `${'l'.repeat(40)}.vn`, 'help-below.example'],
    parentAllowed: ['allowed.example', 'good.tiktok.com'],
    help: ['tongdai111.vn', 'help.help-below.example', 'help.bet365.com'],
    answered: steeredNames,
    other: [...ads, ...services['social/other'], 'binh-blocked.example'],
    idle: [...games],
  };
}

/**
 * Households in which the corpus is in force for a child whose device has this MAC, and whose network is on, or paused. In
 * the first nothing else is; in the others the child must not reach some of what is idle, by lists and by names.
 */
export function householdsOf(corpus: Corpus, mac: string, online: boolean): Household[] {
  const idle = corpus.idle.slice(0, 40);
  return [[], ['ads'], ['ads', 'games'], ['games']].flatMap((categories) => [
    householdOf(corpus, mac, online, categories, []),
    householdOf(corpus, mac, online, categories, idle),
  ]);
}

function householdOf(
  corpus: Corpus,
  mac: string,
  online: boolean,
  moreCategories: readonly string[],
  moreNames: readonly string[],
): Household {
  return {
    children: {
      an: {
        blockedCategories: ['gambling', ...moreCategories],
        blockedServices: ['tiktok'],
        blockedNames: [...corpus.parentBlocked, ...moreNames],
        allowedNames: [...corpus.parentAllowed],
        pause: online ? null : { since: 0, until: null },
      },
      binh: {
        blockedCategories: ['ads'],
        blockedServices: ['other'],
        blockedNames: ['binh-blocked.example'],
      },
    },
    devices: { [mac]: 'an', '02:00:00:00:00:99': 'binh' },
    services: corpus.services,
    categories: categoryBits,
    helpNames: corpus.help,
  };
}

/** The lists as the router gets them, compiled. */
export function compiledLists(corpus: Corpus): Buffer {
  const compiler = new TableCompiler();
  for (const [category, bit] of Object.entries(categoryBits)) {
    for (const name of corpus.lists[category as Category]) compiler.add(bit, name);
  }
  return Buffer.concat(compiler.finish().pieces);
}

/** A name of two labels or more that is so long in wire format: 5 to 255 bytes. */
export function nameOfWireLength(random: Random, length: number): string {
  const labels: string[] = [];
  let left = length - 1;
  while (left > 0) {
    // What is left must suffice for a label, and one label is no name.
    const most = Math.min(63, left - 1, labels.length === 0 ? left - 3 : left - 1);
    const size = left - 1 <= most && random.chance(0.5) ? left - 1 : random.between(1, most);
    if (left - 1 - size === 1) continue;
    labels.push(label(random, size));
    left -= 1 + size;
  }
  const last = labels.at(-1) ?? '';
  // No top-level domain is a number.
  if (/^\d+$/.test(last)) labels.splice(-1, 1, `${last.slice(0, -1)}v`);
  return labels.join('.');
}

const LETTERS = 'abcdefghijklmnopqrstuvwxyz';
const INSIDE = `${LETTERS}${LETTERS}0123456789--_`;

/** A label that a list may hold. */
export function label(random: Random, length: number): string {
  const ends = `${LETTERS}0123456789`;
  return Array.from({ length }, (_, index) => {
    const from = index === 0 || index === length - 1 ? ends : INSIDE;
    return from[random.between(0, from.length - 1)];
  }).join('');
}
