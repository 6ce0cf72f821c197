import { idSchema, instantSchema } from '@khien/shared/id';
import { partTargetSchema } from '@khien/shared/policy';
import { z } from 'zod';

/** What a child asked. */
export const requestViewSchema = z.object({
  id: idSchema,
  profile: idSchema,
  device: z.nullable(idSchema),
  ask: z.enum(['time', 'help']),
  minutes: z.int(),
  /** What the time is for; null for the whole network. */
  quota: z.nullable(partTargetSchema),
  text: z.string(),
  at: instantSchema,
  /** The router's clock was wrong: it was about then. */
  guessed: z.boolean(),
  answer: z
    .object({ granted: z.boolean(), minutes: z.int(), reply: z.string(), at: instantSchema, by: z.string() })
    .nullable(),
});
export type RequestView = z.infer<typeof requestViewSchema>;

/** `GET /api/v1/households/:household/requests?before=&limit=`: newest first. */
export const requestQuerySchema = z.object({
  before: z.optional(idSchema),
  limit: z.coerce.number().int().min(1).max(200).default(100),
});
export const requestPageSchema = z.object({
  items: z.array(requestViewSchema),
  next: z.nullable(idSchema),
});
export type RequestPage = z.infer<typeof requestPageSchema>;

/** `POST /api/v1/households/:household/requests/:request/answer`; a second answer is refused with `ALREADY_ANSWERED`. */
export const answerSchema = z.object({
  granted: z.boolean(),
  minutes: z
    .int()
    .min(0)
    .max(24 * 60),
  reply: z
    .string()
    .trim()
    .max(300)
    .regex(/^(\P{Cc}|\n)*$/u, 'no control characters'),
});
