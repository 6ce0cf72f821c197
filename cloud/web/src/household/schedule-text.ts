import type { Schedule } from '../api/contract.ts';
import type { Texts } from '../language/vi.ts';
import { endsNextDay } from './schedule-time.ts';

/** e.g. `21:00 – 06:00 hôm sau`. */
export function windowText(texts: Texts, { start, end }: Pick<Schedule, 'start' | 'end'>): string {
  if (start === end) return texts.schedule.wholeDay(start);
  return endsNextDay({ start, end })
    ? texts.schedule.nextDay(start, end)
    : texts.schedule.sameDay(start, end);
}

/** The days of a schedule, with what holds on holidays, e.g. `T2–T6, trừ ngày nghỉ`. */
export function scheduleDaysText(
  texts: Texts,
  { days, holidays }: Pick<Schedule, 'days' | 'holidays'>,
): string {
  const text = daysText(texts, days);
  return holidays === 'included' ? text : `${text}, ${texts.schedule.holidaySummary[holidays]}`;
}

/**
 * ISO weekdays in few words: runs of three or more as a range, also around the end of the week, e.g. `CN–T5`.
 */
export function daysText(texts: Texts, days: readonly number[]): string {
  const { weekdays, everyDay } = texts.schedule;
  const chosen = new Set(days);
  if (chosen.size === 7) return everyDay;
  const name = (day: number) => weekdays[day - 1] ?? '';
  return runs(chosen)
    .flatMap(([first, length]) =>
      length >= 3
        ? [`${name(first)}–${name(wrapped(first + length - 1))}`]
        : Array.from({ length }, (_, index) => name(wrapped(first + index))),
    )
    .join(', ');
}

/** The weekday of a local date, YYYY-MM-DD, in short. */
export function weekdayText({ schedule }: Texts, date: string): string {
  return schedule.weekdays[(new Date(date).getUTCDay() + 6) % 7] ?? '';
}

/** Runs of neighbouring days as [first day, length]. A run may go over the end of the week. */
function runs(days: ReadonlySet<number>): [number, number][] {
  const found: [number, number][] = [];
  for (let day = 1; day <= 7; day += 1) {
    if (!days.has(day) || days.has(wrapped(day - 1))) continue;
    let length = 1;
    while (days.has(wrapped(day + length))) length += 1;
    found.push([day, length]);
  }
  return found;
}

function wrapped(day: number): number {
  return ((day + 6) % 7) + 1;
}
