import { idSchema } from '@khien/shared/id';
import fp from 'fastify-plugin';
import type { FastifyPluginCallbackZod } from 'fastify-type-provider-zod';
import { z } from 'zod';
import { householdOf, householdParamsSchema } from '../households/access.ts';
import { problems } from '../http/problem.ts';
import { inHousehold } from '../rights/household-write.ts';
import { dismissAlert } from './alerts.ts';

const routes: FastifyPluginCallbackZod = (app, _options, done) => {
  const { changes } = app.cloud;

  app.delete(
    '/alerts/:alert',
    {
      config: { right: 'household:care' },
      schema: {
        summary: 'Dismiss an alert',
        tags: ['devices'],
        params: householdParamsSchema.extend({ alert: idSchema }),
        response: { 204: z.null(), ...problems },
      },
    },
    async (request, reply) => {
      const household = householdOf(request).id;
      await inHousehold(request, (trx) => dismissAlert(trx, household, request.params.alert));
      changes.announce({ household, changed: 'home' });
      return reply.code(204).send(null);
    },
  );
  done();
};

/** What a parent should look at: an address that something else seems to use. */
export const alertsPlugin = fp(routes, { name: 'alerts', dependencies: ['context', 'rights'] });
