import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { UNDECIDED } from '../layout.ts';
import { keyOf, suffixesOf } from '../lists/name-key.ts';
import { mapsOf } from './fixture/classify.ts';
import { listsOf } from './fixture/lists.ts';
import { changesOf, type NameChange, nameChanges } from './name-changes.ts';
import { placed } from './name-map.ts';
import { NameTable } from './name-table.ts';
import { ownNameChanges } from './own-name-changes.ts';
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

  it('knows long names by their end, each end once', () => {
    const end = `${'x'.repeat(60)}.example.com`;
    const maps = mapsOf(table({ [`a.${end}`]: OWN }, { [`b.${end}`]: 1, [`c.${end}`]: 2 }).blocks());
    expect([...maps]).toEqual([[id(`a.${end}`), UNDECIDED]]);
  });

  it('is empty without names', () => {
    expect([...table({}, {}).blocks()]).toEqual([]);
  });

  it('splits what is more than a block', () => {
    const own = Object.fromEntries(
      Array.from({ length: 5000 }, (_, n) => [`n${String(n).padStart(5, '0')}.vn`, OWN]),
    );
    expect([...table(own, {}).blocks()].map(({ count }) => count)).toEqual([4096, 904]);
    expect(table(own, {}).ownCounts()).toEqual(new Map([[11, 5000]]));
  });
});

describe('changes of own names', () => {
  const label = fc.constantFrom('a', 'b', 'c', 'x'.repeat(62), 'y'.repeat(40));
  const name = fc.array(label, { minLength: 2, maxLength: 3 }).map((labels) => labels.join('.'));
  const names = fc
    .dictionary(name, fc.integer({ min: 1, max: 3 }), { noNullPrototype: true })
    .map((masks) => new Map(Object.entries(masks)));

  it('are those between the tables', () => {
    fc.assert(
      fc.property(names, names, names, fc.nat(3), (from, to, listed, mask) => {
        const lists = listsOf(Object.fromEntries(listed));
        const tables = [from, to].map((own) => new NameTable(own, lists, mask).blocks());
        const changes = changesOf(ownNameChanges(from, to, lists, mask));
        const order = (a: NameChange, b: NameChange) => a.wireLength - b.wireLength || a.key.compare(b.key);
        const walked = changesOf(nameChanges(tables[0] ?? [], tables[1] ?? []));
        expect(changes.sort(order)).toEqual(walked);
      }),
      { numRuns: 500 },
    );
  });
});

describe('changes of names', () => {
  const label = fc.constantFrom('a', 'b', 'c', 'x'.repeat(62));
  const name = fc.array(label, { minLength: 2, maxLength: 3 }).map((labels) => labels.join('.'));
  const names = fc.dictionary(name, fc.integer({ min: 1, max: 3 }), { noNullPrototype: true });
  const tables = fc.record({ own: names, lists: names, mask: fc.nat(3) });

  it('make one table of another', () => {
    fc.assert(
      fc.property(tables, tables, (from, to) => {
        const [before, after] = [from, to].map(
          ({ own, lists, mask }) => new NameTable(new Map(Object.entries(own)), listsOf(lists), mask),
        );
        if (before === undefined || after === undefined) return;
        const held = mapsOf(before.blocks());
        for (const change of changesOf(nameChanges(before.blocks(), after.blocks()))) {
          const at = `${change.wireLength > 64 ? 'qx' : `q${change.wireLength}`} ${change.key.toString('hex')}`;
          expect(held.get(at)).toBe(change.before);
          expect(change.after).not.toBe(change.before);
          if (change.after === undefined) held.delete(at);
          else held.set(at, change.after);
        }
        expect(held).toEqual(mapsOf(after.blocks()));
      }),
      { numRuns: 300 },
    );
  });
});

function id(name: string): string {
  const { wireLength, key } = placed(keyOf(name), 0);
  return `${wireLength > 64 ? 'qx' : `q${wireLength}`} ${key.toString('hex')}`;
}
