import { Readable } from 'node:stream';
import fp from 'fastify-plugin';
import type { FastifyPluginCallbackZod } from 'fastify-type-provider-zod';
import { z } from 'zod';
import { audit } from '../audit/audit.ts';
import { householdOf, householdParamsSchema } from '../households/access.ts';
import { problems } from '../http/problem.ts';
import { requireRecent } from '../identity/recent.ts';
import { inHousehold } from '../rights/household-write.ts';
import { emptyLog } from '../store/empty-log.ts';
import { eraseHousehold } from './erase.ts';
import { exportHousehold } from './export.ts';
import { erasureSchema } from './schema.ts';

const routes: FastifyPluginCallbackZod = (app, _options, done) => {
  const { store, changes, now } = app.cloud;

  app.get(
    '/export',
    {
      config: { right: 'household:own', rateLimit: { max: 10, timeWindow: '1 hour' } },
      schema: {
        summary: 'All that is kept of the household, as a JSON file',
        tags: ['data'],
        params: householdParamsSchema,
        response: { 200: z.unknown().describe('The file'), ...problems },
      },
    },
    async (request, reply) => {
      const { account } = requireRecent(request);
      const { id } = householdOf(request);
      await inHousehold(request, (trx) => audit(trx, id, { kind: 'data-exported', by: account }, now()));
      const day = new Date(now()).toISOString().slice(0, 10);
      return reply
        .header('content-disposition', `attachment; filename="khien-${day}.json"`)
        .type('application/json; charset=utf-8')
        .send(Readable.from(exportHousehold(store.db, id, now())));
    },
  );

  app.post(
    '/erasure',
    {
      config: { right: 'household:own' },
      schema: {
        summary: 'Delete the household and all that is kept of it, for ever',
        tags: ['data'],
        params: householdParamsSchema,
        body: erasureSchema,
        response: { 204: z.null(), ...problems },
      },
    },
    async (request, reply) => {
      requireRecent(request);
      const { id } = householdOf(request);
      const routers = await inHousehold(request, (trx) => eraseHousehold(trx, id, request.body.name));
      await emptyLog(store);
      for (const router of routers) changes.announce({ router, document: null });
      changes.announce({ household: id, changed: 'home' });
      return reply.code(204).send(null);
    },
  );
  done();
};

export const householdDataPlugin = fp(routes, {
  name: 'household-data',
  dependencies: ['context', 'rights'],
});
