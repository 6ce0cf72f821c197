import { idSchema, instantSchema } from '@khien/shared/id';
import { ageBandSchema, rulesSchema } from '@khien/shared/policy';
import { z } from 'zod';
import { scopes } from '../rights/right.ts';

/** No consent is for longer; a family that wants more help consents again. */
export const MAX_DAYS = 90;

export const scopeSchema = z.enum(scopes);
/** Each once, in the order of `scopes`. */
export const scopeListSchema = z.array(scopeSchema).max(scopes.length);

/** What the worker shows, as the parent typed it. */
export const workerCodeSchema = z.object({ code: z.string().min(1).max(32) });

/** `POST /api/v1/households/:household/consents/worker`: whose code it is, before anything is consented to. */
export const workerViewSchema = z.object({ name: z.string(), organisation: z.string() });
export type WorkerView = z.infer<typeof workerViewSchema>;

/** `POST /api/v1/households/:household/consents`; a new one with the same worker replaces the old. */
export const consentRequestSchema = workerCodeSchema.extend({
  scope: z
    .array(scopeSchema)
    .min(1)
    .max(scopes.length)
    .transform((asked) => scopes.filter((scope) => asked.includes(scope))),
  days: z.int().min(1).max(MAX_DAYS),
  /** The parent says that the children who are seven or older agree too (Law 91/2025/QH15). */
  childrenAgree: z.literal(true),
});
export type ConsentRequest = z.input<typeof consentRequestSchema>;

/** Who may see what, until when, as the family sees it. */
export const consentViewSchema = z.object({
  id: idSchema,
  worker: z.string(),
  organisation: z.string(),
  scope: scopeListSchema,
  from: instantSchema,
  until: instantSchema,
  /** The member who consented. */
  givenBy: z.string(),
});
export type ConsentView = z.infer<typeof consentViewSchema>;

/** `GET /api/v1/households/:household/consents`: those that hold, the one that ends first first. */
export const consentListSchema = z.object({ items: z.array(consentViewSchema) });

/** `GET /api/v1/families`: what a worker shows to families, and those who consented. */
export const familyListSchema = z.object({
  organisation: z.string(),
  code: z.string(),
  items: z.array(
    z.object({
      household: idSchema,
      name: z.string(),
      zone: z.string(),
      scope: scopeListSchema,
      until: instantSchema,
    }),
  ),
});
export type FamilyList = z.infer<typeof familyListSchema>;

/** `GET /api/v1/households/:household/shared`: whom a consent is about. */
export const sharedSchema = z.object({
  id: idSchema,
  name: z.string(),
  zone: z.string(),
  /** What may be asked for. */
  scope: scopeListSchema,
  /** Null for a member. */
  until: z.nullable(instantSchema),
  children: z.array(z.object({ id: idSchema, name: z.string(), ageBand: ageBandSchema })),
});
export type Shared = z.infer<typeof sharedSchema>;

/** `GET /api/v1/households/:household/rules` */
export const sharedRulesSchema = z.object({
  items: z.array(z.object({ id: idSchema, rules: rulesSchema })),
});
export type SharedRules = z.infer<typeof sharedRulesSchema>;
