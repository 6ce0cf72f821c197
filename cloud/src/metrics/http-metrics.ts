import fp from 'fastify-plugin';
import { problemOf } from '../http/problem.ts';
import type { Metrics } from './metrics.ts';

/** Measures every answer, by the pattern of its route: an address itself could name a household. */
export const httpMetricsPlugin = fp<{ readonly metrics: Metrics }>(
  (app, { metrics }, done) => {
    app.addHook('onResponse', (request, reply, next) => {
      const { url: route } = request.routeOptions;
      const streamed = String(reply.getHeader('content-type') ?? '').startsWith('text/event-stream');
      if (!streamed) {
        metrics.requests.observe(
          { method: request.method, route: route ?? 'none', status: reply.statusCode },
          reply.elapsedTime / 1000,
        );
      }
      next();
    });
    app.addHook('onError', (_request, _reply, error, next) => {
      const { status, code } = problemOf(error);
      if (status >= 500) metrics.errors.inc({ code });
      next();
    });
    done();
  },
  { name: 'http-metrics' },
);
