import { type LocalMoment, weekdayRuns } from '../local-time.ts';

interface MomentWords {
  readonly yesterday: (time: string) => string;
  readonly today: (time: string) => string;
  readonly tomorrow: (time: string) => string;
  readonly weekday: (time: string, day: number) => string;
  readonly date: (time: string, day: number, month: number) => string;
}

/** A moment by its day as people name it: today, a weekday within the coming week, else the date. */
export function momentText(at: LocalMoment, words: MomentWords): string {
  if (at.daysAway === -1) return words.yesterday(at.time);
  if (at.daysAway === 0) return words.today(at.time);
  if (at.daysAway === 1) return words.tomorrow(at.time);
  if (at.daysAway > 1 && at.daysAway < 7) return words.weekday(at.time, at.weekday);
  return words.date(at.time, at.day, at.month);
}

interface DayWords {
  readonly everyDay: string;
  readonly name: (day: number) => string;
  readonly range: (from: string, to: string) => string;
  readonly and: string;
}

/** Weekdays in words: `thứ Hai đến thứ Năm và Chủ nhật`, with a capital at the start. */
export function runsText(days: readonly number[], words: DayWords): string {
  const parts = weekdayRuns(days).flatMap(({ from, to, length }) => {
    if (length === 7) return words.everyDay;
    if (length === 1) return words.name(from);
    if (length === 2) return [words.name(from), words.name(to)];
    return words.range(words.name(from), words.name(to));
  });
  const last = parts.pop() ?? '';
  const text = parts.length === 0 ? last : `${parts.join(', ')} ${words.and} ${last}`;
  return text.charAt(0).toUpperCase() + text.slice(1);
}
