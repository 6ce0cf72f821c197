import { KhienError } from '@khien/shared/error';
import { idSchema } from '@khien/shared/id';
import { MINUTE } from '@khien/shared/policy';
import type { FastifyRequest } from 'fastify';
import fp from 'fastify-plugin';
import type { FastifyPluginCallbackZod } from 'fastify-type-provider-zod';
import { z } from 'zod';
import { householdOf, householdParamsSchema } from '../households/access.ts';
import { problems } from '../http/problem.ts';
import { requireRecent } from '../identity/recent.ts';
import { sessionOf } from '../identity/session-plugin.ts';
import { inHousehold } from '../rights/household-write.ts';
import { endConsent, findWorker, giveConsent, listConsents } from './consents.ts';
import {
  consentListSchema,
  consentRequestSchema,
  consentViewSchema,
  workerCodeSchema,
  workerViewSchema,
} from './schema.ts';

/** By account: a person mistypes a few times, and finds out nobody's name by trying. */
const CODES_PER_ACCOUNT = { max: 20, timeWindow: 60 * MINUTE };

const routes: FastifyPluginCallbackZod = (app, _options, done) => {
  const { store, changes, now } = app.cloud;
  const codesOfAccount = app.createRateLimit({
    ...CODES_PER_ACCOUNT,
    keyGenerator: (request) => sessionOf(request).account,
  });
  const countCode = async (request: FastifyRequest): Promise<void> => {
    const tries = await codesOfAccount(request);
    if (!tries.isAllowed && tries.isExceeded) {
      throw new KhienError('TOO_MANY_REQUESTS', 'too many codes were tried from this account');
    }
  };

  app.get(
    '/consents',
    {
      config: { right: 'household:view' },
      schema: {
        summary: 'Workers who may see something of the household, until when',
        tags: ['rights'],
        params: householdParamsSchema,
        response: { 200: consentListSchema, ...problems },
      },
    },
    async (request) => ({ items: await listConsents(store.db, householdOf(request).id, now()) }),
  );

  app.post(
    '/consents/worker',
    {
      config: { right: 'household:own' },
      schema: {
        summary: 'Whose code this is, before anything is consented to',
        tags: ['rights'],
        params: householdParamsSchema,
        body: workerCodeSchema,
        response: { 200: workerViewSchema, ...problems },
      },
    },
    async (request) => {
      await countCode(request);
      return findWorker(store.db, request.body.code);
    },
  );

  app.post(
    '/consents',
    {
      config: { right: 'household:own' },
      schema: {
        summary: 'Let a worker see what the scope names, until the end',
        tags: ['rights'],
        params: householdParamsSchema,
        body: consentRequestSchema,
        response: { 201: consentViewSchema, ...problems },
      },
    },
    async (request, reply) => {
      await countCode(request);
      const household = householdOf(request).id;
      const given = { household, by: requireRecent(request).account, now: now() };
      const consent = await inHousehold(request, (trx) => giveConsent(trx, given, request.body));
      changes.announce({ household, changed: 'rights' });
      return reply.code(201).send(consent);
    },
  );

  app.delete(
    '/consents/:consent',
    {
      config: { right: 'household:own' },
      schema: {
        summary: 'End a consent, at once',
        tags: ['rights'],
        params: householdParamsSchema.extend({ consent: idSchema }),
        response: { 204: z.null(), ...problems },
      },
    },
    async (request, reply) => {
      const household = householdOf(request).id;
      const ended = { household, by: sessionOf(request).account, now: now() };
      await inHousehold(request, (trx) => endConsent(trx, ended, request.params.consent));
      changes.announce({ household, changed: 'rights' });
      return reply.code(204).send(null);
    },
  );
  done();
};

/** What a family lets a worker see. */
export const consentsPlugin = fp(routes, {
  name: 'consents',
  dependencies: ['context', 'rights', '@fastify/rate-limit'],
});
