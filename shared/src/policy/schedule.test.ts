import { Temporal } from 'temporal-polyfill';
import { describe, expect, it } from 'vitest';
import { newId } from '../id.ts';
import { offsetsOf, YEAR, zones } from './offsets.fixture.ts';
import { type Schedule, windowsOf } from './schedule.ts';
import { instantOfLocal, MINUTE, offsetAt } from './zone.ts';

const schedule = (days: number[], start: string, end: string): Schedule => ({
  id: newId(),
  name: 'test',
  mode: 'offline',
  holidays: 'included',
  days,
  start,
  end,
});

describe.each(zones)('in %s', (zone) => {
  const offsets = offsetsOf(zone);

  it('reads a local time as the time-zone database does, each hour of a year', () => {
    for (let local = YEAR.from; local < YEAR.to; local += 30 * MINUTE) {
      const date = new Date(local);
      const expected = Temporal.PlainDateTime.from({
        year: date.getUTCFullYear(),
        month: date.getUTCMonth() + 1,
        day: date.getUTCDate(),
        hour: date.getUTCHours(),
        minute: date.getUTCMinutes(),
      }).toZonedDateTime(zone, { disambiguation: 'compatible' }).epochMilliseconds;
      expect(instantOfLocal(offsets, local), date.toISOString()).toBe(expected);
    }
  });

  it('finds the windows that a walk over every minute of a year finds', () => {
    const schedules = [
      schedule([7, 1, 2, 3, 4], '21:00', '06:00'),
      schedule([5, 6], '23:30', '07:15'),
      schedule([1, 3], '12:00', '13:30'),
      schedule([6], '13:00', '13:10'),
    ];
    const found = windowsOf(schedules, { offsets, holidays: [] }, YEAR.from, YEAR.to);
    // The walk knows the wall clock alone: inside on a day's own window, or on what is left of the evening before.
    const disagreements: string[] = [];
    let next = 0;
    for (let at = YEAR.from; at < YEAR.to; at += MINUTE) {
      while (next < found.length && (found[next]?.to ?? 0) <= at) next += 1;
      const window = found[next];
      const inside = window !== undefined && window.from <= at;
      if (inside !== insideByWallClock(schedules, at + offsetAt(offsets, at) * MINUTE)) {
        disagreements.push(new Date(at).toISOString());
      }
    }
    // On the night of a change of the clock an hour that happens twice, or never, may fall either way.
    const changes = offsets.slice(1).map((offset) => offset.from);
    const unexplained = disagreements.filter(
      (at) => !changes.some((change) => Math.abs(change - Date.parse(at)) < 2 * 3600_000),
    );
    expect(unexplained).toEqual([]);
  });
});

function insideByWallClock(schedules: readonly Schedule[], local: number): boolean {
  const date = new Date(local);
  const weekday = ((date.getUTCDay() + 6) % 7) + 1;
  const yesterday = weekday === 1 ? 7 : weekday - 1;
  const time = date.toISOString().slice(11, 16);
  return schedules.some(({ days, start, end }) => {
    if (end > start) return days.includes(weekday) && time >= start && time < end;
    return (days.includes(weekday) && time >= start) || (days.includes(yesterday) && time < end);
  });
}
