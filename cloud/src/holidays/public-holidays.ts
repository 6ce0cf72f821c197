import type { Instant } from '@khien/shared/id';
import { DAY, localDateOf } from '@khien/shared/policy';
import { oldestDate } from './holidays.ts';
import type { HolidayView, PublicHoliday } from './schema.ts';

/** How far ahead public holidays are offered: a school year. */
const AHEAD = 366 * DAY;

const LAW = 'Bộ luật Lao động 2019 (45/2019/QH14), Điều 112';
const LUNAR = `${LAW}; âm lịch Việt Nam (UTC+7)`;

const tet = (year: number, from: string, to: string): PublicHoliday => ({
  id: `vn-${year}-tet`,
  name: { vi: `Tết Nguyên đán ${year}`, en: `Lunar New Year ${year}` },
  from,
  to,
  source: LUNAR,
});
const hungKings = (year: number, date: string): PublicHoliday => ({
  id: `vn-${year}-hung-kings`,
  name: { vi: 'Giỗ Tổ Hùng Vương', en: 'Hùng Kings’ Day' },
  from: date,
  to: date,
  source: LUNAR,
});

/**
 * Days off by law in Viet Nam. Tết is the eve and the first four days of the lunar year: the five days of the law; what
 * schools add to them is for the parent to add. Hùng Kings’ Day is the tenth of the third lunar month.
 */
export const publicHolidays: readonly PublicHoliday[] = [
  ...[2026, 2027, 2028, 2029].flatMap((year) => [
    {
      id: `vn-${year}-new-year`,
      name: { vi: 'Tết Dương lịch', en: 'New Year’s Day' },
      from: `${year}-01-01`,
      to: `${year}-01-01`,
      source: LAW,
    },
    {
      id: `vn-${year}-reunification`,
      name: { vi: 'Ngày Thống nhất và Quốc tế Lao động', en: 'Reunification and Labour Day' },
      from: `${year}-04-30`,
      to: `${year}-05-01`,
      source: LAW,
    },
    {
      id: `vn-${year}-national-day`,
      name: { vi: 'Quốc khánh', en: 'National Day' },
      from: `${year}-09-01`,
      to: `${year}-09-02`,
      source: LAW,
    },
  ]),
  tet(2026, '2026-02-16', '2026-02-20'),
  tet(2027, '2027-02-05', '2027-02-09'),
  tet(2028, '2028-01-25', '2028-01-29'),
  tet(2029, '2029-02-12', '2029-02-16'),
  hungKings(2026, '2026-04-26'),
  hungKings(2027, '2027-04-16'),
  hungKings(2028, '2028-04-04'),
  hungKings(2029, '2029-04-23'),
].sort((a, b) => (a.from < b.from ? -1 : 1));

/** Those of the year to come on whose days the household has nothing. */
export function offeredHolidays(own: readonly HolidayView[], now: Instant): PublicHoliday[] {
  const latest = localDateOf(now + AHEAD);
  return publicHolidays.filter(
    ({ from, to }) =>
      to >= oldestDate(now) &&
      from <= latest &&
      !own.some((holiday) => holiday.from <= to && holiday.to >= from),
  );
}
