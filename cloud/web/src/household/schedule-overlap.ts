import { type Schedule, scheduleModes } from '../api/contract.ts';
import { minutesOfDay } from './schedule-time.ts';

/** Where two schedules of different modes hold at the same time: which of them counts, and when. */
export interface Overlap {
  readonly winner: Schedule;
  readonly loser: Schedule;
  /** ISO weekdays on which the common time starts. */
  readonly days: readonly number[];
  readonly start: string;
  readonly end: string;
}

const DAY = 24 * 60;
const WEEK = 7 * DAY;

/** Every overlap of different modes, in the order of the rules; each pair with its first common time of the day. */
export function overlapsOf(schedules: readonly Schedule[]): Overlap[] {
  return schedules.flatMap((one, index) =>
    schedules.slice(index + 1).flatMap((other) => {
      if (one.mode === other.mode || neverTogether(one, other)) return [];
      const [winner, loser] = rank(one) < rank(other) ? [one, other] : [other, one];
      return commonTime(winner, loser);
    }),
  );
}

/** offline beats learning beats free: the order of the contract. */
function rank({ mode }: Schedule): number {
  return scheduleModes.indexOf(mode);
}

function neverTogether(one: Schedule, other: Schedule): boolean {
  const both = [one.holidays, other.holidays];
  return both.includes('only') && both.includes('excluded');
}

function commonTime(winner: Schedule, loser: Schedule): Overlap[] {
  const byTime = new Map<string, { days: Set<number>; start: string; end: string }>();
  for (const a of windows(winner)) {
    for (const b of windows(loser)) {
      // Around the end of the week either may be the earlier one.
      for (const shift of [-WEEK, 0, WEEK]) {
        const from = Math.max(a.from, b.from + shift);
        const to = Math.min(a.to, b.to + shift);
        if (from >= to) continue;
        const start = timeOf(from);
        const end = timeOf(to);
        const known = byTime.get(`${start} ${end}`) ?? { days: new Set(), start, end };
        known.days.add(Math.floor(((from + WEEK) % WEEK) / DAY) + 1);
        byTime.set(`${start} ${end}`, known);
      }
    }
  }
  const [first] = byTime.values();
  return first === undefined
    ? []
    : [{ winner, loser, days: [...first.days].sort(), start: first.start, end: first.end }];
}

/** Minutes of the week, from Monday's midnight; the end may lie beyond Sunday's. */
function windows({ days, start, end }: Schedule): { from: number; to: number }[] {
  const length = (minutesOfDay(end) - minutesOfDay(start) + DAY - 1) % DAY;
  return days.map((day) => {
    const from = (day - 1) * DAY + minutesOfDay(start);
    return { from, to: from + length + 1 };
  });
}

function timeOf(minuteOfWeek: number): string {
  const minute = (minuteOfWeek + WEEK) % DAY;
  const two = (value: number) => String(value).padStart(2, '0');
  return `${two(Math.floor(minute / 60))}:${two(minute % 60)}`;
}
