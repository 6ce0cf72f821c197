import { idSchema } from '@khien/shared/id';
import fp from 'fastify-plugin';
import type { FastifyPluginCallbackZod } from 'fastify-type-provider-zod';
import { actorOf } from '../api-keys/key-plugin.ts';
import { householdOf, householdParamsSchema } from '../households/access.ts';
import { changePolicy } from '../households/policy-change.ts';
import { problems } from '../http/problem.ts';
import { answerRequest } from './answer.ts';
import { findRequest, loadRequests } from './requests.ts';
import { answerSchema, requestPageSchema, requestQuerySchema, requestViewSchema } from './schema.ts';

const routes: FastifyPluginCallbackZod = (app, _options, done) => {
  const { cloud } = app;
  const { store, now } = cloud;

  app.get(
    '/requests',
    {
      config: { right: 'household:view', scope: 'requests', forKeys: true },
      schema: {
        summary: 'What children asked, newest first',
        tags: ['requests'],
        params: householdParamsSchema,
        querystring: requestQuerySchema,
        response: { 200: requestPageSchema, ...problems },
      },
    },
    (request) => loadRequests(store.db, householdOf(request).id, request.query),
  );

  app.post(
    '/requests/:request/answer',
    {
      config: { right: 'household:care' },
      schema: {
        summary: 'Answer a child, once',
        tags: ['requests'],
        params: householdParamsSchema.extend({ request: idSchema }),
        body: answerSchema,
        response: { 200: requestViewSchema, ...problems },
      },
    },
    async (request) => {
      const { id: household, zone } = householdOf(request);
      const at = {
        household,
        request: request.params.request,
        account: actorOf(request),
        offsets: cloud.zones.around(zone, now()),
        now: now(),
      };
      await changePolicy(request, (trx) => answerRequest(trx, at, request.body), ['home', 'requests']);
      return findRequest(store.db, household, at.request);
    },
  );
  done();
};

/** What children ask of their parents. */
export const requestsPlugin = fp(routes, { name: 'requests', dependencies: ['context', 'rights'] });
