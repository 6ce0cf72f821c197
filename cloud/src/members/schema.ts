import { idSchema, instantSchema } from '@khien/shared/id';
import { z } from 'zod';
import { invitationTokenSchema } from '../identity/schema.ts';
import { lineSchema } from '../name.schema.ts';
import { ROLES } from '../rights/right.ts';

const roleSchema = z.enum(ROLES);

export const memberViewSchema = z.object({
  account: idSchema,
  name: z.string(),
  role: roleSchema,
  /** Whoever asks. */
  me: z.boolean(),
  joinedAt: z.nullable(instantSchema),
});
export type MemberView = z.infer<typeof memberViewSchema>;

export const memberChangeSchema = z.object({ role: roleSchema });

export const invitationViewSchema = z.object({
  id: idSchema,
  role: roleSchema,
  /** For whom it is meant, in the words of whoever made it. */
  label: z.string().nullable(),
  invitedBy: z.string(),
  createdAt: instantSchema,
  expiresAt: instantSchema,
});
export type InvitationView = z.infer<typeof invitationViewSchema>;

export const invitationRequestSchema = z.object({
  role: roleSchema,
  label: lineSchema.min(1).max(64).optional(),
});

/** The link is `/join#token`: what is behind the # is sent to no server and is in no log. */
export const invitationMadeSchema = invitationViewSchema.extend({ token: invitationTokenSchema });
export type InvitationMade = z.infer<typeof invitationMadeSchema>;

export const invitationTokenBodySchema = z.object({ token: invitationTokenSchema });

/** All that is told of a household before somebody belongs to it. */
export const invitationOfferSchema = z.object({
  household: z.string(),
  invitedBy: z.string(),
  role: roleSchema,
  expiresAt: instantSchema,
});
export type InvitationOffer = z.infer<typeof invitationOfferSchema>;
