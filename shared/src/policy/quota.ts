import * as z from 'zod/mini';
import { type Id, type Instant, idSchema, instantSchema } from '../id.ts';
import { isoWeekday, localDateOf, localDateSchema, startOfLocalDay, timeOfDay } from './local-date.ts';
import { slugSchema } from './slug.ts';
import { DAY, instantOfLocal, type ZoneOffset } from './zone.ts';

const categorySchema = z.object({ kind: z.literal('category'), id: slugSchema });
const serviceSchema = z.object({ kind: z.literal('service'), id: slugSchema });

/** What can be used up while the rest of the network stays on. */
export const partTargetSchema = z.discriminatedUnion('kind', [categorySchema, serviceSchema]);
export type PartTarget = z.infer<typeof partTargetSchema>;

/** What minutes are counted of: all use of the network, or that of a category's services, or of one service. */
export const quotaTargetSchema = z.discriminatedUnion('kind', [
  z.object({ kind: z.literal('network') }),
  categorySchema,
  serviceSchema,
]);
export type QuotaTarget = z.infer<typeof quotaTargetSchema>;

/** Minutes of a day that are no limit. */
export const NO_LIMIT = 24 * 60;

/** So many active minutes a day, shared by all devices of the child. */
export const quotaSchema = z.object({
  id: idSchema,
  of: quotaTargetSchema,
  /** Minutes for each ISO weekday, Monday first; `NO_LIMIT` is no limit on that day. */
  minutes: z.array(z.int().check(z.minimum(0), z.maximum(NO_LIMIT))).check(z.length(7)),
});
export type Quota = z.infer<typeof quotaSchema>;

/** Minutes that a parent adds to a quota, as a reward; they count in the quota day of `at`. */
export const bonusSchema = z.object({
  id: idSchema,
  quota: idSchema,
  minutes: z.int().check(z.minimum(1), z.maximum(NO_LIMIT)),
  at: instantSchema,
  /** What it is for; the child sees it. */
  reason: z.string().check(z.maxLength(200)),
});
export type Bonus = z.infer<typeof bonusSchema>;

/** Active minutes of a child in one quota day; a later one of the same profile, day and target replaces it. */
export const usageSchema = z.object({
  profile: idSchema,
  day: localDateSchema,
  of: quotaTargetSchema,
  minutes: z.int().check(z.minimum(0), z.maximum(26 * 60)),
});
export type Usage = z.infer<typeof usageSchema>;

/** Active minutes that a child has used of a quota in the quota day of `at`. */
export type Used = (profile: Id, quota: Id, at: Instant) => number;
export const nothingUsed = (): number => 0;

/** From one reset to the next; half open. */
export interface QuotaDay {
  /** The local date on which it starts, YYYY-MM-DD. */
  readonly date: string;
  /** ISO weekday of that date. */
  readonly weekday: number;
  readonly from: Instant;
  readonly to: Instant;
}

/** The quota day that `at` is in. `reset` is local wall-clock time, HH:MM. */
export function quotaDayAt(reset: string, offsets: readonly ZoneOffset[], at: Instant): QuotaDay {
  const shift = timeOfDay(reset);
  let start = startOfLocalDay(offsets, at);
  if (instantOfLocal(offsets, start + shift) > at) start -= DAY;
  return {
    date: localDateOf(start),
    weekday: isoWeekday(start),
    from: instantOfLocal(offsets, start + shift),
    to: instantOfLocal(offsets, start + DAY + shift),
  };
}

/** Minutes of `quota` in `day` with what was added to it; null where there is no limit on that day. */
export function quotaMinutes(quota: Quota, bonuses: readonly Bonus[], day: QuotaDay): number | null {
  const minutes = quota.minutes[day.weekday - 1] ?? NO_LIMIT;
  if (minutes >= NO_LIMIT) return null;
  return bonuses
    .filter((bonus) => bonus.quota === quota.id && bonus.at >= day.from && bonus.at < day.to)
    .reduce((sum, bonus) => sum + bonus.minutes, minutes);
}

export function sameTarget(a: QuotaTarget, b: QuotaTarget): boolean {
  if (a.kind === 'network' || b.kind === 'network') return a.kind === b.kind;
  return a.kind === b.kind && a.id === b.id;
}
