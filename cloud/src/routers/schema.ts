import { idSchema, instantSchema } from '@khien/shared/id';
import { timeSourceSchema } from '@khien/shared/topic';
import { z } from 'zod';
import { nameSchema } from '../name.schema.ts';

/** `POST /api/v1/households/:household/routers`: the code that the router shows. */
export const claimSchema = z.object({
  claimCode: z.string().min(1).max(32),
  name: nameSchema.optional(),
});

/** What the next family of a router is given. */
export const releaseSchema = z.object({
  claimCode: z.string(),
  until: instantSchema,
  /** Opens the web UI with the code filled in. */
  url: z.string(),
});
export type Release = z.infer<typeof releaseSchema>;

export const routerSchema = z.object({
  id: idSchema,
  name: z.string(),
  model: z.string(),
  online: z.boolean(),
  lastSeenAt: z.nullable(instantSchema),
  daemon: z.string().nullable(),
  timeSource: z.nullable(timeSourceSchema),
  /** `enforcing`, or the code of what hinders it; null before the first report. */
  enforcement: z.string().nullable(),
  /** Version of the policy that the kernel holds, and of the newest one. */
  policyInForce: z.int().nullable(),
  policyWanted: z.int(),
  /** The table of names by category; null where it has none. */
  lists: z.nullable(
    z.object({
      version: z.string(),
      names: z.int(),
      /** Blocked categories for whose names the router has no memory. */
      leftOut: z.array(z.string()),
    }),
  ),
  /** Why the newest policy was refused, where it was. */
  refusal: z.object({ code: z.string(), at: instantSchema }).nullable(),
});
export type RouterView = z.infer<typeof routerSchema>;
