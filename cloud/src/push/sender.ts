import { type RequestOptions, request } from 'node:https';
import { connect, type TLSSocket } from 'node:tls';
import webPush from 'web-push';
import type { Resolve } from './endpoint.ts';
import type { Vapid } from './vapid.ts';

/** A push service that takes longer is asked again later, milliseconds. */
const TIMEOUT = 10_000;
/** Of an answer nothing is read beyond this, bytes. */
const MAX_ANSWER = 8 * 1024;

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

/**
 * Encrypts (RFC 8291), signs (RFC 8292) and sends (RFC 8030). It goes to the address that `resolve` found and to no other,
 * follows no redirect, and waits for no slow service.
 */
export function pushSender(vapid: Vapid, resolve: Resolve, ca?: string): Send {
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
    const url = new URL(to.endpoint);
    try {
      const place = await resolve(url.hostname);
      const trusted = ca === undefined ? {} : { ca };
      return await post(url, details, () =>
        connect({ ...place, ...trusted, servername: url.hostname, minVersion: 'TLSv1.2' }),
      );
    } catch (error) {
      return { kind: 'later', after: null, reason: String(error) };
    }
  };
}

function post(url: URL, details: webPush.RequestDetails, open: () => TLSSocket): Promise<Outcome> {
  return new Promise((resolve, reject) => {
    const options: RequestOptions = {
      method: 'POST',
      headers: { ...details.headers },
      createConnection: open,
      signal: AbortSignal.timeout(TIMEOUT),
    };
    const sending = request(url, options, (response) => {
      const { statusCode = 0, headers } = response;
      let length = 0;
      response.on('data', (part: Buffer) => {
        length += part.length;
        if (length > MAX_ANSWER) response.destroy();
      });
      // How the answer ends says nothing more: its head has said all.
      response.on('error', () => undefined);
      response.on('close', () => sending.destroy());
      resolve(outcomeOf(statusCode, headers['retry-after']));
    });
    sending.on('error', reject);
    sending.end(details.body);
  });
}

function outcomeOf(status: number, retryAfter: string | undefined): Outcome {
  if (status >= 200 && status < 300) return { kind: 'taken' };
  if (status === 404 || status === 410) return { kind: 'gone' };
  const reason = `status ${status}`;
  if (status === 408 || status === 429 || status >= 500) {
    return { kind: 'later', after: waitOf(retryAfter), reason };
  }
  return { kind: 'refused', reason };
}

/** RFC 9110 §10.2.3, seconds; dates are not worth the trouble with clocks. */
function waitOf(retryAfter: string | undefined): number | null {
  return retryAfter !== undefined && /^\d{1,6}$/.test(retryAfter) ? Number(retryAfter) * 1000 : null;
}
