import type { Instant } from '@khien/shared/id';
import { DAY, MINUTE, offsetAt, type ZoneOffset } from '@khien/shared/policy';

/** A moment as a person in the household says it. Computed from the policy's offsets: `Intl` would cost 10 MB of memory. */
export interface LocalMoment {
  /** HH:MM, 24 hours. */
  readonly time: string;
  /** Whole local days from now: 0 is today, 1 tomorrow, negative is past. */
  readonly daysAway: number;
  /** ISO 8601: 1 is Monday. */
  readonly weekday: number;
  readonly day: number;
  /** 1 is January. */
  readonly month: number;
}

export function localMoment(offsets: readonly ZoneOffset[], at: Instant, now: Instant): LocalMoment {
  const local = asLocal(offsets, at);
  const iso = local.toISOString();
  return {
    time: iso.slice(11, 16),
    daysAway: Math.floor(local.getTime() / DAY) - Math.floor(asLocal(offsets, now).getTime() / DAY),
    weekday: ((local.getUTCDay() + 6) % 7) + 1,
    day: local.getUTCDate(),
    month: local.getUTCMonth() + 1,
  };
}

/** A date whose UTC fields are the local ones. */
function asLocal(offsets: readonly ZoneOffset[], at: Instant): Date {
  return new Date(at + offsetAt(offsets, at) * MINUTE);
}

/** Runs of neighbouring weekdays, the week being a circle: [7, 1, 2, 3, 4] is one run. Ordered by where each starts. */
export function weekdayRuns(days: readonly number[]): { from: number; to: number; length: number }[] {
  const on = new Set(days);
  if (on.size === 7) return [{ from: 1, to: 7, length: 7 }];
  const runs: { from: number; to: number; length: number }[] = [];
  for (let day = 1; day <= 7; day += 1) {
    if (!on.has(day) || on.has(previous(day))) continue;
    let length = 1;
    while (on.has(((day + length - 1) % 7) + 1)) length += 1;
    runs.push({ from: day, to: ((day + length - 2) % 7) + 1, length });
  }
  return runs;
}

function previous(day: number): number {
  return day === 1 ? 7 : day - 1;
}
