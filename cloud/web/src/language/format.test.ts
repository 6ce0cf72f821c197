import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { formatIn } from './format.ts';
import { allZones, knownZone, timeOfDay, zoned } from './zoned.ts';

const MINUTE = 60_000;
const HOUR = 60 * MINUTE;
const DAY = 24 * HOUR;
// A Wednesday, 20:14 in Hà Nội.
const NOW = Date.UTC(2026, 4, 20, 13, 14);
const vi = formatIn('vi', 'Asia/Ho_Chi_Minh');
const en = formatIn('en', 'Asia/Ho_Chi_Minh');

describe('moments', () => {
  test.each([
    [NOW + 46 * MINUTE, '21:00', '21:00'],
    [NOW + 9 * HOUR, '05:14 ngày mai', '05:14 tomorrow'],
    [NOW - 21 * HOUR, '23:14 hôm qua', '23:14 yesterday'],
    [NOW + 3 * DAY, '20:14 thứ Bảy', '20:14 Saturday'],
    [NOW - 9 * DAY, '20:14 thứ Hai, 11 tháng 5', '20:14 Monday 11 May'],
  ])('%i is %s, %s', (instant, vietnamese, english) => {
    expect(vi.moment(instant, NOW)).toBe(vietnamese);
    expect(en.moment(instant, NOW)).toBe(english);
  });

  test('a day inside of a sentence is written small where the language does so', () => {
    const sunday = NOW - 10 * DAY;
    expect([vi.day(sunday, NOW), en.day(sunday, NOW)]).toEqual(['Chủ Nhật, 10 tháng 5', 'Sunday 10 May']);
    expect(vi.dayInSentence(sunday, NOW)).toBe('chủ nhật, 10 tháng 5');
    expect(en.dayInSentence(sunday, NOW)).toBe('Sunday 10 May');
    expect([vi.dayInSentence(NOW, NOW), en.dayInSentence(NOW - DAY, NOW)]).toEqual(['hôm nay', 'yesterday']);
    expect(vi.ago(NOW - 40 * DAY, NOW)).toBe('thứ Sáu, 10 tháng 4');
  });

  test('a year is said only where it is another one', () => {
    expect(en.moment(NOW - 400 * DAY, NOW)).toContain('2025');
    expect(en.day(NOW - 20 * DAY, NOW)).toBe('Thursday 30 April');
  });

  test("are told in the household's zone, wherever the phone is", () => {
    const before = formatIn('en', 'America/New_York');
    expect(before.time(NOW)).toBe('09:14');
    // Midnight lies between the two, so that it is another day.
    const late = Date.UTC(2026, 4, 20, 17, 30);
    expect(vi.day(late, NOW)).not.toBe('Hôm nay');
    expect(before.day(late, NOW)).toBe('Today');
  });

  test('a zone that this phone does not know is read as UTC', () => {
    expect(formatIn('en', 'Mars/Olympus').time(NOW)).toBe('13:14');
    expect(knownZone('')).toBe('UTC');
  });
});

describe('spans', () => {
  test.each([
    [10_000, 'vừa xong', 'just now'],
    [-5 * MINUTE, 'vừa xong', 'just now'],
    [50_000, '1 phút trước', '1 minute ago'],
    [5 * MINUTE, '5 phút trước', '5 minutes ago'],
    [61 * MINUTE, '1 giờ trước', '1 hour ago'],
    [26 * HOUR, '1 ngày trước', '1 day ago'],
  ])('%i ms ago: %s, %s', (ago, vietnamese, english) => {
    expect([vi.ago(NOW - ago, NOW), en.ago(NOW - ago, NOW)]).toEqual([vietnamese, english]);
  });

  test.each([
    [15, '15 phút', '15 minutes'],
    [60, '1 giờ', '1 hour'],
    [90, '1 giờ 30 phút', '1 hour 30 minutes'],
    [1440, '24 giờ', '24 hours'],
  ])('%i minutes: %s, %s', (minutes, vietnamese, english) => {
    expect([vi.duration(minutes), en.duration(minutes)]).toEqual([vietnamese, english]);
  });
});

test('a wall clock is the one that Intl shows, in every zone and at every instant', () => {
  const zones = [
    'Asia/Ho_Chi_Minh',
    'Europe/Berlin',
    'America/St_Johns',
    'Pacific/Apia',
    'Asia/Kathmandu',
    'UTC',
  ];
  fc.assert(
    fc.property(fc.constantFrom(...zones), fc.integer({ min: 0, max: 4e12 }), (zone, instant) => {
      const shown = new Intl.DateTimeFormat('en-GB', { timeZone: zone, timeStyle: 'short' }).format(instant);
      expect(timeOfDay(instant, zone)).toBe(shown);
      const weekday = new Intl.DateTimeFormat('en-GB', { timeZone: zone, weekday: 'short' }).format(instant);
      const { weekday: day } = zoned(instant, zone);
      expect(['Mon', 'Tue', 'Wed', 'Thu', 'Fri', 'Sat', 'Sun'][day - 1]).toBe(weekday);
    }),
  );
});

test('Hồ Chí Minh is offered under its present name', () => {
  expect(allZones()).toContain('Asia/Ho_Chi_Minh');
  expect(allZones()).not.toContain('Asia/Saigon');
});

test('local dates are told as they are, in any zone', () => {
  const now = Date.UTC(2026, 4, 20);
  // Ranges are written with thin spaces.
  const plain = (text: string) => text.replace(/\s/g, ' ');
  for (const zone of ['Asia/Ho_Chi_Minh', 'Pacific/Kiritimati', 'America/Los_Angeles']) {
    const vi = formatIn('vi', zone);
    expect(plain(vi.dates('2026-09-01', '2026-09-02', now))).toBe('1 – 2 tháng 9');
    expect(vi.dates('2026-04-26', '2026-04-26', now)).toBe('26 tháng 4');
    expect(plain(vi.dates('2027-06-01', '2027-08-31', now))).toBe('1 tháng 6 – 31 tháng 8, 2027');
    expect(plain(formatIn('en', zone).dates('2026-04-30', '2026-05-01', now))).toBe('30 April – 1 May');
    expect(vi.shortDate('2026-09-01')).toBe('1/9');
  }
});

test('counts are grouped as each language does', () => {
  expect([formatIn('vi', 'UTC').count(214_530), formatIn('en', 'UTC').count(214_530)]).toEqual([
    '214.530',
    '214,530',
  ]);
});
