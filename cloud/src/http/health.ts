import { KhienError } from '@khien/shared/error';
import fp from 'fastify-plugin';
import { sql } from 'kysely';

/** `GET /healthz`: whether the process serves and its store answers. For load balancers and supervisors. */
export const healthPlugin = fp(
  (app, _options, done) => {
    app.get('/healthz', { schema: { hide: true } }, async () => {
      await sql`select 1 from household limit 1`.execute(app.cloud.store.db).catch((cause: unknown) => {
        throw new KhienError('UNAVAILABLE', 'the store does not answer', { cause });
      });
      return { status: 'ok' };
    });
    done();
  },
  { name: 'health', dependencies: ['context'] },
);
