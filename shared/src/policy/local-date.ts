import * as z from 'zod/mini';
import type { Instant } from '../id.ts';
import { DAY, MINUTE, offsetAt, type ZoneOffset } from './zone.ts';

/*
 * A local day is given as the instant at which it would begin if local time were UTC: sums of DAY are then local days,
 * whatever the clock does in between.
 */

/** A day of the household's calendar, ISO 8601: YYYY-MM-DD. */
export const localDateSchema = z
  .string()
  .check(z.regex(/^\d{4}-\d{2}-\d{2}$/), z.refine(isOnCalendar, { error: 'no such day' }));

/** Local wall-clock time, HH:MM. */
export const timeOfDaySchema = z.string().check(z.regex(/^([01]\d|2[0-3]):[0-5]\d$/));

/** Midnight, local, of the day that `at` falls on, given as if it were UTC. */
export function startOfLocalDay(offsets: readonly ZoneOffset[], at: Instant): number {
  return Math.floor((at + offsetAt(offsets, at) * MINUTE) / DAY) * DAY;
}

/** ISO 8601 weekday of a local day: 1 is Monday, 7 is Sunday. */
export function isoWeekday(localDay: number): number {
  return ((new Date(localDay).getUTCDay() + 6) % 7) + 1;
}

/** A local day as YYYY-MM-DD. */
export function localDateOf(localDay: number): string {
  return new Date(localDay).toISOString().slice(0, 10);
}

/** Milliseconds from midnight to a time of day on the wall clock. */
export function timeOfDay(time: string): number {
  return (Number(time.slice(0, 2)) * 60 + Number(time.slice(3, 5))) * MINUTE;
}

function isOnCalendar(date: string): boolean {
  const day = new Date(`${date}T00:00:00Z`);
  return !Number.isNaN(day.getTime()) && localDateOf(day.getTime()) === date;
}
