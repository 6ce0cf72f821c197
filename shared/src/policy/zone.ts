import * as z from 'zod/mini';
import { type Instant, instantSchema } from '../id.ts';

export const MINUTE = 60_000;
export const DAY = 24 * 60 * MINUTE;

/** From `from` on, local time in the household's zone is UTC plus `minutes`. */
export const zoneOffsetSchema = z.object({
  from: instantSchema,
  minutes: z.int().check(z.minimum(-24 * 60), z.maximum(24 * 60)),
});
export type ZoneOffset = z.infer<typeof zoneOffsetSchema>;

/** Minutes east of UTC at `at`. Before the first known offset the first holds, after the last the last. */
export function offsetAt(offsets: readonly ZoneOffset[], at: Instant): number {
  let minutes = offsets[0]?.minutes ?? 0;
  for (const offset of offsets) {
    if (offset.from > at) break;
    minutes = offset.minutes;
  }
  return minutes;
}

/**
 * The instant of a wall-clock time, given as if it were UTC. A time that a change to summer time skips is read with the
 * offset before the change; of a time that happens twice the earlier is meant (as Temporal's `compatible` does).
 */
export function instantOfLocal(offsets: readonly ZoneOffset[], local: number): Instant {
  const before = offsetAt(offsets, local - DAY);
  const first = local - before * MINUTE;
  if (offsetAt(offsets, first) === before) return first;
  const second = local - offsetAt(offsets, first) * MINUTE;
  return offsetAt(offsets, second) === before ? first : second;
}
