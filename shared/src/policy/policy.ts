import * as z from 'zod/mini';
import { type Id, idSchema, instantSchema, macSchema } from '../id.ts';
import { dnsNameSchema } from '../name.ts';
import { ageBandSchema } from './age-band.ts';
import { holidaySchema } from './holiday.ts';
import { timeOfDaySchema } from './local-date.ts';
import { bonusSchema, quotaSchema, sameTarget } from './quota.ts';
import { scheduleSchema } from './schedule.ts';
import { slugSchema } from './slug.ts';
import { zoneOffsetSchema } from './zone.ts';

/** A text in both languages of the UI. */
export const localTextSchema = z.object({
  vi: z.string().check(z.maxLength(200)),
  en: z.string().check(z.maxLength(200)),
});
export type LocalText = z.infer<typeof localTextSchema>;

/** YouTube as it is, or in one of the two levels of its Restricted Mode; the strictest last. */
export const youtubeModes = ['open', 'moderate', 'strict'] as const;
export const youtubeModeSchema = z.enum(youtubeModes);
export type YoutubeMode = z.infer<typeof youtubeModeSchema>;

/** What a parent sets for a child; `decideName` and `accessAt` say in which order these are asked. */
export const rulesSchema = z.object({
  blockedCategories: z.array(slugSchema).check(z.maxLength(32)),
  blockedServices: z.array(slugSchema).check(z.maxLength(256)),
  /** The parent's own names, each with everything below it. */
  allowedNames: z.array(dnsNameSchema).check(z.maxLength(500)),
  blockedNames: z.array(dnsNameSchema).check(z.maxLength(500)),
  schedules: z.array(scheduleSchema).check(z.maxLength(32)),
  // Rules that were stored before these were there have none of them.
  /** Search engines answer in their filtered form. */
  safeSearch: z._default(z.boolean(), false),
  youtube: z._default(youtubeModeSchema, 'open'),
  /** One for each target at most. */
  quotas: z._default(
    z
      .array(quotaSchema)
      .check(z.maxLength(32), z.refine(eachTargetOnce, { error: 'two quotas are of the same' })),
    [],
  ),
  /** When a quota day begins, local wall-clock time. */
  quotaReset: z._default(timeOfDaySchema, '00:00'),
});
export type Rules = z.infer<typeof rulesSchema>;

/** The network is off until `until`; until resumed where that is null. */
export const pauseSchema = z.object({ since: instantSchema, until: z.nullable(instantSchema) });
export type Pause = z.infer<typeof pauseSchema>;

/** Extra time: the network is on until `until`, whatever pause and schedules say. */
export const grantSchema = z.object({ since: instantSchema, until: instantSchema });
export type Grant = z.infer<typeof grantSchema>;

export const profileSchema = z.object({
  id: idSchema,
  name: z.string().check(z.minLength(1), z.maxLength(64)),
  ageBand: ageBandSchema,
  rules: rulesSchema,
  pause: z.nullable(pauseSchema),
  grant: z.nullable(grantSchema),
  /** Only what study needs, by one tap; until ended where `until` is null. */
  learning: z._default(z.nullable(pauseSchema), null),
  /** Minutes added to quotas, those of lately. */
  bonuses: z._default(z.array(bonusSchema).check(z.maxLength(64)), []),
});
export type Profile = z.infer<typeof profileSchema>;

/** A managed device: one that the parent gave to a child. A phone with random addresses has several MACs. */
export const deviceSchema = z.object({
  id: idSchema,
  name: z.string().check(z.maxLength(64)),
  profile: idSchema,
  macs: z.array(macSchema).check(z.minLength(1), z.maxLength(16)),
  /** The network of this device alone is off. */
  pause: z._default(z.nullable(pauseSchema), null),
});
export type Device = z.infer<typeof deviceSchema>;

