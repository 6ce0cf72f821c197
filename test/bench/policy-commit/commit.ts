import { z } from 'zod';

/** What the worker is told: a signed policy has come; or to wait until all names are loaded. */
export const commandSchema = z.union([
  z.object({ policy: z.string() }),
  z.object({ settle: z.literal(true) }),
]);
export type Command = z.infer<typeof commandSchema>;

/** Milliseconds from a policy's arrival. */
export const commitSchema = z.object({
  /** Until its signature and schema were proven. */
  opened: z.number(),
  /** Until the kernel had it. */
  committed: z.number(),
  /** Whether names were being loaded when it came, and still when it was committed. */
  isLoading: z.boolean(),
});
export type Commit = z.infer<typeof commitSchema>;

export const settledSchema = z.object({ names: z.int() });
export type Settled = z.infer<typeof settledSchema>;
