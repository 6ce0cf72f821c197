import * as z from 'zod/mini';
import { documentVersionsSchema } from './document/document.ts';
import { type Id, idSchema, instantSchema, macSchema } from './id.ts';
import { usageSchema } from './policy/quota.ts';
import { slugSchema } from './policy/slug.ts';

/** MQTT topics, all below the router's own id: a router may publish to its `up` and subscribe to its `down`. */
export const topics = {
  /** Router → cloud, once after every connect: which documents it has. */
  hello: (router: Id) => `khien/v1/${router}/up/hello`,
  /** Router → cloud, QoS 1: durable events; PUBACK means that the cloud has committed them. */
  events: (router: Id) => `khien/v1/${router}/up/events`,
  /** Router → cloud, QoS 0: what is so right now; only the newest matters. */
  state: (router: Id) => `khien/v1/${router}/up/state`,
  /** Cloud → router, QoS 1: one signed document. */
  document: (router: Id) => `khien/v1/${router}/down/doc`,
} as const;

export type UpTopic = 'hello' | 'events' | 'state';

/** The parts of a router's `up` topic, or undefined where `topic` is not one. */
export function parseUpTopic(topic: string): { router: Id; kind: UpTopic } | undefined {
  const match = /^khien\/v1\/([0-9A-Z]{26})\/up\/(hello|events|state)$/.exec(topic);
  const router = match?.[1];
  const kind = match?.[2];
  if (router === undefined || (kind !== 'hello' && kind !== 'events' && kind !== 'state')) return undefined;
  return idSchema.safeParse(router).success ? { router, kind } : undefined;
}

/** No message on the edge is larger, either way (bytes). */
export const MAX_MESSAGE_BYTES = 256 * 1024;
/** What a PUBLISH has beside its payload, topic and packet identifier, at most (bytes). */
export const MAX_HEADER_BYTES = 256;

/** After so long a router tells its state again though nothing of it has changed, give or take a minute (ms). */
export const STATE_REPEAT = 10 * 60_000;

/** Where the router's clock got its time: an event's `at` is only as good as that. */
export const timeSourceSchema = z.enum(['ntp', 'cloud', 'unsynced']);
export type TimeSource = z.infer<typeof timeSourceSchema>;

/**
 * Of each document that is in force, `documentHash` of its signature: two clouds, or one before and after it was restored
 * from a backup, may have given the same version to different rules.
 */
export const documentHashesSchema = z.object({
  policy: z.optional(z.string().check(z.maxLength(64))),
  contacts: z.optional(z.string().check(z.maxLength(64))),
  lists: z.optional(z.string().check(z.maxLength(64))),
});
export type DocumentHashes = z.infer<typeof documentHashesSchema>;

export const helloSchema = z.object({
  /** Version of khiend, semver. */
  daemon: z.string().check(z.maxLength(32)),
  /** Newest version of each document that is in force; 0 for none. */
  have: documentVersionsSchema,
  /** Absent of a router that does not know it. */
  hashes: z.optional(documentHashesSchema),
  at: instantSchema,
  timeSource: timeSourceSchema,
});
export type Hello = z.infer<typeof helloSchema>;

/** What a device's DHCP client is like: a short hash of the options it asks for and its vendor class. */
export const fingerprintSchema = z.string().check(z.regex(/^[0-9a-f]{8,32}$/));

/** A device on the LAN as the router sees it. */
export const lanDeviceSchema = z.object({
  mac: macSchema,
  /** What the device calls itself over DHCP; untrusted text. */
  hostname: z.nullable(z.string().check(z.maxLength(63))),
  addresses: z.array(z.string().check(z.maxLength(45))).check(z.maxLength(16)),
  /** The kernel believes that it is there now. */
  present: z.boolean(),
  lastSeenAt: instantSchema,
  fingerprint: z._default(z.nullable(fingerprintSchema), null),
});
export type LanDevice = z.infer<typeof lanDeviceSchema>;

export const stateSchema = z.object({
  at: instantSchema,
  timeSource: timeSourceSchema,
  daemon: z.string().check(z.maxLength(32)),
  inForce: documentVersionsSchema,
  /** `enforcing`: the kernel holds the policy in force; otherwise the code of what hinders it. */
  enforcement: z.string().check(z.maxLength(64)),
  devices: z.array(lanDeviceSchema).check(z.maxLength(512)),
  /** Of today's quota days, by child. */
  usage: z._default(z.array(usageSchema).check(z.maxLength(2048)), []),
  /** The list of names by category that is in force; null where there is none. */
  lists: z._default(
    z.nullable(
      z.object({
        version: z.string().check(z.maxLength(64)),
        names: z.int().check(z.nonnegative()),
        /** Categories that are blocked and for whose names this router has no memory. */
        leftOut: z.array(slugSchema).check(z.maxLength(32)),
      }),
    ),
    null,
  ),
});
export type State = z.infer<typeof stateSchema>;
