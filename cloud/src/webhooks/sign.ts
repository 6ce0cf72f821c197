import { createHmac } from 'node:crypto';
import type { Id, Instant } from '@khien/shared/id';

/**
 * The headers of a message, as standardwebhooks.com has them (Standard Webhooks 1.0.0, "Verifying webhook authenticity").
 *
 * @param secret base64
 * @param at when it is sent: receivers refuse what is older than a few minutes, so that nobody sends it again
 */
export function signatureHeaders(
  secret: string,
  id: Id,
  at: Instant,
  body: string,
): Readonly<Record<'webhook-id' | 'webhook-timestamp' | 'webhook-signature', string>> {
  const timestamp = String(Math.floor(at / 1000));
  const signature = createHmac('sha256', Buffer.from(secret, 'base64'))
    .update(`${id}.${timestamp}.${body}`)
    .digest('base64');
  return { 'webhook-id': id, 'webhook-timestamp': timestamp, 'webhook-signature': `v1,${signature}` };
}
