import fc from 'fast-check';
import { expect, it } from 'vitest';
import { MinuteSet, union } from './minute-set.ts';

const minutes = fc.array(fc.integer({ min: -50, max: 200 }), { maxLength: 150 });

it('is a set, in whatever order it grows', () => {
  fc.assert(
    fc.property(
      minutes,
      fc.integer({ min: -60, max: 210 }),
      fc.integer({ min: 0, max: 100 }),
      (all, from, length) => {
        const set = new MinuteSet();
        const model = new Set<number>();
        for (const minute of all) {
          expect(set.add(minute)).toBe(!model.has(minute));
          model.add(minute);
        }
        const sorted = [...model].sort((a, b) => a - b);
        expect([...set.minutes()]).toEqual(sorted);
        expect(set.last()).toBe(sorted.at(-1));
        expect(set.count()).toBe(model.size);
        expect(set.count(from, from + length)).toBe(
          sorted.filter((minute) => minute >= from && minute < from + length).length,
        );
        set.dropBefore(from);
        expect([...set.minutes()]).toEqual(sorted.filter((minute) => minute >= from));
      },
    ),
  );
});

it('is read as it was written, and written in as few numbers as it has runs', () => {
  fc.assert(
    fc.property(minutes, (all) => {
      const set = MinuteSet.of(all);
      const numbers: unknown = JSON.parse(JSON.stringify(set));
      expect([...MinuteSet.fromJSON(numbers as number[]).minutes()]).toEqual([...set.minutes()]);
    }),
  );
  expect(MinuteSet.of([29_000_000, 29_000_001, 29_000_005]).toJSON()).toEqual([29_000_000, 2, 3, 1]);
});

it('joins with others', () => {
  const sets = [[1, 2], [2, 3, 9], []].map((each) => MinuteSet.of(each));
  expect([...union([...sets, undefined]).minutes()]).toEqual([1, 2, 3, 9]);
});
