import type { IncomingHttpHeaders } from 'node:http';
import { KhienError } from '@khien/shared/error';
import fp from 'fastify-plugin';
import { bearerOf } from '../api-keys/key-plugin.ts';

const SAFE_METHODS: ReadonlySet<string> = new Set(['GET', 'HEAD', 'OPTIONS']);

/**
 * Whether a browser says that the page that sent this is ours, by Fetch Metadata (w3.org/TR/fetch-metadata), or, where
 * that is not sent (plain http, old browsers), by Origin. A request with neither is refused: it may be from anywhere.
 */
export function isSameOrigin(headers: IncomingHttpHeaders, publicUrl: URL): boolean {
  const site = headers['sec-fetch-site'];
  if (site !== undefined) return site === 'same-origin' || site === 'none';
  const { origin } = headers;
  if (origin === undefined || !URL.canParse(origin)) return false;
  return origin === publicUrl.origin || new URL(origin).host === headers.host;
}

/**
 * Refuses what changes something when it comes from another site (CSRF), with `CROSS_SITE`. A key is sent by no browser
 * that its page did not tell to.
 */
export const sameOriginPlugin = fp(
  (app, _options, done) => {
    app.addHook('onRequest', (request, _reply, next) => {
      const { headers, method } = request;
      const own =
        SAFE_METHODS.has(method) ||
        bearerOf(headers) !== undefined ||
        isSameOrigin(headers, app.cloud.publicUrl);
      if (own) next();
      else next(new KhienError('CROSS_SITE', 'the request does not come from a page of this site'));
    });
    done();
  },
  { name: 'same-origin', dependencies: ['context'] },
);
