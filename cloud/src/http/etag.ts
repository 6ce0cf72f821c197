import { createHash } from 'node:crypto';
import { KhienError } from '@khien/shared/error';
import type { FastifyRequest } from 'fastify';
import fp from 'fastify-plugin';
import { z } from 'zod';

declare module 'fastify' {
  interface FastifyContextConfig {
    /** The answer is a document: it says its entity tag, and is not sent again to who has it. */
    etag?: true;
  }
}

/** For the `headers` of a route that calls `requireMatch`. Other headers stay as they are. */
export const ifMatchSchema = z.looseObject({ 'if-match': z.string().max(1_000).optional() });

/** The strong entity tag of a text (RFC 9110 §8.8.3). */
export function etagOf(text: string): string {
  return `"${createHash('sha256').update(text).digest('base64url').slice(0, 22)}"`;
}

/** Whether a list of `If-Match` or `If-None-Match` names the tag; `*` names all. */
function names(list: string, etag: string, compare: 'strong' | 'weak'): boolean {
  if (list.trim() === '*') return true;
  const tags = list.split(',').map((tag) => tag.trim());
  return tags.some((tag) => tag === etag || (compare === 'weak' && tag === `W/${etag}`));
}

/**
 * For what is changed only as it was seen: whoever sends no `If-Match` changes it whatever it is.
 *
 * @throws KhienError `PRECONDITION_FAILED`
 */
export function requireMatch(request: FastifyRequest, etag: string): void {
  const list = request.headers['if-match'];
  if (list !== undefined && !names(list, etag, 'strong')) {
    throw new KhienError('PRECONDITION_FAILED', 'somebody else has changed it meanwhile');
  }
}

/** `ETag` of documents, and 304 for who has them already (RFC 9110 §13.1.2). */
export const etagPlugin = fp(
  (app, _options, done) => {
    app.addHook('onSend', (request, reply, payload, next) => {
      const { config } = request.routeOptions;
      if (config.etag !== true || reply.statusCode !== 200 || typeof payload !== 'string') {
        return next(null, payload);
      }
      const etag = etagOf(payload);
      reply.header('etag', etag);
      const known = request.headers['if-none-match'];
      if (known === undefined || !names(known, etag, 'weak')) return next(null, payload);
      reply.code(304).removeHeader('content-type').removeHeader('content-length');
      next(null, '');
    });
    done();
  },
  { name: 'etag' },
);
