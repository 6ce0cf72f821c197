import { idSchema, instantSchema } from '@khien/shared/id';
import { z } from 'zod';

/** One burst of tries that were blocked or that went round the rules: who, on what, which rule, when, how often. */
export const activityItemSchema = z.object({
  burst: idSchema,
  profile: idSchema,
  device: idSchema,
  target: z.object({
    /**
     * quota: the time of the service `id` was used up. learning: not of what study needs; `id` is `learning`. bypass: a way
     * round the rules; `id` is its method, `name` the service whose address was tried, or empty.
     */
    kind: z.enum(['service', 'category', 'name', 'quota', 'learning', 'bypass']),
    id: z.string(),
    name: z.string(),
  }),
  count: z.int(),
  firstAt: instantSchema,
  lastAt: instantSchema,
  /** The router's clock was wrong: it was about then. */
  guessed: z.boolean(),
});
export type ActivityItem = z.infer<typeof activityItemSchema>;

/** `GET /api/v1/households/:household/activity?profile=&before=&limit=`: newest first. */
export const activityQuerySchema = z.object({
  profile: z.optional(idSchema),
  /** `next` of the page before. */
  before: z.optional(z.string().regex(/^\d{1,16}\.[0-7][0-9A-HJKMNP-TV-Z]{25}$/, 'a cursor of a page')),
  limit: z.coerce.number().int().min(1).max(100).default(50),
});
export const activityPageSchema = z.object({
  items: z.array(activityItemSchema),
  /** When the last of these was, and its id: what grows meanwhile moves to the first page, where it is found. */
  next: z.nullable(z.string()),
});
export type ActivityPage = z.infer<typeof activityPageSchema>;
