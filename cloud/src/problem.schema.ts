import { z } from 'zod';

/** Every error answer: RFC 9457 problem details. `code` is stable and is what the UI's language files key on. */
export const problemSchema = z.object({
  type: z.literal('about:blank'),
  title: z.string(),
  status: z.int(),
  code: z.string(),
  detail: z.string().optional(),
  /** For `INVALID_INPUT`: which fields, as JSON pointers, and what is wrong with each. */
  fields: z.array(z.object({ pointer: z.string(), message: z.string() })).optional(),
});
export type Problem = z.infer<typeof problemSchema>;
