import type { IncomingHttpHeaders } from 'node:http';
import { KhienError } from '@khien/shared/error';
import { MINUTE } from '@khien/shared/policy';
import type { FastifyRequest } from 'fastify';
import fp from 'fastify-plugin';
import { sessionOf } from '../identity/session-plugin.ts';
import { type ApiKey, useApiKey } from './api-keys.ts';

declare module 'fastify' {
  interface FastifyRequest {
    /** Null where no program asks. */
    apiKey: ApiKey | null;
  }
}

/** Of one key, from wherever it is used: five a second. */
const REQUESTS_OF_A_KEY = { max: 300, timeWindow: MINUTE };

/**
 * What a program sends in `Authorization` (RFC 6750 §2.1). No browser sends it by itself, unlike a cookie or `Basic`, so
 * such a request is nobody's but who made it.
 */
export function bearerOf({ authorization }: IncomingHttpHeaders): string | undefined {
  return /^bearer +(.*)$/i.exec(authorization ?? '')?.[1]?.trim();
}

/** In whose name the request is made. @throws KhienError `UNAUTHENTICATED` */
export function actorOf(request: FastifyRequest): ApiKey['account'] {
  return request.apiKey?.account ?? sessionOf(request).account;
}

/** Finds out which program is asking. What it may is decided where all rights are. */
export const apiKeyPlugin = fp(
  (app, _options, done) => {
    app.decorateRequest('apiKey', null);
    const requestsOfKey = app.createRateLimit({
      ...REQUESTS_OF_A_KEY,
      keyGenerator: (request) => `key ${request.apiKey?.id}`,
    });
    app.addHook('onRequest', async (request) => {
      const token = bearerOf(request.headers);
      if (token === undefined) return;
      // Which of the two is meant cannot be known.
      if (request.headers.cookie !== undefined) {
        throw new KhienError('CREDENTIALS_AMBIGUOUS', 'send either a cookie or a key');
      }
      request.apiKey = await useApiKey(app.cloud.store.db, token, app.cloud.now());
      const requests = await requestsOfKey(request);
      if (!requests.isAllowed && requests.isExceeded) {
        throw new KhienError('TOO_MANY_REQUESTS', 'too many requests with this key');
      }
    });
    done();
  },
  { name: 'api-key', dependencies: ['context', 'session', '@fastify/rate-limit'] },
);