/**
 * What becomes of a device that nobody has said anything of. allow: it is let in. ask: it is let in and the parents are
 * asked, unless it looks like a child's device under a new address: then that child's rules hold until they answer.
 * quarantine: without access until they answer.
 */
export const newDevicePolicies = ['allow', 'ask', 'quarantine'] as const;
export const newDevicePolicySchema = z.enum(newDevicePolicies);
export type NewDevicePolicy = z.infer<typeof newDevicePolicySchema>;

/**
 * A service that some profile blocks or has a quota of, itself or by its category, with all that the router must know
 * about it.
 */
export const serviceSchema = z.object({
  id: slugSchema,
  name: localTextSchema,
  category: slugSchema,
  names: z.array(dnsNameSchema).check(z.minLength(1), z.maxLength(200)),
});
export type Service = z.infer<typeof serviceSchema>;

/**
 * A category that some profile blocks or has a quota of. `bit` (0..15) is its fixed place in a compiled list's mask; null where no list of
 * it exists, so that only its services are blocked.
 */
export const categorySchema = z.object({
  id: slugSchema,
  name: localTextSchema,
  bit: z.nullable(z.int().check(z.minimum(0), z.maximum(15))),
});
export type Category = z.infer<typeof categorySchema>;

/** A parent's answer to a child's request, which the child sees on its page. */
export const answerSchema = z.object({
  request: idSchema,
  profile: idSchema,
  granted: z.boolean(),
  /** Minutes given; 0 when refused. */
  minutes: z.int().check(z.minimum(0), z.maximum(24 * 60)),
  reply: z.string().check(z.maxLength(300)),
  at: instantSchema,
});
export type Answer = z.infer<typeof answerSchema>;

/**
 * Body of the `policy` document: everything one router needs to enforce, and nothing about anybody it does not manage.
 * It is complete in itself: the router asks no catalogue and no time-zone database.
 */
export const policyBodySchema = z
  .object({
    /** IANA name, for people to read. The router computes with `offsets`. */
    zone: z.string().check(z.maxLength(64)),
    /** The zone's offsets, oldest first, from before the issue to some years ahead. */
    offsets: z.array(zoneOffsetSchema).check(z.minLength(1), z.maxLength(64)),
    language: z.enum(['vi', 'en']),
    profiles: z.array(profileSchema).check(z.maxLength(64)),
    devices: z.array(deviceSchema).check(z.maxLength(512)),
    services: z.array(serviceSchema).check(z.maxLength(512)),
    categories: z.array(categorySchema).check(z.maxLength(32)),
    answers: z.array(answerSchema).check(z.maxLength(64)),
    // A policy that was signed before these were there has none of them.
    holidays: z._default(z.array(holidaySchema).check(z.maxLength(128)), []),
    newDevices: z._default(newDevicePolicySchema, 'ask'),
    /** Devices that the parents know and leave alone. */
    known: z._default(z.array(macSchema).check(z.maxLength(512)), []),
    /** What study needs, each name with everything below it: all that the learning mode allows beside own allowed names. */
    learningNames: z._default(z.array(dnsNameSchema).check(z.maxLength(1000)), []),
  })
  .check(
    z.refine((policy) => everyDeviceHasItsProfile(policy.devices, policy.profiles), {
      error: 'a device names a profile that is not here, or a MAC is claimed twice',
    }),
  );
export type Policy = z.infer<typeof policyBodySchema>;

function eachTargetOnce(quotas: readonly z.infer<typeof quotaSchema>[]): boolean {
  return quotas.every((quota, i) => quotas.findIndex(({ of }) => sameTarget(of, quota.of)) === i);
}

function everyDeviceHasItsProfile(devices: readonly Device[], profiles: readonly Profile[]): boolean {
  const known = new Set<Id>(profiles.map((profile) => profile.id));
  const macs = devices.flatMap((device) => device.macs);
  return devices.every((device) => known.has(device.profile)) && new Set(macs).size === macs.length;
}
