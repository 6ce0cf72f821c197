import { idSchema, instantSchema } from '@khien/shared/id';
import { z } from 'zod';
import { nameSchema } from '../name.schema.ts';
import { dutyKinds } from '../rights/right.ts';

export const organisationSchema = z.object({ id: idSchema, name: z.string() });
export type Organisation = z.infer<typeof organisationSchema>;

/** `POST /api/v1/organisations`, `PATCH /api/v1/organisations/:organisation` */
export const organisationRequestSchema = z.object({ name: nameSchema });

/** `GET /api/v1/organisations`: by name, and the internet providers that are known. */
export const organisationListSchema = z.object({
  items: z.array(organisationSchema),
  isps: z.array(z.string()),
});
export type OrganisationList = z.infer<typeof organisationListSchema>;

const emailSchema = z
  .email()
  .max(254)
  .transform((email) => email.toLowerCase());

/** `POST /api/v1/duties`. Administrators are made by a command on the server, and by nothing else. */
export const dutyRequestSchema = z.discriminatedUnion('kind', [
  z.object({ kind: z.literal('worker'), email: emailSchema, organisation: idSchema }),
  z.object({ kind: z.literal('operator'), email: emailSchema, isp: z.string().min(1).max(64) }),
]);
export type DutyRequest = z.input<typeof dutyRequestSchema>;

export const dutyViewSchema = z.object({
  id: idSchema,
  kind: z.enum(dutyKinds),
  name: z.string(),
  email: z.string().nullable(),
  /** The organisation of a worker, the provider of an operator. */
  of: z.string().nullable(),
  since: instantSchema,
});
export type DutyView = z.infer<typeof dutyViewSchema>;

const pageQuery = {
  /** `next` of the page before. */
  before: z.optional(idSchema),
  limit: z.coerce.number().int().min(1).max(100).default(50),
};

/** `GET /api/v1/duties`: newest first. */
export const dutyQuerySchema = z.object(pageQuery);
export const dutyPageSchema = z.object({ items: z.array(dutyViewSchema), next: z.nullable(idSchema) });
export type DutyPage = z.infer<typeof dutyPageSchema>;

/** Who gave or ended which duty. */
export const dutyChangeSchema = z.object({
  id: idSchema,
  at: instantSchema,
  /** The administrator; empty for a command on the server. */
  name: z.string(),
  kind: z.enum(['duty-given', 'duty-ended']),
  duty: z.enum(dutyKinds),
  about: z.string(),
  of: z.string().nullable(),
});
export type DutyChange = z.infer<typeof dutyChangeSchema>;

/** `GET /api/v1/duties/changes`: newest first. */
export const dutyChangesPageSchema = z.object({
  items: z.array(dutyChangeSchema),
  next: z.nullable(idSchema),
});
export type DutyChangesPage = z.infer<typeof dutyChangesPageSchema>;

/** `GET /api/v1/account/duties`: what the own account does for others. */
export const ownDutiesSchema = z.object({ items: z.array(z.enum(dutyKinds)) });
export type OwnDuties = z.infer<typeof ownDutiesSchema>;
