import { idSchema, instantSchema } from '@khien/shared/id';
import { z } from 'zod';

/** What somebody who is no member looked at. */
export const lookSchema = z.enum(['family', 'activity', 'rules', 'requests', 'router']);
export type Look = z.infer<typeof lookSchema>;

/** What a household's own people, or those of the service, changed. */
export const auditKinds = [
  'member-added',
  'member-changed',
  'member-removed',
  'consent-given',
  'consent-ended',
  'router-added',
  'router-removed',
  'data-exported',
  'api-key-added',
  'api-key-removed',
  'webhook-added',
  'webhook-removed',
] as const;
export type AuditKind = (typeof auditKinds)[number];

export const actingAsSchema = z.enum(['member', 'worker', 'operator', 'administrator']);
export type ActingAs = z.infer<typeof actingAsSchema>;

const writtenSchema = z.object({
  id: idSchema,
  at: instantSchema,
  /** Who it was, as they were called then. */
  name: z.string(),
  actingAs: actingAsSchema,
  /** The organisation or internet provider for which it was. */
  organisation: z.string().nullable(),
  /** Whom or what it is about: the name of a member, a worker, a router. */
  about: z.string().nullable(),
});

/** What a family reads of who has looked, and who changed what. `look` is set where `kind` is `looked`. */
export const auditItemSchema = writtenSchema.extend({
  kind: z.enum(['looked', ...auditKinds]),
  look: z.nullable(lookSchema),
});
export type AuditItem = z.infer<typeof auditItemSchema>;

/** `GET /api/v1/households/:household/audit`: newest first. */
export const auditPageSchema = z.object({ items: z.array(auditItemSchema), next: z.nullable(idSchema) });
export type AuditPage = z.infer<typeof auditPageSchema>;

export const auditQuerySchema = z.object({
  before: z.optional(idSchema),
  limit: z.coerce.number().int().min(1).max(100).default(50),
});
