import type { HolidayView } from '../../api/contract.ts';

/** A holiday that is being written; without an id it is a new one. */
export interface HolidayDraft extends Omit<HolidayView, 'id'> {
  readonly id?: string;
}

export type HolidayProblem = 'needsName' | 'needsDates' | 'wrongOrder' | 'tooLong';

const DAY = 24 * 60 * 60_000;
/** As the server takes it. */
const LONGEST = 366;

/** Why a draft cannot be saved; undefined where it can. */
export function problemOf({ name, from, to }: HolidayDraft): HolidayProblem | undefined {
  if (name.trim() === '') return 'needsName';
  if (from === '' || to === '') return 'needsDates';
  if (to < from) return 'wrongOrder';
  return daysIn(from, to) > LONGEST ? 'tooLong' : undefined;
}

/** Both ends included. */
export function daysIn(from: string, to: string): number {
  return Math.round((Date.parse(to) - Date.parse(from)) / DAY) + 1;
}
