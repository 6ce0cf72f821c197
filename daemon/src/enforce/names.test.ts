import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { keyOf, suffixesOf } from '../lists/name-key.ts';
import { mapsOf } from './fixture/classify.ts';
import { listsOf } from './fixture/lists.ts';
import type { HeldNames } from './held.ts';
import { changesOf, type NameChange } from './name-changes.ts';
import { walksBetween } from './name-changing.ts';
import { nameOfMap, placed } from './name-map.ts';
import { NameTable } from './name-table.ts';
import { SuffixFilter } from './suffix-filter.ts';

const OWN = 0x1_0000;

describe('a suffix filter', () => {
  const filter = new SuffixFilter(
    new Map([
      ['example.com', 1],
      ['b.example.com', 3],
      [`${'l'.repeat(40)}.vn`, 4],
    ]),
  );
  const above = (name: string) => filter.maskAbove(keyOf(name), 0, name.length + 2);

  it('finds the longest name above', () => {
    expect([above('a.example.com'), above('a.b.example.com'), above(`x.${'l'.repeat(40)}.vn`)]).toEqual([
      1, 3, 4,
    ]);
  });

  it('finds names of every length, at every place', () => {
    const label = fc.constantFrom('a', 'b1', 'x-y', 'l'.repeat(33), 'm'.repeat(63));
    const name = fc.array(label, { minLength: 2, maxLength: 4 }).map((labels) => labels.join('.'));
    fc.assert(
      fc.property(fc.uniqueArray(name, { maxLength: 8 }), name, (names, asked) => {
        const some = new SuffixFilter(new Map(names.map((text, index) => [text, index + 1])));
        const key = Buffer.concat([Buffer.from('before'), keyOf(asked), Buffer.from('behind')]);
        const [start, end] = [6, 6 + asked.length + 2];
        const all = [...suffixesOf(asked)];
        const above = all.slice(1).find((suffix) => names.includes(suffix));
        expect(some.maskAbove(key, start, end)).toBe(above === undefined ? 0 : names.indexOf(above) + 1);
        expect(some.isAtOrBelow(key, start, end)).toBe(all.some((suffix) => names.includes(suffix)));
      }),
      { numRuns: 1000 },
    );
  });

  it('passes over the name itself, and names that only end alike', () => {
    expect([
      above('example.com'),
      above('xexample.com'),
      above('example.com.vn'),
      above('b.example.net'),
    ]).toEqual([0, 0, 0, 0]);
    expect(above('b.example.com')).toBe(1);
  });
});

describe('a table of names', () => {
  const table = (own: Record<string, number>, lists: Record<string, number>, mask = 7) =>
    new NameTable(new Map(Object.entries(own)), listsOf(lists), mask);

  it('has own names instead of listed ones, and listed ones with what own names above say', () => {
    const blocks = [
      ...table({ 'b.vn': OWN, 'a.vn': OWN }, { 'b.vn': 1, 'x.b.vn': 2, 'c.vn': 1 }).blocks(),
    ].map(({ wireLength, keys, masks, count }) => [
      wireLength,
      keys.toString('latin1', 0, 6),
      [...masks.subarray(0, count)],
    ]);
    expect(blocks.map(([wireLength]) => wireLength)).toEqual([6, 8]);
    expect(
      mapsOf(table({ 'b.vn': OWN, 'a.vn': OWN }, { 'b.vn': 1, 'x.b.vn': 2, 'c.vn': 1 }).blocks()),
    ).toEqual(
      new Map([
        [id('a.vn'), OWN],
        [id('b.vn'), OWN],
        [id('c.vn'), 1],
        [id('x.b.vn'), OWN + 2 + 1],
      ]),
    );
  });

  it('has names of 64 bytes in wire format, and none that are longer', () => {
    const [own, listed] = ['o', 'l'].map((letter) => `${letter.repeat(50)}.example.com`);
    const names = { [`${own}`]: OWN, [`o${own}`]: OWN };
    const lists = { [`${listed}`]: 1, [`l${listed}`]: 1, [`a.b.${listed}`]: 2 };
    expect(mapsOf(table(names, lists).blocks())).toEqual(
      new Map([
        [id(`${own}`), OWN],
        [id(`${listed}`), 1],
      ]),
    );
  });

  it('is empty without names', () => {
    expect([...table({}, {}).blocks()]).toEqual([]);
  });

  it('splits what is more than a block', () => {
    const own = Object.fromEntries(
      Array.from({ length: 5000 }, (_, n) => [`n${String(n).padStart(5, '0')}.vn`, OWN]),
    );
    expect([...table(own, {}).blocks()].map(({ count }) => count)).toEqual([1024, 1024, 1024, 1024, 904]);
    expect(table(own, {}).ownCounts()).toEqual(new Map([[11, 5000]]));
  });
});

