import { idSchema, instantSchema } from '@khien/shared/id';
import { z } from 'zod';

/** `GET /api/v1/fleet`: how many of the provider's routers are well. */
export const fleetSchema = z.object({
  isp: z.string(),
  routers: z.int(),
  offline: z.int(),
  outdated: z.int(),
  failing: z.int(),
  /** By version of the daemon, the most frequent first. */
  daemons: z.array(z.object({ daemon: z.string().nullable(), routers: z.int() })),
});
export type Fleet = z.infer<typeof fleetSchema>;

/** What is in force, and what was issued last; null where there is none. */
const versionsSchema = z.object({ inForce: z.int().nullable(), issued: z.int().nullable() });

/** The health of a router, and nothing that tells of the family it serves. */
export const fleetRouterSchema = z.object({
  id: idSchema,
  model: z.string(),
  daemon: z.string().nullable(),
  online: z.boolean(),
  lastSeenAt: z.nullable(instantSchema),
  /** `enforcing`, or the code of what hinders it; null before the first report. */
  enforcement: z.string().nullable(),
  documents: z.object({
    /** Whether the newest is in force. By its version somebody could count what the family changes, and when. */
    policy: z.enum(['none', 'outdated', 'newest']),
    contacts: versionsSchema,
    lists: versionsSchema,
  }),
  /** Why the newest policy was refused, where it was. */
  refusal: z.string().nullable(),
});
export type FleetRouter = z.infer<typeof fleetRouterSchema>;

/** `GET /api/v1/fleet/routers`: by id, which is the order in which they were taken in. */
export const fleetQuerySchema = z.object({
  /** `outdated`: a document in force is not the one issued last. `failing`: it does not enforce, or refused its policy. */
  standing: z.enum(['offline', 'outdated', 'failing']).optional(),
  daemon: z.string().max(32).optional(),
  /** `next` of the page before. */
  after: z.optional(idSchema),
  limit: z.coerce.number().int().min(1).max(100).default(50),
});
export const fleetPageSchema = z.object({
  items: z.array(fleetRouterSchema),
  next: z.nullable(idSchema),
});
export type FleetPage = z.infer<typeof fleetPageSchema>;
