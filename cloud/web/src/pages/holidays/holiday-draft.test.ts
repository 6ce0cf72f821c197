import { expect, test } from 'vitest';
import { daysIn, problemOf } from './holiday-draft.ts';

test.each([
  ['', '2026-06-01', '2026-08-31', 'needsName'],
  ['  ', '2026-06-01', '2026-08-31', 'needsName'],
  ['Nghỉ hè', '', '2026-08-31', 'needsDates'],
  ['Nghỉ hè', '2026-06-01', '', 'needsDates'],
  ['Nghỉ hè', '2026-08-31', '2026-06-01', 'wrongOrder'],
  ['Nghỉ hè', '2026-01-01', '2027-01-02', 'tooLong'],
  ['Nghỉ hè', '2026-01-01', '2027-01-01', undefined],
  ['Giỗ Tổ', '2026-04-26', '2026-04-26', undefined],
])('“%s” from %s to %s: %s', (name, from, to, problem) => {
  expect(problemOf({ name, from, to })).toBe(problem);
});

test('both ends count', () => {
  expect(daysIn('2026-04-26', '2026-04-26')).toBe(1);
  expect(daysIn('2026-02-16', '2026-02-20')).toBe(5);
});
