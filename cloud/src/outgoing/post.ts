import type { OutgoingHttpHeaders } from 'node:http';
import { type RequestOptions, request } from 'node:https';
import { isIP, type LookupFunction } from 'node:net';
import { connect } from 'node:tls';
import type { Place, Resolve } from './address.ts';

/** Who takes longer, to be found or to answer, is asked again later, milliseconds. */
const TIMEOUT = 10_000;
/** One address is waited for so long, milliseconds, before the next of the same host is tried. */
const EACH_ADDRESS = { autoSelectFamily: true, autoSelectFamilyAttemptTimeout: 2_500 } as const;
/** Of an answer nothing is read beyond this, bytes. */
const MAX_ANSWER = 8 * 1024;

/** As much of an answer as anybody looks at. */
export interface Answer {
  readonly status: number;
  /** How long the other side asks us to wait, milliseconds; null where it did not say. */
  readonly retryAfter: number | null;
}

/** @throws whatever `resolve`, TLS or the network fails with, and `TimeoutError` */
export type Post = (url: URL, headers: OutgoingHttpHeaders, body: Buffer | string) => Promise<Answer>;

/**
 * Sends to the first that can be reached of the addresses that `resolve` finds, and to no other, follows no redirect, and
 * waits for nobody who is slow.
 */
export function outsidePost(resolve: Resolve, ca?: string): Post {
  return async (url, headers, body) => {
    const signal = AbortSignal.timeout(TIMEOUT);
    const place = await resolve(url.hostname, signal);
    const to = { host: url.hostname, servername: url.hostname, port: place.port, lookup: lookupOf(place) };
    const trusted = ca === undefined ? {} : { ca };
    const open = () => connect({ ...EACH_ADDRESS, ...to, ...trusted, minVersion: 'TLSv1.2' });
    return exchange(url, { method: 'POST', headers: { ...headers }, createConnection: open, signal }, body);
  };
}

/** Finds nothing but what was found. */
function lookupOf({ addresses }: Place): LookupFunction {
  const found = addresses.map((address) => ({ address, family: isIP(address) }));
  return (_host, _options, tell) => tell(null, found);
}

function exchange(url: URL, options: RequestOptions, body: Buffer | string): Promise<Answer> {
  return new Promise((resolve, reject) => {
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
      resolve({ status: statusCode, retryAfter: waitOf(headers['retry-after']) });
    });
    sending.on('error', reject);
    sending.end(body);
  });
}

/** RFC 9110 §10.2.3, seconds; dates are not worth the trouble with clocks. */
function waitOf(retryAfter: string | undefined): number | null {
  return retryAfter !== undefined && /^\d{1,6}$/.test(retryAfter) ? Number(retryAfter) * 1000 : null;
}
