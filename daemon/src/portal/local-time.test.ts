import { describe, expect, test } from 'vitest';
import { languages } from './language/index.ts';
import { localMoment, weekdayRuns } from './local-time.ts';

const VIET_NAM = [{ from: 0, minutes: 420 }];
// Saturday, 21 November 2026, 23:30 in Viet Nam.
const now = Date.UTC(2026, 10, 21, 16, 30);
const HOUR = 3600_000;

describe('localMoment', () => {
  test.each([
    [0, '23:30', 0],
    [0.5, '00:00', 1],
    [6.5, '06:00', 1],
    [24.5, '00:00', 2],
    [-24, '23:30', -1],
  ])('%s hours away is %s, %s days away', (hours, time, daysAway) => {
    expect(localMoment(VIET_NAM, now + hours * HOUR, now)).toMatchObject({ time, daysAway });
  });

  test('follows a change to summer time', () => {
    const change = Date.UTC(2026, 2, 29, 1);
    const berlin = [
      { from: 0, minutes: 60 },
      { from: change, minutes: 120 },
    ];
    expect(localMoment(berlin, change - 60_000, change).time).toBe('01:59');
    expect(localMoment(berlin, change, change).time).toBe('03:00');
  });

  test('knows weekday and date, also west of Greenwich', () => {
    expect(localMoment(VIET_NAM, now, now)).toMatchObject({ weekday: 6, day: 21, month: 11 });
    expect(localMoment([{ from: 0, minutes: -600 }], Date.UTC(2027, 0, 1, 5), now)).toMatchObject({
      time: '19:00',
      weekday: 4,
      day: 31,
      month: 12,
    });
  });
});

test('weekdayRuns sees the week as a circle', () => {
  expect(weekdayRuns([7, 1, 2, 3, 4])).toEqual([{ from: 7, to: 4, length: 5 }]);
  expect(weekdayRuns([5, 6])).toEqual([{ from: 5, to: 6, length: 2 }]);
  expect(weekdayRuns([1, 3, 5])).toHaveLength(3);
  expect(weekdayRuns([1, 2, 3, 4, 5, 6, 7])).toEqual([{ from: 1, to: 7, length: 7 }]);
  expect(weekdayRuns([6, 7, 1, 6])).toEqual([{ from: 6, to: 1, length: 3 }]);
});

describe('in words', () => {
  const { vi, en } = languages;
  const said = (hours: number) =>
    [vi, en].map((texts) => texts.moment(localMoment(VIET_NAM, now + hours * HOUR, now)));

  test('a moment is named by its day', () => {
    expect(said(0)).toEqual(['23:30 hôm nay', '23:30 today']);
    expect(said(6.5)).toEqual(['06:00 ngày mai', '06:00 tomorrow']);
    expect(said(48)).toEqual(['23:30 thứ Hai', '23:30 on Monday']);
    expect(said(24 * 8)).toEqual(['23:30 ngày 29/11', '23:30 on 29 Nov']);
    expect(said(-24)).toEqual(['23:30 hôm qua', '23:30 yesterday']);
    expect(said(-72)).toEqual(['23:30 ngày 18/11', '23:30 on 18 Nov']);
  });

  test('days are named in runs', () => {
    expect(vi.days([7, 1, 2, 3, 4])).toBe('Chủ nhật đến thứ Năm');
    expect(vi.days([5, 6])).toBe('Thứ Sáu và thứ Bảy');
    expect(en.days([1, 2, 3, 6])).toBe('Monday to Wednesday and Saturday');
    expect(en.days([1, 3, 5])).toBe('Monday, Wednesday and Friday');
    expect(en.days([1, 2, 3, 4, 5, 6, 7])).toBe('Every day');
  });

  test('a duration has the unit that matters', () => {
    expect([0, 1, 59, 60, 80, 47 * 60, 48 * 60, 200 * 60].map(vi.duration)).toEqual([
      'chưa đến 1 phút',
      '1 phút',
      '59 phút',
      '1 giờ',
      '1 giờ 20 phút',
      '47 giờ',
      '2 ngày',
      '8 ngày',
    ]);
    expect([0, 1, 80, 48 * 60].map(en.duration)).toEqual([
      'less than a minute',
      '1 min',
      '1 h 20 min',
      '2 days',
    ]);
  });
});
