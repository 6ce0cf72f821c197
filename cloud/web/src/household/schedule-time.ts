import type { HolidayView, Schedule } from '../api/contract.ts';
import { timeOfDay, zoned } from '../language/zoned.ts';

/** Minutes after midnight of HH:MM. */
export function minutesOfDay(time: string): number {
  return Number(time.slice(0, 2)) * 60 + Number(time.slice(3, 5));
}

type Window = Pick<Schedule, 'days' | 'start' | 'end' | 'holidays'>;
type Holidays = readonly Pick<HolidayView, 'from' | 'to'>[];

const DAY = 24 * 60 * 60_000;

/** Does a window end on the day after it starts? Equal times are a whole day. */
export function endsNextDay({ start, end }: Pick<Schedule, 'start' | 'end'>): boolean {
  return minutesOfDay(end) <= minutesOfDay(start);
}

/** Is `window` open at an instant, read on the household's clock and calendar? */
export function isOpenAt(window: Window, instant: number, zone: string, holidays: Holidays): boolean {
  const { weekday, hour, minute, dayNumber } = zoned(instant, zone);
  const at = hour * 60 + minute;
  const start = minutesOfDay(window.start);
  const end = minutesOfDay(window.end);
  const today = window.days.includes(weekday);
  if (!endsNextDay(window)) return today && start <= at && at < end && holdsOn(window, dayNumber, holidays);
  const yesterday = weekday === 1 ? 7 : weekday - 1;
  // A night is of the day that it ends on; one that ends at midnight has none of that day.
  const startedToday =
    today && at >= start && holdsOn(window, end === 0 ? dayNumber : dayNumber + 1, holidays);
  return (
    startedToday || (window.days.includes(yesterday) && at < end && holdsOn(window, dayNumber, holidays))
  );
}

function holdsOn(window: Window, dayNumber: number, holidays: Holidays): boolean {
  if (window.holidays === 'included') return true;
  const date = new Date(dayNumber * DAY).toISOString().slice(0, 10);
  const free = holidays.some(({ from, to }) => from <= date && date <= to);
  return (window.holidays === 'only') === free;
}

/** The first of `schedules` that is open at an instant. */
export function scheduleOpenAt<S extends Window>(
  schedules: readonly S[],
  instant: number,
  zone: string,
  holidays: Holidays,
): S | undefined {
  return schedules.find((schedule) => isOpenAt(schedule, instant, zone, holidays));
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
