import { KhienError } from '@khien/shared/error';
import { idSchema } from '@khien/shared/id';
import { MINUTE } from '@khien/shared/policy';
import fp from 'fastify-plugin';
import type { FastifyPluginCallbackZod } from 'fastify-type-provider-zod';
import { z } from 'zod';
import { householdOf, householdParamsSchema } from '../households/access.ts';
import { changePolicy } from '../households/policy-change.ts';
import { problems } from '../http/problem.ts';
import { deleteRouter, findRouter, listRouters, MAX_ROUTERS } from './routers.ts';
import { claimSchema, routerSchema } from './schema.ts';

/** Claim codes have 35 random bits and live for minutes: at this pace nobody finds a stranger's. */
const CLAIM_LIMIT = { max: 10, timeWindow: MINUTE };

const routes: FastifyPluginCallbackZod = (app, _options, done) => {
  const { cloud } = app;

  app.post(
    '/routers',
    {
      config: { rateLimit: CLAIM_LIMIT },
      schema: {
        params: householdParamsSchema,
        body: claimSchema,
        response: { 201: routerSchema, ...problems },
      },
    },
    async (request, reply) => {
      const household = householdOf(request).id;
      const { claimCode, name } = request.body;
      const router = await changePolicy(cloud, household, async (trx) => {
        if ((await listRouters(trx, household)).length >= MAX_ROUTERS) {
          throw new KhienError('LIMIT_REACHED', `a household has ${MAX_ROUTERS} routers at most`);
        }
        return cloud.enrolment.claim(trx, household, claimCode, name);
      });
      return reply.code(201).send(await findRouter(cloud.store.db, household, router));
    },
  );

  app.delete(
    '/routers/:router',
    {
      schema: {
        params: householdParamsSchema.extend({ router: idSchema }),
        response: { 204: z.null(), ...problems },
      },
    },
    async (request, reply) => {
      const household = householdOf(request).id;
      const { router } = request.params;
      await changePolicy(cloud, household, (trx) => deleteRouter(trx, household, router));
      cloud.changes.announce({ router, document: null });
      return reply.code(204).send(null);
    },
  );
  done();
};

/** Taking routers in and letting them go. */
export const routersPlugin = fp(routes, { name: 'routers', dependencies: ['context', 'household-access'] });
