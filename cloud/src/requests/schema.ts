import { idSchema, instantSchema } from '@khien/shared/id';
import { z } from 'zod';

/** What a child asked. */
export const requestViewSchema = z.object({
  id: idSchema,
  profile: idSchema,
  device: z.nullable(idSchema),
  ask: z.enum(['time', 'help']),
  minutes: z.int(),
  text: z.string(),
  at: instantSchema,
  answer: z
    .object({ granted: z.boolean(), minutes: z.int(), reply: z.string(), at: instantSchema, by: z.string() })
    .nullable(),
});
export type RequestView = z.infer<typeof requestViewSchema>;

/** `GET /api/v1/households/:household/requests`: newest first. */
export const requestListSchema = z.object({ items: z.array(requestViewSchema) });

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
