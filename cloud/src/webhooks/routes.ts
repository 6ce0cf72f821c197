import { idSchema } from '@khien/shared/id';
import { MINUTE } from '@khien/shared/policy';
import type { FastifyRequest } from 'fastify';
import fp from 'fastify-plugin';
import type { FastifyPluginCallbackZod } from 'fastify-type-provider-zod';
import { z } from 'zod';
import { householdOf, householdParamsSchema } from '../households/access.ts';
import { problems } from '../http/problem.ts';
import { requireRecent } from '../identity/recent.ts';
import { inHousehold } from '../rights/household-write.ts';
import { queueMessage } from './queue.ts';
import {
  attemptPageSchema,
  attemptQuerySchema,
  webhookChangeSchema,
  webhookMadeSchema,
  webhookRequestSchema,
  webhookViewSchema,
} from './schema.ts';
import {
  changeWebhook,
  createWebhook,
  deleteWebhook,
  findWebhook,
  listWebhooks,
  loadAttempts,
} from './webhooks.ts';

/** A developer tries a webhook out a few times, not all the time. */
const TEST_LIMIT = { max: 10, timeWindow: MINUTE };
const webhookParams = householdParamsSchema.extend({ webhook: idSchema });

const routes: FastifyPluginCallbackZod = (app, _options, done) => {
  const { store, now } = app.cloud;
  const byOf = (request: FastifyRequest) => ({
    household: householdOf(request).id,
    account: requireRecent(request).account,
    now: now(),
  });

  app.get(
    '/webhooks',
    {
      config: { right: 'household:own' },
      schema: {
        summary: 'Addresses that are told of what the household is notified of',
        tags: ['developers'],
        params: householdParamsSchema,
        response: { 200: z.object({ items: z.array(webhookViewSchema) }), ...problems },
      },
    },
    async (request) => ({ items: await listWebhooks(store.db, householdOf(request).id) }),
  );

  app.post(
    '/webhooks',
    {
      config: { right: 'household:own' },
      schema: {
        summary: 'Have an address told; the secret of the signatures is told this once',
        tags: ['developers'],
        params: householdParamsSchema,
        body: webhookRequestSchema,
        response: { 201: webhookMadeSchema, ...problems },
      },
    },
    async (request, reply) => {
      const by = byOf(request);
      const made = await inHousehold(request, async (trx) => {
        const { id, secret } = await createWebhook(trx, by, request.body);
        return { ...(await findWebhook(trx, by.household, id)), secret };
      });
      return reply.code(201).send(made);
    },
  );

  app.patch(
    '/webhooks/:webhook',
    {
      config: { right: 'household:own' },
      schema: {
        summary: 'Change what is told, or send again after a failure',
        tags: ['developers'],
        params: webhookParams,
        body: webhookChangeSchema,
        response: { 200: webhookViewSchema, ...problems },
      },
    },
    (request) => {
      const { household } = byOf(request);
      const { webhook } = request.params;
      return inHousehold(request, async (trx) => {
        await changeWebhook(trx, household, webhook, request.body, now());
        return findWebhook(trx, household, webhook);
      });
    },
  );

  app.delete(
    '/webhooks/:webhook',
    {
      config: { right: 'household:own' },
      schema: {
        summary: 'Tell an address no more',
        tags: ['developers'],
        params: webhookParams,
        response: { 204: z.null(), ...problems },
      },
    },
    async (request, reply) => {
      const by = byOf(request);
      await inHousehold(request, (trx) => deleteWebhook(trx, by, request.params.webhook));
      return reply.code(204).send(null);
    },
  );

  app.post(
    '/webhooks/:webhook/test',
    {
      config: { right: 'household:own', rateLimit: TEST_LIMIT },
      schema: {
        summary: 'Send a message that only tries it out; the log shows what came of it',
        tags: ['developers'],
        params: webhookParams,
        response: { 202: z.null(), ...problems },
      },
    },
    async (request, reply) => {
      await inHousehold(request, async (trx) => {
        const { id } = await findWebhook(trx, householdOf(request).id, request.params.webhook);
        await queueMessage(trx, { webhook: id, notification: null, due: now() }, now());
      });
      return reply.code(202).send(null);
    },
  );

  app.get(
    '/webhooks/:webhook/attempts',
    {
      config: { right: 'household:own' },
      schema: {
        summary: 'How sending went, newest first',
        tags: ['developers'],
        params: webhookParams,
        querystring: attemptQuerySchema,
        response: { 200: attemptPageSchema, ...problems },
      },
    },
    async (request) => {
      const { id } = await findWebhook(store.db, householdOf(request).id, request.params.webhook);
      return loadAttempts(store.db, id, request.query);
    },
  );
  done();
};

/** Addresses outside that are told of what happens in a household. */
export const webhooksPlugin = fp(routes, { name: 'webhooks', dependencies: ['context', 'rights'] });
