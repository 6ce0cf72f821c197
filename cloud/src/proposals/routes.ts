import { idSchema } from '@khien/shared/id';
import type { FastifyRequest } from 'fastify';
import fp from 'fastify-plugin';
import type { FastifyPluginCallbackZod } from 'fastify-type-provider-zod';
import { z } from 'zod';
import { actorOf } from '../api-keys/key-plugin.ts';
import { householdOf, householdParamsSchema } from '../households/access.ts';
import { findDevice } from '../households/devices.ts';
import { changePolicy } from '../households/policy-change.ts';
import { deviceViewSchema } from '../households/schema.ts';
import { problems } from '../http/problem.ts';
import { confirmProposal, denyProposal, listProposals, reopenProposal } from './proposals.ts';
import { proposalListSchema } from './schema.ts';

const paramsSchema = householdParamsSchema.extend({ proposal: idSchema });

const routes: FastifyPluginCallbackZod = (app, _options, done) => {
  const { cloud } = app;
  const { store, now } = cloud;

  const decision = (request: FastifyRequest, proposal: string) => ({
    household: householdOf(request).id,
    proposal,
    by: actorOf(request),
    now: now(),
  });

  app.get(
    '/proposals',
    {
      config: { right: 'household:view', forKeys: true },
      schema: {
        summary: 'Addresses that look like a child’s device, oldest first',
        tags: ['devices'],
        params: householdParamsSchema,
        response: { 200: proposalListSchema, ...problems },
      },
    },
    async (request) => ({ items: await listProposals(store.db, householdOf(request).id) }),
  );

  app.post(
    '/proposals/:proposal/confirm',
    {
      config: { right: 'household:care' },
      schema: {
        summary: 'It is that device: the address becomes one of its own',
        tags: ['devices'],
        params: paramsSchema,
        response: { 200: deviceViewSchema, ...problems },
      },
    },
    async (request) => {
      const { household, ...decided } = decision(request, request.params.proposal);
      const device = await changePolicy(request, (trx) => confirmProposal(trx, { household, ...decided }), [
        'home',
        'activity',
      ]);
      return findDevice(store.db, household, device, now());
    },
  );

  app.post(
    '/proposals/:proposal/deny',
    {
      config: { right: 'household:care' },
      schema: {
        summary: 'It is something else, to be left alone',
        tags: ['devices'],
        params: paramsSchema,
        response: { 204: z.null(), ...problems },
      },
    },
    async (request, reply) => {
      const decided = decision(request, request.params.proposal);
      await changePolicy(request, (trx) => denyProposal(trx, decided));
      return reply.code(204).send(null);
    },
  );

  app.post(
    '/proposals/:proposal/reopen',
    {
      config: { right: 'household:care' },
      schema: {
        summary: 'Take back that it is something else',
        tags: ['devices'],
        params: paramsSchema,
        response: { 204: z.null(), ...problems },
      },
    },
    async (request, reply) => {
      const decided = decision(request, request.params.proposal);
      await changePolicy(request, (trx) => reopenProposal(trx, decided));
      return reply.code(204).send(null);
    },
  );
  done();
};

/** Whose a new address is. */
export const proposalsPlugin = fp(routes, {
  name: 'proposals',
  dependencies: ['context', 'rights'],
});
