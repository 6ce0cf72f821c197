import { idSchema } from '@khien/shared/id';
import type { FastifyRequest } from 'fastify';
import fp from 'fastify-plugin';
import type { FastifyPluginCallbackZod } from 'fastify-type-provider-zod';
import { z } from 'zod';
import { householdOf, householdParamsSchema } from '../households/access.ts';
import { problems } from '../http/problem.ts';
import { requireRecent } from '../identity/recent.ts';
import { inHousehold } from '../rights/household-write.ts';
import { createApiKey, listApiKeys, revokeApiKey } from './api-keys.ts';
import { apiKeyMadeSchema, apiKeyRequestSchema, apiKeyViewSchema } from './schema.ts';

const routes: FastifyPluginCallbackZod = (app, _options, done) => {
  const { store, now, changes } = app.cloud;
  const byOf = (request: FastifyRequest) => ({
    household: householdOf(request).id,
    account: requireRecent(request).account,
    now: now(),
  });

  app.get(
    '/api-keys',
    {
      config: { right: 'household:own' },
      schema: {
        summary: 'Keys by which programs ask in the name of the household',
        tags: ['developers'],
        params: householdParamsSchema,
        response: { 200: z.object({ items: z.array(apiKeyViewSchema) }), ...problems },
      },
    },
    async (request) => ({ items: await listApiKeys(store.db, householdOf(request).id, now()) }),
  );

  app.post(
    '/api-keys',
    {
      config: { right: 'household:own' },
      schema: {
        summary: 'Make a key; it is told this once',
        tags: ['developers'],
        params: householdParamsSchema,
        body: apiKeyRequestSchema,
        response: { 201: apiKeyMadeSchema, ...problems },
      },
    },
    async (request, reply) => {
      const by = byOf(request);
      const made = await inHousehold(request, async (trx) => {
        const { id, token } = await createApiKey(trx, by, request.body);
        const view = (await listApiKeys(trx, by.household, by.now)).find((key) => key.id === id);
        return { ...view, token };
      });
      changes.announce({ household: by.household, changed: 'rights' });
      return reply.code(201).send(apiKeyMadeSchema.parse(made));
    },
  );

  app.delete(
    '/api-keys/:key',
    {
      config: { right: 'household:own' },
      schema: {
        summary: 'Revoke a key, at once',
        tags: ['developers'],
        params: householdParamsSchema.extend({ key: idSchema }),
        response: { 204: z.null(), ...problems },
      },
    },
    async (request, reply) => {
      const by = byOf(request);
      await inHousehold(request, (trx) => revokeApiKey(trx, by, request.params.key));
      changes.announce({ household: by.household, changed: 'rights' });
      return reply.code(204).send(null);
    },
  );
  done();
};

/** Keys for programs that others write. */
export const apiKeysPlugin = fp(routes, { name: 'api-keys', dependencies: ['context', 'rights', 'api-key'] });
