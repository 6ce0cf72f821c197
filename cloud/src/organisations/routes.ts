import { idSchema } from '@khien/shared/id';
import fp from 'fastify-plugin';
import type { FastifyPluginCallbackZod } from 'fastify-type-provider-zod';
import { z } from 'zod';
import { problems } from '../http/problem.ts';
import { sessionOf } from '../identity/session-plugin.ts';
import { appoint, dismiss, dutiesOf, listDuties } from './duties.ts';
import { listDutyChanges } from './duty-changes.ts';
import { addOrganisation, listOrganisations, renameOrganisation } from './organisations.ts';
import {
  dutyChangesPageSchema,
  dutyPageSchema,
  dutyQuerySchema,
  dutyRequestSchema,
  dutyViewSchema,
  organisationListSchema,
  organisationRequestSchema,
  organisationSchema,
  ownDutiesSchema,
} from './schema.ts';

const tags = ['administration'];

const routes: FastifyPluginCallbackZod = (app, _options, done) => {
  const { store, changes, now } = app.cloud;

  app.get(
    '/account/duties',
    {
      config: { right: 'account' },
      schema: {
        summary: 'What the own account does for others',
        tags: ['identity'],
        response: { 200: ownDutiesSchema, ...problems },
      },
    },
    async (request) => ({ items: await dutiesOf(store.db, sessionOf(request).account) }),
  );

  app.get(
    '/organisations',
    {
      config: { right: 'cloud:administer' },
      schema: {
        summary: 'Organisations whose workers help families, and internet providers',
        tags,
        response: { 200: organisationListSchema, ...problems },
      },
    },
    () => listOrganisations(store.db),
  );

  app.post(
    '/organisations',
    {
      config: { right: 'cloud:administer' },
      schema: {
        summary: 'Add an organisation',
        tags,
        body: organisationRequestSchema,
        response: { 201: organisationSchema, ...problems },
      },
    },
    async (request, reply) => reply.code(201).send(await addOrganisation(store.db, request.body.name, now())),
  );

  app.patch(
    '/organisations/:organisation',
    {
      config: { right: 'cloud:administer' },
      schema: {
        summary: 'Rename an organisation',
        tags,
        params: z.object({ organisation: idSchema }),
        body: organisationRequestSchema,
        response: { 200: organisationSchema, ...problems },
      },
    },
    ({ params, body }) => store.transaction((trx) => renameOrganisation(trx, params.organisation, body.name)),
  );

  app.get(
    '/duties',
    {
      config: { right: 'cloud:administer' },
      schema: {
        summary: 'Who acts for an organisation, a provider or the service, newest first',
        tags,
        querystring: dutyQuerySchema,
        response: { 200: dutyPageSchema, ...problems },
      },
    },
    (request) => listDuties(store.db, request.query),
  );

  app.post(
    '/duties',
    {
      config: { right: 'cloud:administer' },
      schema: {
        summary: 'Make somebody a worker or an operator',
        tags,
        body: dutyRequestSchema,
        response: { 201: dutyViewSchema, ...problems },
      },
    },
    async (request, reply) => {
      const appointing = { by: sessionOf(request).account, now: now() };
      const duty = await store.transaction((trx) => appoint(trx, request.body, appointing));
      return reply.code(201).send(duty);
    },
  );

  app.delete(
    '/duties/:duty',
    {
      config: { right: 'cloud:administer' },
      schema: {
        summary: 'End a duty, and the consents that families gave to it',
        tags,
        params: z.object({ duty: idSchema }),
        response: { 204: z.null(), ...problems },
      },
    },
    async (request, reply) => {
      const appointing = { by: sessionOf(request).account, now: now() };
      const households = await store.transaction((trx) => dismiss(trx, request.params.duty, appointing));
      for (const household of households) changes.announce({ household, changed: 'rights' });
      return reply.code(204).send(null);
    },
  );

  app.get(
    '/duties/changes',
    {
      config: { right: 'cloud:administer' },
      schema: {
        summary: 'Who gave and ended duties, newest first',
        tags,
        querystring: dutyQuerySchema,
        response: { 200: dutyChangesPageSchema, ...problems },
      },
    },
    (request) => listDutyChanges(store.db, request.query),
  );
  done();
};

/** Organisations and internet providers, and who acts for them. */
export const organisationsPlugin = fp(routes, { name: 'organisations', dependencies: ['context', 'rights'] });
