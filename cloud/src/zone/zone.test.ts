import { DAY, offsetAt } from '@khien/shared/policy';
import { expect, test } from 'vitest';
import { ZoneClock } from './clock.ts';
import { isTimeZone } from './name.ts';

test('the zone clock knows the changes around now, also after a day has passed', () => {
  const clock = new ZoneClock();
  const before = Date.UTC(2026, 2, 28, 12);
  expect(offsetAt(clock.around('Europe/Berlin', before), before)).toBe(60);
  expect(offsetAt(clock.around('Europe/Berlin', before), before + DAY)).toBe(120);
  const years = before + 5 * 366 * DAY;
  expect(offsetAt(clock.around('Europe/Berlin', years), years + 8 * DAY)).toBe(120);
  expect(offsetAt(clock.around('Asia/Ho_Chi_Minh', before), before)).toBe(420);
});

test('only IANA names are time zones', () => {
  expect(['Asia/Ho_Chi_Minh', 'UTC', 'Europe/Berlin'].every(isTimeZone)).toBe(true);
  expect(['', '+07:00', 'Asia/Hanoy', 'vi', '../etc'].some(isTimeZone)).toBe(false);
});
