import type { QuotaTarget, UsageReport } from '../../api/contract.ts';
import { targetKey } from '../../household/rules-edit.ts';

export interface DayMinutes {
  /** Local date, YYYY-MM-DD. */
  readonly day: string;
  readonly minutes: number;
}

/** What minutes were told of in any of the days: the network first, then as they come. */
export function targetsOf({ days }: UsageReport): QuotaTarget[] {
  const found = new Map<string, QuotaTarget>([['network', { kind: 'network' }]]);
  for (const { minutes } of days) for (const { of } of minutes) found.set(targetKey(of), of);
  return [...found.values()];
}

/** The minutes of one target, the oldest day first, as a chart is read. */
export function minutesByDay({ days }: UsageReport, of: QuotaTarget): DayMinutes[] {
  const key = targetKey(of);
  return days
    .map(({ day, minutes }) => ({
      day,
      minutes: minutes.find((one) => targetKey(one.of) === key)?.minutes ?? 0,
    }))
    .reverse();
}

/** The top of a chart's scale: the next half hour, hour or two hours that holds every day, minutes. */
export function scaleOf(days: readonly DayMinutes[]): number {
  const most = Math.max(0, ...days.map(({ minutes }) => minutes));
  const step = most <= 60 ? 30 : most <= 240 ? 60 : 120;
  return Math.max(step, Math.ceil(most / step) * step);
}

/** Of the days that are over, and of today only where there is no other: a day that goes on would lower it. */
export function averageOf(days: readonly DayMinutes[]): number {
  const over = days.length > 1 ? days.slice(0, -1) : days;
  return Math.round(over.reduce((sum, { minutes }) => sum + minutes, 0) / Math.max(over.length, 1));
}

export function isEmpty({ days }: UsageReport): boolean {
  return days.every(({ minutes, blocked, bypass }) => {
    return blocked + bypass === 0 && minutes.every((one) => one.minutes === 0);
  });
}
