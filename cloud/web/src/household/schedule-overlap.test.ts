import { windowsOf } from '@khien/shared/policy';
import fc from 'fast-check';
import { expect, test } from 'vitest';
import type { Schedule } from '../api/contract.ts';
import { overlapsOf } from './schedule-overlap.ts';

const schedule = (change: Partial<Schedule>): Schedule => ({
  id: change.name ?? 'x',
  name: 'x',
  mode: 'offline',
  holidays: 'included',
  days: [1, 2, 3, 4, 5],
  start: '21:00',
  end: '06:00',
  ...change,
});
const night = schedule({ name: 'night' });
const study = schedule({ name: 'study', mode: 'learning', start: '19:30', end: '21:30' });

test('tells which of two counts, on which days and when', () => {
  expect(overlapsOf([study, night])).toEqual([
    { winner: night, loser: study, days: [1, 2, 3, 4, 5], start: '21:00', end: '21:30' },
  ]);
});

test('a night goes on into the morning of the next day, also around the end of the week', () => {
  const sunday = schedule({ name: 'sunday', days: [7] });
  const monday = schedule({ name: 'monday', mode: 'free', days: [1], start: '05:00', end: '07:00' });
  expect(overlapsOf([sunday, monday])).toEqual([
    { winner: sunday, loser: monday, days: [1], start: '05:00', end: '06:00' },
  ]);
});

test('what meets, what is of the same mode, and what never holds on the same day does not overlap', () => {
  expect(overlapsOf([night, schedule({ name: 'b', start: '20:00' })])).toEqual([]);
  expect(overlapsOf([night, schedule({ name: 'b', mode: 'free', start: '20:00', end: '21:00' })])).toEqual(
    [],
  );
  const free = schedule({ name: 'b', mode: 'free', holidays: 'only' });
  expect(overlapsOf([{ ...night, holidays: 'excluded' }, free])).toEqual([]);
  expect(overlapsOf([night, free])).toHaveLength(1);
});

const time = fc
  .integer({ min: 0, max: 47 })
  .map((half) => `${String(Math.floor(half / 2)).padStart(2, '0')}:${half % 2 === 0 ? '00' : '30'}`);
const any = (mode: Schedule['mode']) =>
  fc.record<Schedule>({
    id: fc.constant(mode),
    name: fc.constant(mode),
    mode: fc.constant(mode),
    holidays: fc.constant('included'),
    days: fc.uniqueArray(fc.integer({ min: 1, max: 7 }), { minLength: 1, maxLength: 7 }),
    start: time,
    end: time,
  });

test('two overlap exactly when the router finds a time in which both hold', () => {
  const from = Date.UTC(2026, 4, 18);
  const calendar = { offsets: [{ from: 0, minutes: 0 }], holidays: [] };
  const week = (one: Schedule) => windowsOf([one], calendar, from, from + 7 * 86_400_000);
  fc.assert(
    fc.property(any('offline'), any('free'), (one, other) => {
      const together = week(one).some((a) => week(other).some((b) => a.from < b.to && b.from < a.to));
      expect(overlapsOf([one, other]).length > 0).toBe(together);
    }),
  );
});
