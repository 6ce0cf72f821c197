import * as z from 'zod/mini';
import { type Instant, idSchema } from '../id.ts';
import { DAY, instantOfLocal, MINUTE, offsetAt, type ZoneOffset } from './zone.ts';

const timeOfDaySchema = z.string().check(z.regex(/^([01]\d|2[0-3]):[0-5]\d$/));

/**
 * A weekly window in which the network is off. It starts on each of `days` at `start` and ends at the next `end`, past
 * midnight where `end` is not later; `start` equal to `end` is a whole day.
 */
export const scheduleSchema = z.object({
  id: idSchema,
  name: z.string().check(z.maxLength(64)),
  mode: z.enum(['offline']),
  /** ISO 8601 weekdays on which the window starts: 1 is Monday, 7 is Sunday. */
  days: z.array(z.int().check(z.minimum(1), z.maximum(7))).check(z.minLength(1), z.maxLength(7)),
  /** Local wall-clock time, HH:MM. */
  start: timeOfDaySchema,
  end: timeOfDaySchema,
});
export type Schedule = z.infer<typeof scheduleSchema>;

/** Half open: `from` is inside, `to` is not. */
export interface Window {
  readonly from: Instant;
  readonly to: Instant;
}

/** The windows of `schedules` that touch [from, to), merged where they overlap or meet, in order. */
export function windowsOf(
  schedules: readonly Schedule[],
  offsets: readonly ZoneOffset[],
  from: Instant,
  to: Instant,
): Window[] {
  const found: Window[] = [];
  // A window lasts a day and a shift of the clock at most, so it started at most two local days before.
  const firstDay = startOfLocalDay(offsets, from) - 2 * DAY;
  const lastDay = startOfLocalDay(offsets, to) + DAY;
  for (let day = firstDay; day <= lastDay; day += DAY) {
    const weekday = ((new Date(day).getUTCDay() + 6) % 7) + 1;
    for (const schedule of schedules) {
      if (!schedule.days.includes(weekday)) continue;
      const start = minutesOf(schedule.start) * MINUTE;
      const end = minutesOf(schedule.end) * MINUTE;
      const window = {
        from: instantOfLocal(offsets, day + start),
        to: instantOfLocal(offsets, day + (end > start ? end : end + DAY)),
      };
      if (window.to > from && window.from < to && window.to > window.from) found.push(window);
    }
  }
  return merge(found);
}

/** Midnight, local, of the day that `at` falls on, given as if it were UTC. */
function startOfLocalDay(offsets: readonly ZoneOffset[], at: Instant): number {
  const local = at + offsetAt(offsets, at) * MINUTE;
  return Math.floor(local / DAY) * DAY;
}

function minutesOf(time: string): number {
  return Number(time.slice(0, 2)) * 60 + Number(time.slice(3, 5));
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
