import { KhienError } from '@khien/shared/error';
import fp from 'fastify-plugin';
import { sql } from 'kysely';

/**
 * For load balancers, `GET /healthz`: whether this node serves and its store answers. For supervisors, `GET /livez`: whether the
 * process lives; a store that does not answer comes back by itself, and no restart of this process would mend it.
 */
export const healthPlugin = fp(
  (app, _options, done) => {
    app.get('/healthz', { schema: { hide: true } }, async () => {
      await sql`select 1 from household limit 1`.execute(app.cloud.store.db).catch((cause: unknown) => {
        throw new KhienError('UNAVAILABLE', 'the store does not answer', { cause });
      });
      return { status: 'ok' };
    });
    app.get('/livez', { schema: { hide: true } }, () => ({ status: 'ok' }));
    done();
  },
  { name: 'health', dependencies: ['context'] },
);
