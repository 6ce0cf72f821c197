import type { Instant } from '@khien/shared/id';
import {
  DAY,
  instantOfLocal,
  isoWeekday,
  localDateOf,
  MINUTE,
  startOfLocalDay,
  type ZoneOffset,
} from '@khien/shared/policy';

/** When on Monday a family is told of the week that has ended, local time, milliseconds from midnight. */
const TOLD_AT = 7 * 60 * MINUTE;
export const WEEK = 7 * DAY;

/** A week of a household's calendar that is over. */
export interface Week {
  /** Its Monday, YYYY-MM-DD. */
  readonly monday: string;
  /** Its seven dates, Monday first. */
  readonly days: readonly string[];
  /** Local midnight to local midnight; a change of the clock makes it an hour shorter or longer. */
  readonly from: Instant;
  readonly to: Instant;
}

/** The newest week that is to be told of by `now`, and when the next one will be. */
export function weekDue(offsets: readonly ZoneOffset[], now: Instant): { week: Week; next: Instant } {
  const today = startOfLocalDay(offsets, now);
  let monday = today - (isoWeekday(today) - 1) * DAY;
  if (instantOfLocal(offsets, monday + TOLD_AT) > now) monday -= WEEK;
  return {
    week: weekOf(offsets, monday - WEEK),
    next: instantOfLocal(offsets, monday + WEEK + TOLD_AT),
  };
}

/** The week before `week`. */
export function weekBefore(offsets: readonly ZoneOffset[], { monday }: Week): Week {
  return weekOf(offsets, Date.parse(monday) - WEEK);
}

function weekOf(offsets: readonly ZoneOffset[], monday: number): Week {
  return {
    monday: localDateOf(monday),
    days: Array.from({ length: 7 }, (_, index) => localDateOf(monday + index * DAY)),
    from: instantOfLocal(offsets, monday),
    to: instantOfLocal(offsets, monday + WEEK),
  };
}
