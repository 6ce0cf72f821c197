import * as z from 'zod/mini';
import { type Instant, idSchema } from '../id.ts';
import { type Holiday, isHoliday } from './holiday.ts';
import { isoWeekday, startOfLocalDay, timeOfDay, timeOfDaySchema } from './local-date.ts';
import { DAY, instantOfLocal, type ZoneOffset } from './zone.ts';

/** offline: the network is off. learning: only what study needs. free: what is used does not count against quotas. */
export const scheduleModes = ['offline', 'learning', 'free'] as const;
export type ScheduleMode = (typeof scheduleModes)[number];

/**
 * A weekly window. It starts on each of `days` at `start` and ends at the next `end`, past midnight where `end` is not
 * later; `start` equal to `end` is a whole day.
 */
export const scheduleSchema = z.object({
  id: idSchema,
  name: z.string().check(z.maxLength(64)),
  mode: z.enum(scheduleModes),
  /** ISO 8601 weekdays on which the window starts: 1 is Monday, 7 is Sunday. */
  days: z.array(z.int().check(z.minimum(1), z.maximum(7))).check(z.minLength(1), z.maxLength(7)),
  start: timeOfDaySchema,
  end: timeOfDaySchema,
  /** Whether it holds on holidays. A window past midnight is of the day that it ends on: the eve of a holiday is free. */
  holidays: z._default(z.enum(['included', 'excluded', 'only']), 'included'),
});
export type Schedule = z.infer<typeof scheduleSchema>;

/** Half open: `from` is inside, `to` is not. */
export interface Window {
  readonly from: Instant;
  readonly to: Instant;
}

/** What wall-clock times are read by. */
export interface Calendar {
  /** The zone's offsets, oldest first. */
  readonly offsets: readonly ZoneOffset[];
  readonly holidays: readonly Holiday[];
}

/** The windows of `schedules` that touch [from, to), merged where they overlap or meet, in order. */
export function windowsOf(
  schedules: readonly Schedule[],
  { offsets, holidays }: Calendar,
  from: Instant,
  to: Instant,
): Window[] {
  const found: Window[] = [];
  const isFree = freeDays(holidays);
  const times = schedules.map((schedule) => {
    const start = timeOfDay(schedule.start);
    const end = timeOfDay(schedule.end);
    return {
      schedule,
      start,
      length: end > start ? end - start : end - start + DAY,
      spansMidnight: end <= start && end > 0,
    };
  });
  // A window lasts a day and a shift of the clock at most, so it started at most two local days before.
  const firstDay = startOfLocalDay(offsets, from) - 2 * DAY;
  const lastDay = startOfLocalDay(offsets, to) + DAY;
  for (let day = firstDay; day <= lastDay; day += DAY) {
    const weekday = isoWeekday(day);
    for (const { schedule, start, length, spansMidnight } of times) {
      if (!schedule.days.includes(weekday)) continue;
      if (!holdsOn(schedule, () => isFree(spansMidnight ? day + DAY : day))) continue;
      const window = {
        from: instantOfLocal(offsets, day + start),
        to: instantOfLocal(offsets, day + start + length),
      };
      if (window.to > from && window.from < to && window.to > window.from) found.push(window);
    }
  }
  return merge(found);
}

function holdsOn(schedule: Schedule, isHoliday: () => boolean): boolean {
  return schedule.holidays === 'included' || (schedule.holidays === 'only') === isHoliday();
}

/** Looks each local day up once. */
function freeDays(holidays: readonly Holiday[]): (day: number) => boolean {
  const known = new Map<number, boolean>();
  return (day) => {
    const before = known.get(day);
    if (before !== undefined) return before;
    const free = isHoliday(holidays, day);
    known.set(day, free);
    return free;
  };
}

function merge(windows: Window[]): Window[] {
  const merged: Window[] = [];
  for (const window of windows.sort((a, b) => a.from - b.from)) {
    const last = merged.at(-1);
    if (last !== undefined && window.from <= last.to) {
      merged[merged.length - 1] = { from: last.from, to: Math.max(last.to, window.to) };
    } else {
      merged.push(window);
    }
  }
  return merged;
}
