import webPush from 'web-push';
import type { Resolve } from '../outgoing/address.ts';
import { type Answer, outsidePost } from '../outgoing/post.ts';
import type { Vapid } from './vapid.ts';

export interface Subscription {
  readonly endpoint: string;
  readonly p256dh: string;
  readonly auth: string;
}

export interface Push {
  readonly payload: string;
  /** How long the push service keeps it for a browser that is not there, seconds. */
  readonly ttl: number;
  readonly urgency: 'low' | 'normal' | 'high';
  /** A later one with the same topic takes the place of one that waits (RFC 8030 §5.4). */
  readonly topic: string;
}

/** What came of a push. */
export type Outcome =
  | { readonly kind: 'taken' }
  /** The subscription is no more. */
  | { readonly kind: 'gone' }
  /** Not now; `after` milliseconds where the service said so. */
  | { readonly kind: 'later'; readonly after: number | null; readonly reason: string }
  /** Never, as it is. */
  | { readonly kind: 'refused'; readonly reason: string };

/** Sends a push; injected so that what waits can be tested without a network. */
export type Send = (to: Subscription, push: Push) => Promise<Outcome>;

/** Encrypts (RFC 8291), signs (RFC 8292) and sends (RFC 8030). */
export function pushSender(vapid: Vapid, resolve: Resolve, ca?: string): Send {
  const post = outsidePost(resolve, ca);
  return async (to, { payload, ttl, urgency, topic }) => {
    let details: webPush.RequestDetails;
    try {
      details = webPush.generateRequestDetails(
        { endpoint: to.endpoint, keys: { p256dh: to.p256dh, auth: to.auth } },
        payload,
        { TTL: ttl, urgency, topic, vapidDetails: vapid, contentEncoding: 'aes128gcm' },
      );
    } catch (error) {
      // Keys of a subscription that are none.
      return { kind: 'refused', reason: String(error) };
    }
    try {
      return outcomeOf(await post(new URL(to.endpoint), { ...details.headers }, details.body ?? ''));
    } catch (error) {
      return { kind: 'later', after: null, reason: String(error) };
    }
  };
}

function outcomeOf({ status, retryAfter }: Answer): Outcome {
  if (status >= 200 && status < 300) return { kind: 'taken' };
  if (status === 404 || status === 410) return { kind: 'gone' };
  const reason = `status ${status}`;
  if (status === 408 || status === 429 || status >= 500) {
    return { kind: 'later', after: retryAfter, reason };
  }
  return { kind: 'refused', reason };
}
