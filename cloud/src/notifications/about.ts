import { idSchema, macSchema } from '@khien/shared/id';
import { localDateSchema, partTargetSchema, quotaTargetSchema } from '@khien/shared/policy';
import { z } from 'zod';

/** As many new devices as one line names. */
export const MAX_DEVICES = 32;

/** What a notification is about. Names are not in it: who reads it knows them from the home. */
export const aboutSchema = z.discriminatedUnion('kind', [
  /** A child asks its parents for help. Calls to helplines are nobody's business and never among it. */
  z.object({ kind: z.literal('help'), request: idSchema }),
  /** `of`: the service or category that the time is for, where it is not the whole network. */
  z.object({
    kind: z.literal('request'),
    request: idSchema,
    minutes: z.int(),
    of: z.optional(partTargetSchema),
  }),
  /** Devices that nobody has decided about; with a proposal, one that looks like a child's. */
  z.object({
    kind: z.literal('new-device'),
    devices: z.array(idSchema).max(MAX_DEVICES),
    proposal: z.nullable(idSchema),
  }),
  z.object({ kind: z.literal('device-changed'), mac: macSchema }),
  /** Ways round the rules that were tried. */
  z.object({ kind: z.literal('bypass'), methods: z.array(z.string()) }),
  z.object({ kind: z.literal('quota'), of: quotaTargetSchema }),
  z.object({ kind: z.literal('router-offline') }),
  /** `code`: of the refused document, or of what hinders enforcement. */
  z.object({ kind: z.literal('rules-failing'), code: z.string() }),
  z.object({ kind: z.literal('list-old') }),
  /** Something else connects in the router's name. */
  z.object({ kind: z.literal('connection-contested') }),
  /** Nothing was taken at a webhook for a day, and nothing is sent there any more. */
  z.object({ kind: z.literal('webhook-off'), webhook: idSchema }),
  z.object({ kind: z.literal('weekly'), week: localDateSchema }),
]);
export type About = z.infer<typeof aboutSchema>;
export type NotificationKind = About['kind'];
export type AboutOf<K extends NotificationKind> = Extract<About, { kind: K }>;

/** In the order in which people choose how they are told. */
export const notificationKinds = [
  'help',
  'request',
  'bypass',
  'quota',
  'new-device',
  'device-changed',
  'router-offline',
  'rules-failing',
  'list-old',
  'connection-contested',
  'webhook-off',
  'weekly',
] as const satisfies readonly NotificationKind[];

/** What is stored of it. */
export function aboutOf(json: string): About {
  return aboutSchema.parse(JSON.parse(json));
}
