import type { FastifyRequest } from 'fastify';
import fp from 'fastify-plugin';
import type { FastifyPluginCallbackZod } from 'fastify-type-provider-zod';
import { auditLook } from '../audit/audit.ts';
import { problems } from '../http/problem.ts';
import { sessionOf } from '../identity/session-plugin.ts';
import { dutyOf } from '../rights/rights-plugin.ts';
import { countFleet, loadFleetPage } from './fleet.ts';
import { fleetPageSchema, fleetQuerySchema, fleetSchema } from './schema.ts';

/** Each route is of the operator's own provider: there is no other to ask for. */
function operatorOf(request: FastifyRequest) {
  const { name, isp } = dutyOf(request);
  return {
    account: sessionOf(request).account,
    name,
    actingAs: 'operator',
    organisation: isp ?? '',
  } as const;
}

const routes: FastifyPluginCallbackZod = (app, _options, done) => {
  const { store, now } = app.cloud;

  app.get(
    '/fleet',
    {
      config: { right: 'fleet:view' },
      schema: {
        summary: 'How many of the own provider’s routers are well',
        tags: ['fleet'],
        response: { 200: fleetSchema, ...problems },
      },
    },
    (request) => countFleet(store.db, operatorOf(request).organisation),
  );

  app.get(
    '/fleet/routers',
    {
      config: { right: 'fleet:view' },
      schema: {
        summary: 'The own provider’s routers: their health, and nothing of whose they are',
        tags: ['fleet'],
        querystring: fleetQuerySchema,
        response: { 200: fleetPageSchema, ...problems },
      },
    },
    async (request) => {
      const operator = operatorOf(request);
      const { page, households } = await loadFleetPage(store.db, operator.organisation, request.query);
      await auditLook(store.db, households, operator, 'router', now());
      return page;
    },
  );
  done();
};

/** What an internet provider's operator sees of the routers it gave out. */
export const fleetPlugin = fp(routes, { name: 'fleet', dependencies: ['context', 'rights'] });
