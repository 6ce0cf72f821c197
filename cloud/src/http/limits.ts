import rateLimit, { normalizeIP } from '@fastify/rate-limit';
import { KhienError } from '@khien/shared/error';
import { MINUTE } from '@khien/shared/policy';
import fp from 'fastify-plugin';
import { sharedLimits } from './shared-limits.ts';

/** The largest body of a request, bytes: the longest rules a child can have are half of it. */
export const BODY_LIMIT = 64 * 1024;

/** By address, all requests together: twenty a second is more than a household makes. */
const MAX_A_MINUTE = 1_200;

/**
 * What each limit counts at once in memory; the oldest is forgotten. Passwords are looked at so slowly that whoever wants a
 * limit to be forgotten has to try half an hour.
 */
const MOST_KEPT = 100_000;

/** Refuses with `TOO_MANY_REQUESTS` who asks too often. A route may set a closer limit. */
export const limitsPlugin = fp(
  async (app) => {
    const { store } = app.cloud;
    await app.register(rateLimit, {
      ...(store.engine === 'postgres' ? { store: sharedLimits(store.db) } : {}),
      cache: MOST_KEPT,
      max: MAX_A_MINUTE,
      timeWindow: MINUTE,
      // Behind a proxy on a unix socket that does not say for whom it asks there is no address.
      keyGenerator: (request) => normalizeIP(request.ip ?? 'unknown'),
      errorResponseBuilder: () => new KhienError('TOO_MANY_REQUESTS', 'too many requests from this address'),
    });
  },
  { name: 'limits', dependencies: ['context'] },
);
