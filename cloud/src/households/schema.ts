import { idSchema, instantSchema, macSchema } from '@khien/shared/id';
import {
  accessReasons,
  ageBandSchema,
  bonusSchema,
  grantSchema,
  newDevicePolicySchema,
  pauseSchema,
  quotaTargetSchema,
  rulesSchema,
} from '@khien/shared/policy';
import { z } from 'zod';
import { alertViewSchema } from '../alerts/schema.ts';
import { householdParts } from '../changes.ts';
import { holidayViewSchema } from '../holidays/schema.ts';
import { languageSchema } from '../identity/schema.ts';
import { lineSchema, nameSchema } from '../name.schema.ts';
import { proposalViewSchema } from '../proposals/schema.ts';
import { requestViewSchema } from '../requests/schema.ts';
import { routerSchema } from '../routers/schema.ts';
import { zoneSchema } from '../zone/name.ts';

/** Whether the child's network is on now, in which mode, why, and until when: `accessAt` of the shared policy. */
export const accessSchema = z.object({
  mode: z.enum(['open', 'learning', 'off']),
  online: z.boolean(),
  reason: z.enum(accessReasons),
  until: z.nullable(instantSchema),
});

/** A quota as it stands today, as far as the router has told. */
export const quotaStandingSchema = z.object({
  /** The id of the quota in the child's rules. */
  id: idSchema,
  of: quotaTargetSchema,
  /** Local date of the quota day, YYYY-MM-DD, and when the next begins. */
  day: z.string(),
  resetsAt: instantSchema,
  /** Minutes of today with what was added; null where today has no limit. */
  limit: z.int().nullable(),
  used: z.int(),
  left: z.int().nullable(),
  /** When `used` was told; null where nothing was told of today. Old while the router is offline. */
  asOf: z.nullable(instantSchema),
});
export type QuotaStandingView = z.infer<typeof quotaStandingSchema>;

/** `GET /api/v1/households/:household/profiles/:profile`: of a child what parents set. How it stands now is in the home. */
export const profileDocumentSchema = z.object({
  id: idSchema,
  name: z.string(),
  ageBand: ageBandSchema,
  rules: rulesSchema,
});
export type ProfileDocument = z.infer<typeof profileDocumentSchema>;

export const profileViewSchema = z.object({
  id: idSchema,
  /** Of its document, for `If-Match` when it is changed. */
  etag: z.string(),
  name: z.string(),
  ageBand: ageBandSchema,
  rules: rulesSchema,
  pause: z.nullable(pauseSchema),
  grant: z.nullable(grantSchema),
  /** Only what study needs, by one tap. */
  learning: z.nullable(pauseSchema),
  /** Those that count in the quota day of now. */
  bonuses: z.array(bonusSchema),
  /** In the order of the rules. */
  quotas: z.array(quotaStandingSchema),
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
  /** The network of this device alone is off. */
  pause: z.nullable(pauseSchema),
  /** A parent said that it is to be left alone. */
  known: z.boolean(),
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
  /** What becomes of devices that nobody has said anything of. */
  newDevices: newDevicePolicySchema,
  now: instantSchema,
  routers: z.array(routerSchema),
  /** Events of its routers that were not kept today or yesterday, because there were too many. */
  eventsDropped: z.int(),
  profiles: z.array(profileViewSchema),
  devices: z.array(deviceViewSchema),
  openRequests: z.array(requestViewSchema),
  /** Addresses that look like a child's device, to be confirmed or denied. */
  proposals: z.array(proposalViewSchema),
  alerts: z.array(alertViewSchema),
  /** Days without school, those to come and that of today. */
  holidays: z.array(holidayViewSchema),
});
export type Home = z.infer<typeof homeSchema>;

/** `PATCH /api/v1/households/:household` */
export const householdChangeSchema = z.object({
  name: nameSchema.optional(),
  zone: zoneSchema.optional(),
  language: languageSchema.optional(),
  /** From `quarantine` on only devices that come later are new: those that are there are then known. */
  newDevices: z.optional(newDevicePolicySchema),
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

/** For some minutes, or until ended by `DELETE`: a pause of a child or of a device, or the learning mode. */
export const periodRequestSchema = z.object({
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

/** `POST /api/v1/households/:household/profiles/:profile/bonuses`: minutes added to one quota of today, as a reward. */
export const bonusRequestSchema = z.object({
  quota: idSchema,
  minutes: z
    .int()
    .min(1)
    .max(24 * 60),
  /** The child sees it. */
  reason: lineSchema.max(200).default(''),
});

/**
 * `PATCH /api/v1/households/:household/devices/:device`: `profile` null takes it back from a child, which makes it a known
 * one unless `known` says otherwise.
 */
export const deviceChangeSchema = z.object({
  name: nameSchema.nullable().optional(),
  profile: z.optional(z.nullable(idSchema)),
  known: z.boolean().optional(),
});

/** One message of `GET /api/v1/households/:household/stream` (server-sent events): what to fetch again. */
export const changeSchema = z.object({ changed: z.enum(householdParts) });
export type Change = z.infer<typeof changeSchema>;
