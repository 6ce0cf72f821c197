import fp from 'fastify-plugin';
import type { FastifyPluginCallbackZod } from 'fastify-type-provider-zod';
import { householdOf, householdParamsSchema } from '../households/access.ts';
import { problems } from '../http/problem.ts';
import { loadAuditPage } from './audit-page.ts';
import { auditPageSchema, auditQuerySchema } from './schema.ts';

const routes: FastifyPluginCallbackZod = (app, _options, done) => {
  app.get(
    '/audit',
    {
      config: { right: 'household:view' },
      schema: {
        summary: 'Who has looked, and who changed who may, newest first',
        tags: ['rights'],
        params: householdParamsSchema,
        querystring: auditQuerySchema,
        response: { 200: auditPageSchema, ...problems },
      },
    },
    (request) => loadAuditPage(app.cloud.store.db, householdOf(request).id, request.query),
  );
  done();
};

/** The log that a family reads of those who looked at its data. */
export const auditPlugin = fp(routes, { name: 'audit', dependencies: ['context', 'rights'] });
