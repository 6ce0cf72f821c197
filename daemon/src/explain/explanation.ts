import { idSchema, instantSchema, macSchema } from '@khien/shared/id';
import { dnsNameSchema } from '@khien/shared/name';
import { accessReasons } from '@khien/shared/policy';
import * as z from 'zod/mini';

/**
 * Which rule decided. `id` is that of the service or category; `listed` the name in the rule or list that matched, or for
 * `safe-search` the name whose addresses are given instead.
 */
export const ruleSchema = z.object({
  kind: z.enum([
    'help',
    'portal',
    'not-managed',
    'quarantine',
    'allowed-name',
    'blocked-name',
    'service',
    'category',
    'quota',
    'learning',
    'safe-search',
    'bypass',
    'no-rule',
  ]),
  id: z.nullable(z.string()),
  listed: z.nullable(z.string()),
});
export type Rule = z.infer<typeof ruleSchema>;

/** A moment, and the same in the household's local time, as ISO 8601 with its offset. */
const momentSchema = z.object({ at: instantSchema, local: z.string() });
export type Moment = z.infer<typeof momentSchema>;

const networkSchema = z.object({
  online: z.boolean(),
  reason: z.enum(accessReasons),
  /** When the network goes on or off, or into the learning mode or out of it, by itself; null where that is not known. */
  until: z.nullable(momentSchema),
});

const deviceExplanationSchema = z.object({
  name: z.string(),
  /** Null for a device that nobody manages. */
  child: z.nullable(z.object({ id: idSchema, name: z.string() })),
  macs: z.array(macSchema),
  /** Those of them that are taken for the device's until the parents have answered. */
  provisional: z.array(macSchema),
  /** What the device gets for the name: `offline` where only the state of its network keeps it away. */
  decision: z.enum(['allowed', 'blocked', 'offline', 'help']),
  /** When that changes by itself, at the earliest; null where nothing that is known now changes it. */
  until: z.nullable(momentSchema),
  /** For `offline`: the rule that will hold when the network is on. */
  rule: ruleSchema,
  network: z.nullable(networkSchema),
  /**
   * What the kernel does now: whether it lets the device out, and who gets the query; `route` is null where that cannot be
   * told from outside. Null where the kernel could not be read.
   */
  kernel: z.nullable(
    z.object({
      managed: z.boolean(),
      passes: z.boolean(),
      route: z.nullable(z.enum(['resolver', 'responder'])),
    }),
  ),
});
export type DeviceExplanation = z.infer<typeof deviceExplanationSchema>;

/** What `khiend explain` gets from the running daemon. */
export const explanationSchema = z.object({
  name: dnsNameSchema,
  now: momentSchema,
  /** IANA name of the household's zone. */
  zone: z.string(),
  policy: z.int(),
  contacts: z.int(),
  /** Revision of the lists; empty where the router has none. */
  lists: z.string(),
  /** `enforcing`, or the code of what hinders it. */
  enforcement: z.string(),
  devices: z.array(deviceExplanationSchema),
});
export type Explanation = z.infer<typeof explanationSchema>;
