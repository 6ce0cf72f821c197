import * as z from 'zod/mini';
import { documentKinds } from '../document/document.ts';
import { idSchema, instantSchema, macSchema } from '../id.ts';
import { partTargetSchema, quotaTargetSchema, usageSchema } from '../policy/quota.ts';
import { slugSchema } from '../policy/slug.ts';
import { fingerprintSchema, timeSourceSchema } from '../topic.ts';

const version = z.int().check(z.nonnegative());
const code = z.string().check(z.maxLength(64));
const shortText = z.string().check(z.maxLength(500));

/** Tries of one event: far more than a device makes, and few enough that a home's of years add up exactly. */
export const MAX_TRIES = 1_000_000_000;
const tries = z.int().check(z.positive(), z.maximum(MAX_TRIES));

const header = {
  /** Made once on the router; the cloud inserts by it, so that a repeat is harmless. */
  id: idSchema,
  at: instantSchema,
  timeSource: timeSourceSchema,
};

const child = { profile: idSchema, device: idSchema };

/** Tries of one device to reach one blocked target, as long as less than a minute lies between them. */
export const blockedEventSchema = z.object({
  ...header,
  kind: z.literal('blocked'),
  ...child,
  /** Later events of the same burst carry the same id and replace what was said of it before. */
  burst: idSchema,
  target: z.object({
    kind: z.enum(['service', 'category', 'name', 'quota', 'learning']),
    id: z.union([slugSchema, z.string().check(z.maxLength(253))]),
    /** The listed name that matched, not the full name that was asked. */
    name: z.string().check(z.maxLength(253)),
  }),
  count: tries,
  firstAt: instantSchema,
  lastAt: instantSchema,
});

/** Ways round the rules that a router sees. What was on the other side is not told. */
export const bypassMethods = [
  'dot',
  'doq',
  'doh',
  'foreign-dns',
  'vpn',
  'tor',
  'private-relay',
  'proxy',
  'direct-address',
  'odd-dns',
  'other-mac',
] as const;
export type BypassMethod = (typeof bypassMethods)[number];

/** Tries of one device to get round the rules in one way, as long as little time lies between them. */
export const bypassEventSchema = z.object({
  ...header,
  kind: z.literal('bypass'),
  ...child,
  /** Later events of the same burst carry the same id and replace what was said of it before. */
  burst: idSchema,
  method: z.enum(bypassMethods),
  /** The blocked service whose address was tried. Null for an address tried in study mode that no study needs, and for the other methods. */
  service: z.nullable(slugSchema),
  count: tries,
  firstAt: instantSchema,
  lastAt: instantSchema,
});

export const usageEventSchema = z.object({ ...header, kind: z.literal('usage'), ...usageSchema.shape });

/** A child's time of today is used up. */
export const quotaSpentEventSchema = z.object({
  ...header,
  kind: z.literal('quota-spent'),
  profile: idSchema,
  of: quotaTargetSchema,
  minutes: z.int().check(z.nonnegative()),
});

/** By what a device is taken for another. */
export const deviceEvidence = [
  'hostname',
  'fingerprint',
  'vendor',
  'timing',
  'two-places',
  /** It sends from an address that the other answers for. */
  'address',
] as const;
const evidence = z.array(z.enum(deviceEvidence)).check(z.minLength(1), z.maxLength(6));
export type DeviceEvidence = (typeof deviceEvidence)[number];

/** A new address looks like a child's device; until the parents answer, that child's rules hold for it. */
export const deviceResemblesEventSchema = z.object({
  ...header,
  kind: z.literal('device-resembles'),
  mac: macSchema,
  device: idSchema,
  evidence,
});

/** An address that was known seems to be used by something else: perhaps somebody copied it. */
export const deviceChangedEventSchema = z.object({
  ...header,
  kind: z.literal('device-changed'),
  mac: macSchema,
  evidence,
});

/** A child asks its parents for time, or for help. Calls to hotlines are never an event. */
export const requestEventSchema = z.object({
  ...header,
  kind: z.literal('request'),
  ...child,
  request: idSchema,
  ask: z.enum(['time', 'help']),
  /** Minutes asked for; 0 for help. */
  minutes: z.int().check(z.minimum(0), z.maximum(24 * 60)),
  /** What the time is asked for, where that is used up for today and the network is not; else all of the network. */
  quota: z.optional(partTargetSchema),
  text: shortText,
});

/** A device that this router had not seen before. */
export const deviceFoundEventSchema = z.object({
  ...header,
  kind: z.literal('device-found'),
  mac: macSchema,
  hostname: z.nullable(z.string().check(z.maxLength(63))),
  /** What its DHCP client is like, as `lanDeviceSchema` says it. */
  fingerprint: z._default(z.nullable(fingerprintSchema), null),
});

/** A document is in force in the kernel: the real acknowledgement of `down/doc`. */
export const documentAppliedEventSchema = z.object({
  ...header,
  kind: z.literal('document-applied'),
  document: z.enum(documentKinds),
  version,
});

/** A document was refused whole; what was in force stays so. */
export const documentRefusedEventSchema = z.object({
  ...header,
  kind: z.literal('document-refused'),
  code,
  reason: shortText,
});

/** Something about the router itself that an operator should know. */
export const routerEventSchema = z.object({
  ...header,
  kind: z.literal('router'),
  /** e.g. `STARTED`, `STORE_REBUILT`, `TABLES_RESTORED`, `EVENTS_DROPPED`. */
  code,
  detail: shortText,
});

export const eventSchema = z.discriminatedUnion('kind', [
  blockedEventSchema,
  bypassEventSchema,
  usageEventSchema,
  quotaSpentEventSchema,
  requestEventSchema,
  deviceFoundEventSchema,
  deviceResemblesEventSchema,
  deviceChangedEventSchema,
  documentAppliedEventSchema,
  documentRefusedEventSchema,
  routerEventSchema,
]);
export type KhienEvent = z.infer<typeof eventSchema>;
export type EventKind = KhienEvent['kind'];
export type EventOf<K extends EventKind> = Extract<KhienEvent, { kind: K }>;

/** Payload of `up/events`. The events of a batch are committed together or not at all. */
export const eventBatchSchema = z.object({
  events: z.array(eventSchema).check(z.minLength(1), z.maxLength(64)),
});
export type EventBatch = z.infer<typeof eventBatchSchema>;
