/**
 * Names like those of public blocklists, the same at every run: lengths, depth and top-level domains follow what was
 * counted in merged public lists (half up to 20 bytes in wire format, nine tenths up to 33, one in a hundred above 64,
 * about a third below another listed name).
 */
export class NameGenerator {
  readonly #random: () => number;

  constructor(seed: number) {
    this.#random = mulberry32(seed);
  }

  /** `count` different names. */
  listed(count: number): string[] {
    const names = new Set<string>();
    const parents: string[] = [];
    while (names.size < count) {
      const kind = this.#random();
      if (kind < 0.6) {
        const domain = this.#domain();
        parents.push(domain);
        names.add(domain);
      } else {
        const parent = (this.#random() < 0.6 ? this.#pick(parents) : undefined) ?? this.#domain();
        const below = kind < 0.9 ? 1 : kind < 0.985 ? 2 : 7;
        names.add(this.#below(parent, below));
      }
    }
    return [...names];
  }

  /** `count` names that nothing in `listed` covers, as children ask for them. */
  allowed(count: number, listed: ReadonlySet<string>): string[] {
    const names: string[] = [];
    while (names.length < count) {
      const kind = this.#random();
      const name = this.#below(this.#domain(), kind < 0.2 ? 0 : kind < 0.75 ? 1 : kind < 0.93 ? 2 : 3);
      if (name.length < 98 && !suffixes(name).some((suffix) => listed.has(suffix))) names.push(name);
    }
    return names;
  }

  /** `count` names that are in `listed` or below one of them. */
  blocked(count: number, listed: readonly string[]): string[] {
    const names: string[] = [];
    while (names.length < count) {
      const name = this.#below(this.#pick(listed) ?? '', this.#random() < 0.5 ? 0 : 1);
      if (name.length < 98) names.push(name);
    }
    return names;
  }

  #domain(): string {
    return `${this.#word(11, 4, 3, 28)}.${this.#pick(topLevels)}`;
  }

  #below(parent: string, labels: number): string {
    let name = parent;
    for (let count = 0; count < labels; count++) name = `${this.#label()}.${name}`;
    return name;
  }

  #label(): string {
    return (this.#random() < 0.5 ? this.#pick(commonLabels) : undefined) ?? this.#word(9, 6, 2, 40);
  }

  /** Letters that take turns, now and then a digit or a hyphen; the length is about normally distributed. */
  #word(mean: number, deviation: number, shortest: number, longest: number): string {
    // Four uniform numbers have a variance of 4 / 12.
    const sum = this.#random() + this.#random() + this.#random() + this.#random();
    const wanted = Math.round(mean + deviation * (sum - 2) * Math.sqrt(3));
    const length = Math.min(Math.max(wanted, shortest), longest);
    let hyphenAllowed = false;
    for (let at = 0; at < length; at++) {
      const kind = this.#random();
      const hyphen: boolean = hyphenAllowed && at < length - 1 && kind < 0.03;
      const from = hyphen
        ? '-'
        : kind < 0.09
          ? '0123456789'
          : at % 2 === 0
            ? 'bcdfghjklmnpqrstvwxz'
            : 'aeiouy';
      letters[at] = from.charCodeAt(Math.floor(this.#random() * from.length));
      hyphenAllowed = !hyphen;
    }
    return letters.toString('latin1', 0, length);
  }

  #pick<T>(from: ArrayLike<T>): T | undefined {
    return from[Math.floor(this.#random() * from.length)];
  }
}

/** The name itself and all above it. */
function suffixes(name: string): string[] {
  const labels = name.split('.');
  return labels.map((_, index) => labels.slice(index).join('.'));
}

/** Tommy Ettinger's Mulberry32: small, and good enough for names. */
function mulberry32(seed: number): () => number {
  let state = seed;
  return () => {
    state = (state + 0x6d2b79f5) | 0;
    let value = Math.imul(state ^ (state >>> 15), state | 1);
    value ^= value + Math.imul(value ^ (value >>> 7), value | 61);
    return ((value ^ (value >>> 14)) >>> 0) / 2 ** 32;
  };
}

const letters = Buffer.alloc(63);

const topLevels: readonly string[] = Object.entries({
  com: 46,
  net: 8,
  org: 5,
  info: 4,
  xyz: 6,
  top: 5,
  ru: 6,
  de: 3,
  'co.uk': 2,
  'com.br': 2,
  online: 2,
  site: 3,
  club: 2,
  io: 3,
  vn: 2,
  'com.vn': 1,
  shop: 1,
}).flatMap(([name, share]) => Array<string>(share).fill(name));

const commonLabels = [
  'ads',
  'www',
  'track',
  'cdn',
  'stats',
  'img',
  'pixel',
  'click',
  'go',
  'm',
  'metrics',
  'smetrics',
  'a',
  's3',
  'email',
];
