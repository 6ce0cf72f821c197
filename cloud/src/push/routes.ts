import type { FastifyInstance } from 'fastify';
import fp from 'fastify-plugin';
import type { ZodTypeProvider } from 'fastify-type-provider-zod';
import { z } from 'zod';
import { problems } from '../http/problem.ts';
import { sessionOf } from '../identity/session-plugin.ts';
import { pushStateSchema, subscriptionSchema } from './schema.ts';
import { findSubscription, subscribe, unsubscribe } from './subscriptions.ts';
import { openVapid } from './vapid.ts';

async function routes(app: FastifyInstance): Promise<void> {
  const { store, now, publicUrl } = app.cloud;
  const api = app.withTypeProvider<ZodTypeProvider>();
  const { publicKey } = await openVapid(store.db, publicUrl, now());

  api.get(
    '/account/push',
    {
      config: { right: 'account' },
      schema: {
        summary: 'Whether this browser is pushed, and the key to subscribe with',
        tags: ['notifications'],
        response: { 200: pushStateSchema, ...problems },
      },
    },
    async (request) => ({
      publicKey,
      subscribed: (await findSubscription(store.db, sessionOf(request))) !== undefined,
    }),
  );

  api.put(
    '/account/push',
    {
      config: { right: 'account' },
      schema: {
        summary: 'Have this browser pushed, until its session ends',
        tags: ['notifications'],
        body: subscriptionSchema,
        response: { 204: z.null(), ...problems },
      },
    },
    async (request, reply) => {
      const session = sessionOf(request);
      await store.transaction((trx) => subscribe(trx, session, request.body, now()));
      return reply.code(204).send(null);
    },
  );

  api.delete(
    '/account/push',
    {
      config: { right: 'account' },
      schema: {
        summary: 'Push nothing more to this browser',
        tags: ['notifications'],
        response: { 204: z.null(), ...problems },
      },
    },
    async (request, reply) => {
      await unsubscribe(store.db, sessionOf(request));
      return reply.code(204).send(null);
    },
  );
}

/** Browsers that take pushes. */
export const pushPlugin = fp(routes, { name: 'push', dependencies: ['context', 'session', 'rights'] });
