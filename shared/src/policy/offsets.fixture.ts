import { Temporal } from 'temporal-polyfill';
import type { Instant } from '../id.ts';
import type { ZoneOffset } from './zone.ts';

/** Zones that differ in how, when and whether they change the clock. */
export const zones = [
  'Asia/Ho_Chi_Minh',
  'Europe/Berlin',
  'America/New_York',
  'Australia/Lord_Howe', // shifts by half an hour
  'America/Santiago', // changes at midnight
  'Asia/Kathmandu', // UTC+5:45
];
export const YEAR = { from: Date.UTC(2026, 0, 1), to: Date.UTC(2027, 0, 1) };

/** Independent of the code under test: asks the time-zone database for every change of offset in the year around. */
export function offsetsOf(zone: string): ZoneOffset[] {
  let at = startOf(zone, YEAR.from - 40 * 86_400_000);
  const offsets: ZoneOffset[] = [];
  for (
    let next: typeof at | null = at;
    next !== null && next.epochMilliseconds < YEAR.to + 40 * 86_400_000;
  ) {
    at = next;
    offsets.push({ from: at.epochMilliseconds, minutes: Math.round(at.offsetNanoseconds / 60e9) });
    next = at.getTimeZoneTransition('next');
  }
  return offsets;
}

function startOf(zone: string, at: Instant): Temporal.ZonedDateTime {
  return Temporal.Instant.fromEpochMilliseconds(at).toZonedDateTimeISO(zone);
}
