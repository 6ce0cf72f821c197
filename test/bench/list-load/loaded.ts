import { z } from 'zod';

/** What a load took. */
export const loadedSchema = z.object({
  milliseconds: z.number(),
  /** Processor time, user and system, in milliseconds. */
  user: z.number(),
  system: z.number(),
  names: z.int(),
  /** Bytes by which the process's memory grew at most. */
  peakGrowth: z.number(),
});
export type Loaded = z.infer<typeof loadedSchema>;
