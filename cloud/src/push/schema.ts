import { z } from 'zod';
import { isOutsideUrl } from '../outgoing/address.ts';

/** A field of a push subscription that is `bytes` long, base64url. */
const bytesSchema = (bytes: number) =>
  z
    .string()
    .max(2 * bytes)
    .regex(/^[A-Za-z0-9_-]+={0,2}$/)
    .refine((text) => Buffer.from(text, 'base64url').length === bytes, `${bytes} bytes, base64url`);

/** `PUT /api/v1/account/push`: what `PushSubscription.toJSON()` gives (w3.org/TR/push-api). */
export const subscriptionSchema = z.object({
  endpoint: z.string().refine(isOutsideUrl, 'an https address of a push service'),
  keys: z.object({ p256dh: bytesSchema(65), auth: bytesSchema(16) }),
});
export type SubscriptionInput = z.infer<typeof subscriptionSchema>;

/** `GET /api/v1/account/push` */
export const pushStateSchema = z.object({
  /** `applicationServerKey` to subscribe with. */
  publicKey: z.string(),
  /** Whether this session's browser is pushed. */
  subscribed: z.boolean(),
});
export type PushState = z.infer<typeof pushStateSchema>;