describe('changes of names', () => {
  const label = fc.constantFrom('a', 'b', 'c', 'x'.repeat(62), 'y'.repeat(40));
  const name = fc.array(label, { minLength: 2, maxLength: 3 }).map((labels) => labels.join('.'));
  const masks = (most: number) =>
    fc.dictionary(name, fc.integer({ min: 1, max: most }), { noNullPrototype: true });
  const state = fc.record({
    own: masks(3).map((own) => new Map(Object.entries(own).map(([text, mask]) => [text, OWN * mask]))),
    lists: masks(3).map((listed) => listsOf(listed)),
    listMask: fc.nat(3),
  });
  type State = typeof state extends fc.Arbitrary<infer T> ? T : never;
  const held = ({ own, lists, listMask }: State): HeldNames => ({
    revision: Buffer.alloc(16),
    names: own,
    lists,
    listMask,
    roomForAll: true,
  });
  const changesBetween = (from: State, to: State) =>
    [...walksBetween(held(from), held(to))].flatMap((walk) => inWalk(changesOf(walk)));
  const tableOf = ({ own, lists, listMask }: State) => mapsOf(new NameTable(own, lists, listMask).blocks());

  /** A walk's changes may be done in any order: no key of those changes twice. */
  function inWalk(changes: readonly NameChange[]): readonly NameChange[] {
    const keys = changes.map(({ key }) => key.toString('hex'));
    expect(new Set(keys).size).toBe(keys.length);
    return changes;
  }

  /** Does to maps what changes say, as the kernel does: what goes must be there, what comes must not. */
  function applied(maps: Map<string, number>, changes: readonly NameChange[]): Map<string, number> {
    for (const { wireLength, key, before, after } of changes) {
      const at = `${nameOfMap(wireLength)} ${key.toString('hex')}`;
      expect(maps.get(at)).toBe(before);
      expect(after).not.toBe(before);
      if (after === undefined) maps.delete(at);
      else maps.set(at, after);
    }
    return maps;
  }

  it('make of what maps hold what they shall hold', () => {
    fc.assert(
      fc.property(state, state, (from, to) => {
        const changes = changesBetween(from, to);
        expect(applied(tableOf(from), changes)).toEqual(tableOf(to));
      }),
      { numRuns: 1000 },
    );
  });

  it('of own names are few where few names change', () => {
    const lists = listsOf({ 'a.b': 1, 'x.a.b': 2, 'c.b': 1 });
    const from = { own: new Map([['a.b', OWN]]), lists, listMask: 3 };
    const to = { ...from, own: new Map([['c.b', OWN]]) };
    const names = changesBetween(from, to).map(({ wireLength, key }) =>
      key.toString('latin1', 0, wireLength),
    );
    expect(names.sort()).toEqual(['\x01A\x01B\0', '\x01C\x01B\0', '\x01X\x01A\x01B\0'].sort().map(asKey));
  });

  it('of a category that is blocked now, or no more, are its names alone', () => {
    const lists = listsOf({ 'a.b': 1, 'x.a.b': 2, 'c.b': 3, 'd.b': 2 });
    const from = { own: new Map(), lists, listMask: 1 };
    const to = { ...from, listMask: 3 };
    const between = (one: State, other: State) => changesBetween(one, other).length;
    expect([between(from, to), between(to, from)]).toEqual([3, 3]);
  });

  it('are none of names that are too long for a map', () => {
    const long = `${'x'.repeat(60)}.example.com`;
    const from = { own: new Map([[`own.${long}`, OWN]]), lists: listsOf({ [long]: 1 }), listMask: 1 };
    const to = { own: new Map(), lists: listsOf({ [`a.${long}`]: 1 }), listMask: 1 };
    expect([...changesBetween(from, to), ...changesBetween(to, from)]).toEqual([]);
  });
});

function id(name: string): string {
  const { wireLength, key } = placed(keyOf(name), 0);
  return `q${wireLength} ${key.toString('hex')}`;
}

/** A wire as a key: the first byte is as it is, the others have no case bit. */
function asKey(wire: string): string {
  return Buffer.from(wire, 'latin1')
    .map((byte, at) => (at === 0 ? byte : byte & 0xdf))
    .toString();
}
