import { expect, test } from 'vitest';
import { byDay } from './by-day.ts';

test('items stand under their days, in the order they came', () => {
  const days = byDay(
    [25, 21, 9],
    (at) => at,
    (instant) => Math.floor(instant / 10),
  );
  expect(days).toEqual([
    { at: 25, items: [25, 21] },
    { at: 9, items: [9] },
  ]);
});
