import type { Schedule } from '../api/contract.ts';
import { timeOfDay, zoned } from '../language/zoned.ts';

/** Minutes after midnight of HH:MM. */
export function minutesOfDay(time: string): number {
  return Number(time.slice(0, 2)) * 60 + Number(time.slice(3, 5));
}

type Window = Pick<Schedule, 'days' | 'start' | 'end'>;

/** Does a window end on the day after it starts? Equal times are a whole day. */
export function endsNextDay({ start, end }: Pick<Schedule, 'start' | 'end'>): boolean {
  return minutesOfDay(end) <= minutesOfDay(start);
}

/** Is `window` open at an instant, read on the household's clock? */
export function isOpenAt(window: Window, instant: number, zone: string): boolean {
  const { weekday, hour, minute } = zoned(instant, zone);
  const at = hour * 60 + minute;
  const start = minutesOfDay(window.start);
  const end = minutesOfDay(window.end);
  if (!endsNextDay(window)) return window.days.includes(weekday) && start <= at && at < end;
  const yesterday = weekday === 1 ? 7 : weekday - 1;
  return (window.days.includes(weekday) && at >= start) || (window.days.includes(yesterday) && at < end);
}

/** The first of `schedules` that is open at an instant. */
export function scheduleOpenAt<S extends Window>(
  schedules: readonly S[],
  instant: number,
  zone: string,
): S | undefined {
  return schedules.find((schedule) => isOpenAt(schedule, instant, zone));
}

const MINUTE = 60_000;
const MORNING = 6 * 60;
/** A morning nearer than this is not what "until the morning" means, minutes. */
const NEAREST = 60;

/** Minutes from `now` to the next six o'clock in the morning that is at least an hour away. */
export function minutesToMorning(now: number, zone: string): number {
  const { hour, minute } = zoned(now, zone);
  const at = hour * 60 + minute;
  const rough = (MORNING - at + 24 * 60) % (24 * 60);
  const minutes = rough < NEAREST ? rough + 24 * 60 : rough;
  // A change of the clock on the way moves the morning.
  const arrived = minutesOfDay(timeOfDay(now + minutes * MINUTE, zone));
  return minutes + MORNING - arrived;
}
