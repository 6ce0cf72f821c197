import type { Instant } from '@khien/shared/id';
import { MINUTE, offsetAt, type ZoneOffset } from '@khien/shared/policy';
import type { Moment } from './explanation.ts';

/** An instant with the household's wall-clock time, to the second: `2026-11-21T20:14:05+07:00`. */
export function localMoment(offsets: readonly ZoneOffset[], at: Instant): Moment {
  const minutes = offsetAt(offsets, at);
  const wall = new Date(at + minutes * MINUTE).toISOString().slice(0, 19);
  const two = (value: number) => String(value).padStart(2, '0');
  const east = Math.abs(minutes);
  return { at, local: `${wall}${minutes < 0 ? '-' : '+'}${two(Math.floor(east / 60))}:${two(east % 60)}` };
}
