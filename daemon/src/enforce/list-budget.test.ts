import { describe, expect, it } from 'vitest';
import { listsOf } from './fixture/lists.ts';
import { budgetOf, ListBudget, NAME_BYTES } from './list-budget.ts';

const MB = 2 ** 20;
const categories = [
  { id: 'ads-tracking', bit: 0 },
  { id: 'made-up', bit: 1 },
  { id: 'gambling', bit: 2 },
  { id: 'adult', bit: 3 },
];

/** So many names of each category, by its bit. */
function lists(...counts: number[]) {
  const names = counts.flatMap((count, bit) =>
    Array.from({ length: count }, (_, n) => [`n${n}.bit${bit}.vn`, 2 ** bit] as const),
  );
  return listsOf(Object.fromEntries(names));
}

describe('the memory that names may take', () => {
  it.each([
    ['a quarter of what there is', { total: 512 * MB, available: 400 * MB }, 0, 128 * MB],
    ['half of what is available, where that is less', { total: 512 * MB, available: 100 * MB }, 0, 50 * MB],
    [
      'not less because of names that are there already',
      { total: 512 * MB, available: 100 * MB - 500_000 * NAME_BYTES },
      500_000,
      50 * MB,
    ],
    ['nothing where there is nothing', { total: 0, available: 0 }, 0, 0],
  ])('is %s', (_, memory, held, bytes) => {
    expect(budgetOf(memory, held)).toBe(bytes);
  });
});

describe('lists', () => {
  const fit = (room: number, ...counts: number[]) =>
    new ListBudget(room * NAME_BYTES).fit(categories, lists(...counts));

  it('all fit', () => {
    expect(fit(10, 1, 2, 3, 4)).toEqual({ mask: 0b1111, leftOut: [], roomForAll: true });
  });

  it('are left out whole, the least important first, those that nobody knows last', () => {
    expect(fit(9, 1, 2, 3, 4)).toEqual({ mask: 0b1101, leftOut: ['made-up'], roomForAll: false });
    expect(fit(7, 1, 2, 3, 4)).toEqual({
      mask: 0b1100,
      leftOut: ['ads-tracking', 'made-up'],
      roomForAll: false,
    });
    expect(fit(3, 9, 9, 9, 9)).toEqual({
      mask: 0,
      leftOut: ['adult', 'gambling', 'ads-tracking', 'made-up'],
      roomForAll: false,
    });
  });

  it('that fit beside a larger one that does not are loaded', () => {
    expect(fit(4, 1, 2, 3, 4000).leftOut).toEqual(['adult', 'made-up']);
  });

  it('that nobody wants take room in the maps only', () => {
    const budget = new ListBudget(5 * NAME_BYTES);
    expect(budget.fit(categories.slice(3), lists(1, 2, 3, 4))).toEqual({
      mask: 0b1000,
      leftOut: [],
      roomForAll: false,
    });
  });

  it('are fewer each time the kernel has no memory for them, until there are none', () => {
    const budget = new ListBudget(1000 * NAME_BYTES);
    const some = lists(100, 100, 100, 100);
    const masks = [budget.fit(categories, some).mask];
    while (budget.shrink()) masks.push(budget.fit(categories, some).mask);
    expect(masks).toEqual([0b1111, 0b1100, 0b1000, 0]);
  });
});
