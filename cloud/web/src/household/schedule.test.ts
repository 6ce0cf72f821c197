import { type Schedule, windowsOf } from '@khien/shared/policy';
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { en } from '../language/en.ts';
import { vi } from '../language/vi.ts';
import { timeOfDay } from '../language/zoned.ts';
import { daysText, windowText } from './schedule-text.ts';
import { isOpenAt, minutesToMorning } from './schedule-time.ts';

const HANOI = 'Asia/Ho_Chi_Minh';

describe('days in few words', () => {
  test.each([
    [[1, 2, 3, 4, 5, 6, 7], 'Mỗi ngày', 'Every day'],
    [[1, 2, 3, 4, 5], 'T2–T6', 'Mon–Fri'],
    [[6, 7], 'T7, CN', 'Sat, Sun'],
    [[7, 1, 2, 3, 4], 'CN–T5', 'Sun–Thu'],
    [[5, 6], 'T6, T7', 'Fri, Sat'],
    [[3], 'T4', 'Wed'],
    [[1, 3, 5], 'T2, T4, T6', 'Mon, Wed, Fri'],
    [[6, 7, 1], 'T7–T2', 'Sat–Mon'],
    [[1, 7], 'CN, T2', 'Sun, Mon'],
    [[2, 3, 4, 6], 'T3–T5, T7', 'Tue–Thu, Sat'],
    [[], '', ''],
  ])('%j: %s, %s', (days, vietnamese, english) => {
    expect([daysText(vi, days), daysText(en, days)]).toEqual([vietnamese, english]);
  });
});

test('a window past midnight says so, and equal times are a whole day', () => {
  expect(windowText(vi, { start: '21:00', end: '06:00' })).toBe('21:00 – 06:00 hôm sau');
  expect(windowText(vi, { start: '12:00', end: '13:30' })).toBe('12:00 – 13:30');
  expect(windowText(en, { start: '21:00', end: '06:00' })).toBe('21:00 to 06:00 next day');
  expect(windowText(vi, { start: '08:00', end: '08:00' })).toBe('Cả ngày, từ 08:00');
});

const time = fc
  .tuple(fc.integer({ min: 0, max: 23 }), fc.integer({ min: 0, max: 59 }))
  .map((parts) => parts.map((part) => String(part).padStart(2, '0')).join(':'));
const schedule = fc.record<Schedule>({
  id: fc.constant('01J00000000000000000000000'),
  name: fc.constant('x'),
  mode: fc.constant('offline'),
  holidays: fc.constantFrom('included', 'excluded', 'only'),
  days: fc.uniqueArray(fc.integer({ min: 1, max: 7 }), { minLength: 1, maxLength: 7 }),
  start: time,
  end: time,
});

test('the UI calls a window open exactly when the router does', () => {
  const offsets = [{ from: 0, minutes: 420 }];
  fc.assert(
    fc.property(
      schedule,
      fc.integer({ min: 1.7e12, max: 1.9e12 }),
      fc.integer({ min: -3, max: 3 }),
      (...drawn) => {
        const [window, instant, away] = drawn;
        const from = new Date(instant + away * 86_400_000).toISOString().slice(0, 10);
        const holidays = [{ name: 'x', from, to: from }];
        const open = windowsOf([window], { offsets, holidays }, instant, instant + 1).length > 0;
        expect(isOpenAt(window, instant, HANOI, holidays)).toBe(open);
      },
    ),
  );
});

describe('until the morning', () => {
  test('is the next six o’clock that is at least an hour away', () => {
    fc.assert(
      fc.property(fc.integer({ min: 1.7e12, max: 1.9e12 }), (now) => {
        const minutes = minutesToMorning(now, HANOI);
        expect(timeOfDay(now + minutes * 60_000, HANOI)).toBe('06:00');
        expect(minutes).toBeGreaterThanOrEqual(60);
        expect(minutes).toBeLessThan(25 * 60);
      }),
    );
  });

  test('holds over a change of the clock', () => {
    const evening = Date.UTC(2026, 2, 28, 21);
    expect(minutesToMorning(evening, 'Europe/Berlin')).toBe(7 * 60);
    expect(timeOfDay(evening + 7 * 3_600_000, 'Europe/Berlin')).toBe('06:00');
  });
});
