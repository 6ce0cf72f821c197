import { idSchema, instantSchema } from '@khien/shared/id';
import { localDateSchema, quotaTargetSchema } from '@khien/shared/policy';
import { z } from 'zod';

const count = z.int().nonnegative();

/** What a child's week was like, in sums: never what was visited. */
export const weekOfChildSchema = z.object({
  /** Active minutes of each day, Monday first; null where nothing was told of a day. */
  days: z.array(z.object({ day: localDateSchema, minutes: z.nullable(count) })).length(7),
  /** Of the week and of the one before; null where nothing was told. */
  minutes: z.nullable(count),
  minutesBefore: z.nullable(count),
  /** Tries that were blocked, by what blocked them. */
  blocked: z.object({ service: count, category: count, name: count, quota: count, learning: count }),
  blockedBefore: count,
  /** Ways round the rules that were tried, and how often in all. */
  bypass: z.object({ tries: count, methods: z.array(z.string()) }),
  bypassBefore: count,
  /** On how many days which quota was used up. */
  quotas: z.array(z.object({ of: quotaTargetSchema, days: count })),
  bonuses: z.object({ count, minutes: count }),
  /** Wishes for time. Calls for help are between the child and its parents. */
  requests: z.object({ granted: count, refused: count, open: count }),
});
export type WeekOfChild = z.infer<typeof weekOfChildSchema>;

/** What of the week was everybody's. */
export const weekOfHomeSchema = z.object({ newDevices: count });
export type WeekOfHome = z.infer<typeof weekOfHomeSchema>;

export const weeklySchema = weekOfHomeSchema.extend({
  /** Its Monday. */
  week: localDateSchema,
  createdAt: instantSchema,
  children: z.array(weekOfChildSchema.extend({ profile: idSchema })),
});
export type Weekly = z.infer<typeof weeklySchema>;

/** `GET /api/v1/households/:household/weekly`: newest first. */
export const weeklyListSchema = z.object({ items: z.array(weeklySchema) });
