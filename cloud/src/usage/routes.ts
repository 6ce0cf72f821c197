import { idSchema } from '@khien/shared/id';
import fp from 'fastify-plugin';
import type { FastifyPluginCallbackZod } from 'fastify-type-provider-zod';
import { householdOf, householdParamsSchema } from '../households/access.ts';
import { findProfile } from '../households/profiles.ts';
import { problems } from '../http/problem.ts';
import { loadUsageReport } from './report.ts';
import { usageQuerySchema, usageReportSchema } from './schema.ts';

const routes: FastifyPluginCallbackZod = (app, _options, done) => {
  const { cloud } = app;
  const { store, now } = cloud;

  app.get(
    '/profiles/:profile/usage',
    {
      config: { right: 'household:view', scope: 'activity', forKeys: true },
      schema: {
        summary: 'A child’s minutes and blocked tries, day by day, newest first',
        tags: ['activity'],
        params: householdParamsSchema.extend({ profile: idSchema }),
        querystring: usageQuerySchema,
        response: { 200: usageReportSchema, ...problems },
      },
    },
    async (request) => {
      const { id: household, zone } = householdOf(request);
      const profile = await findProfile(store.db, household, request.params.profile, now());
      return loadUsageReport(store.db, profile, cloud.zones.around(zone, now()), request.query.days, now());
    },
  );
  done();
};

/** How much a child was online. */
export const usagePlugin = fp(routes, { name: 'usage', dependencies: ['context', 'rights'] });
