import { deviceEvidence } from '@khien/shared/event';
import { idSchema, instantSchema, macSchema } from '@khien/shared/id';
import { z } from 'zod';

/** A new address that looks like a child's device under another one. */
export const proposalViewSchema = z.object({
  id: idSchema,
  mac: macSchema,
  /** The device that now has this address; null where it is gone. */
  found: z.nullable(idSchema),
  /** The device that it is taken for. */
  device: idSchema,
  /** By what it is taken for it. */
  evidence: z.array(z.enum(deviceEvidence)),
  at: instantSchema,
});
export type ProposalView = z.infer<typeof proposalViewSchema>;

/** `GET /api/v1/households/:household/proposals`: those to be decided, oldest first. */
export const proposalListSchema = z.object({ items: z.array(proposalViewSchema) });
