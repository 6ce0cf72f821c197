import { idSchema, instantSchema, macSchema } from '@khien/shared/id';
import { ageBandSchema, grantSchema, pauseSchema, rulesSchema } from '@khien/shared/policy';
import { z } from 'zod';
import { languageSchema } from '../identity/schema.ts';
import { nameSchema } from '../name.schema.ts';
import { requestViewSchema } from '../requests/schema.ts';
import { routerSchema } from '../routers/schema.ts';
import { zoneSchema } from '../zone/name.ts';

/** Whether the child's network is on now, why, and until when: `accessAt` of the shared policy. */
export const accessSchema = z.object({
  online: z.boolean(),
  reason: z.enum(['grant', 'pause', 'schedule', 'free']),
  until: z.nullable(instantSchema),
});

export const profileViewSchema = z.object({
  id: idSchema,
  name: z.string(),
  ageBand: ageBandSchema,
  rules: rulesSchema,
  pause: z.nullable(pauseSchema),
  grant: z.nullable(grantSchema),
  access: accessSchema,
  devices: z.array(idSchema),
});
export type ProfileView = z.infer<typeof profileViewSchema>;

export const deviceViewSchema = z.object({
  id: idSchema,
  /** The parent's name for it, else what the device calls itself, else its vendor, else its address. */
  name: z.string(),
  hostname: z.string().nullable(),
  /** From the IEEE registry of address blocks; null where unknown or the address is a randomised one. */
  vendor: z.string().nullable(),
  privateAddress: z.boolean(),
  macs: z.array(macSchema),
  addresses: z.array(z.string()),
  profile: z.nullable(idSchema),
  present: z.boolean(),
  firstSeenAt: instantSchema,
  lastSeenAt: instantSchema,
});
export type DeviceView = z.infer<typeof deviceViewSchema>;

/** `GET /api/v1/households/:household`: all that the home screen shows. */
export const homeSchema = z.object({
  id: idSchema,
  name: z.string(),
  zone: z.string(),
  language: languageSchema,
  now: instantSchema,
  routers: z.array(routerSchema),
  profiles: z.array(profileViewSchema),
  devices: z.array(deviceViewSchema),
  openRequests: z.array(requestViewSchema),
});
export type Home = z.infer<typeof homeSchema>;

/** `PATCH /api/v1/households/:household` */
export const householdChangeSchema = z.object({
  name: nameSchema.optional(),
  zone: zoneSchema.optional(),
  language: languageSchema.optional(),
});

/** `POST /api/v1/households/:household/profiles`: a child, with the preset of its age. */
export const newProfileSchema = z.object({ name: nameSchema, ageBand: ageBandSchema });

/** `PATCH /api/v1/households/:household/profiles/:profile`; `rules` replaces them whole, `adoptPreset` resets them. */
export const profileChangeSchema = z
  .object({
    name: nameSchema.optional(),
    ageBand: z.optional(ageBandSchema),
    rules: z.optional(rulesSchema),
    adoptPreset: z.literal(true).optional(),
  })
  .refine((change) => change.rules === undefined || change.adoptPreset === undefined, {
    path: ['adoptPreset'],
    error: 'own rules and a preset exclude each other',
  });

/** `PUT /api/v1/households/:household/profiles/:profile/pause`: for some minutes, or until resumed. `DELETE` resumes. */
export const pauseRequestSchema = z.object({
  minutes: z
    .int()
    .min(1)
    .max(7 * 24 * 60)
    .nullable(),
});

/** `POST /api/v1/households/:household/profiles/:profile/grant`: so many minutes more. `DELETE` takes it back. */
export const grantRequestSchema = z.object({
  minutes: z
    .int()
    .min(1)
    .max(24 * 60),
});

/** `PATCH /api/v1/households/:household/devices/:device`: `profile` null takes it back from a child. */
export const deviceChangeSchema = z.object({
  name: nameSchema.nullable().optional(),
  profile: z.optional(z.nullable(idSchema)),
});

/** One message of `GET /api/v1/households/:household/stream` (server-sent events): what to fetch again. */
export const changeSchema = z.object({ changed: z.enum(['home', 'activity', 'requests']) });
export type Change = z.infer<typeof changeSchema>;
