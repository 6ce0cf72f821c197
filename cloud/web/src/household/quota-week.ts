import { NO_LIMIT } from '../api/contract.ts';

/** ISO weekdays with school, as the quick editor means them, and those without. */
export const schoolDays = [1, 2, 3, 4, 5];
export const weekendDays = [6, 7];

/** What a parent chooses from, minutes; the last is no limit. */
const STEPS = [0, 10, 15, 20, 30, 45, 60, 75, 90, 105, 120, 150, 180, 210, 240, 300, 360, 420, 480, 600, 720];

/** The choices for a day, with what it is now, so that a preset's or another app's minutes are never changed unseen. */
export function minuteChoices(present: number | undefined): number[] {
  const all = new Set([...STEPS, NO_LIMIT, ...(present === undefined ? [] : [present])]);
  return [...all].sort((a, b) => a - b);
}

/** The minutes of some days where they are all the same; undefined where they differ. */
export function commonMinutes(week: readonly number[], days: readonly number[]): number | undefined {
  const amounts = new Set(days.map((day) => week[day - 1]));
  return amounts.size === 1 ? [...amounts][0] : undefined;
}

export function withMinutes(week: readonly number[], days: readonly number[], minutes: number): number[] {
  return week.map((other, index) => (days.includes(index + 1) ? minutes : other));
}
