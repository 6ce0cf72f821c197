import { idSchema, instantSchema } from '@khien/shared/id';
import { z } from 'zod';
import { notificationKinds } from '../notifications/about.ts';
import { isOutsideUrl } from '../outgoing/address.ts';

const kindsSchema = z.array(z.enum(notificationKinds)).min(1).max(notificationKinds.length);

/** `POST /api/v1/households/:household/webhooks` */
export const webhookRequestSchema = z.object({
  url: z.string().refine(isOutsideUrl, 'an https address on the Internet, at the usual port'),
  kinds: kindsSchema,
});
export type WebhookRequest = z.infer<typeof webhookRequestSchema>;

/** `PATCH …/webhooks/:webhook` */
export const webhookChangeSchema = z.object({
  kinds: z.optional(kindsSchema),
  /** Sends again where it was switched off because nothing was taken. */
  enabled: z.literal(true).optional(),
});
export type WebhookChange = z.infer<typeof webhookChangeSchema>;

export const webhookViewSchema = z.object({
  id: idSchema,
  url: z.string(),
  kinds: kindsSchema,
  madeBy: z.string(),
  createdAt: instantSchema,
  /** Since when nothing was taken there; null while it is. */
  failingSince: z.nullable(instantSchema),
  /** When it was switched off because of that. */
  disabledAt: z.nullable(instantSchema),
});
export type WebhookView = z.infer<typeof webhookViewSchema>;

/** The secret that messages are signed with is told this once. */
export const webhookMadeSchema = webhookViewSchema.extend({ secret: z.string() });
export type WebhookMade = z.infer<typeof webhookMadeSchema>;

/** Why nothing was answered. */
export const webhookFailures = ['address', 'name', 'timeout', 'tls', 'connection'] as const;

/** One attempt to send a message; of what was sent and answered nothing is kept. */
export const webhookAttemptSchema = z.object({
  id: idSchema,
  /** `webhook-id`: the same with every attempt. */
  message: idSchema,
  kind: z.enum([...notificationKinds, 'test']),
  at: instantSchema,
  /** Milliseconds. */
  took: z.int(),
  /** Of HTTP; null where nothing was answered. */
  status: z.int().nullable(),
  failure: z.enum(webhookFailures).nullable(),
});
export type WebhookAttempt = z.infer<typeof webhookAttemptSchema>;

/** `GET …/webhooks/:webhook/attempts`: the last fifty, newest first. */
export const attemptQuerySchema = z.object({
  before: z.optional(idSchema),
  limit: z.coerce.number().int().min(1).max(50).default(20),
});
export const attemptPageSchema = z.object({
  items: z.array(webhookAttemptSchema),
  next: z.nullable(idSchema),
});
export type AttemptPage = z.infer<typeof attemptPageSchema>;

/** What is sent: who asks for more has a key to do so. */
export interface WebhookMessage {
  readonly type: WebhookAttempt['kind'];
  /** ISO 8601 */
  readonly timestamp: string;
  readonly data: {
    readonly household: string;
    readonly notification: string | null;
    readonly profile: string | null;
    readonly router: string | null;
    /** It is over: the router is back. */
    readonly over: boolean;
  };
}
