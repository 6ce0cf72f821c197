import fp from 'fastify-plugin';
import type { FastifyPluginCallbackZod } from 'fastify-type-provider-zod';
import { auditLook } from '../audit/audit.ts';
import { householdOf, householdParamsSchema } from '../households/access.ts';
import { listProfiles } from '../households/profiles.ts';
import { problems } from '../http/problem.ts';
import { sessionOf } from '../identity/session-plugin.ts';
import { dutyOf, standingOf } from '../rights/rights-plugin.ts';
import { listFamilies, loadShared } from './families.ts';
import { familyListSchema, sharedRulesSchema, sharedSchema } from './schema.ts';

const families: FastifyPluginCallbackZod = (app, _options, done) => {
  const { store, now } = app.cloud;
  app.get(
    '/families',
    {
      config: { right: 'families:view' },
      schema: {
        summary: 'The own code to show to families, and those who consented',
        tags: ['rights'],
        response: { 200: familyListSchema, ...problems },
      },
    },
    async (request) => {
      const { id, name, organisation, code } = dutyOf(request);
      const items = await listFamilies(store.db, id, now());
      const { account } = sessionOf(request);
      const worker = { account, name, actingAs: 'worker', organisation: organisation ?? '' } as const;
      const households = items.map(({ household }) => household);
      await auditLook(store.db, households, worker, 'family', now());
      return { organisation: worker.organisation, code: code ?? '', items };
    },
  );
  done();
};

/** What a worker has of all families. */
export const familiesPlugin = fp(families, { name: 'families', dependencies: ['context', 'rights'] });

const shared: FastifyPluginCallbackZod = (app, _options, done) => {
  const { store, now } = app.cloud;

  app.get(
    '/shared',
    {
      config: { right: 'household:view', scope: 'any' },
      schema: {
        summary: 'Whom a consent is about, and what it lets see',
        tags: ['rights'],
        params: householdParamsSchema,
        response: { 200: sharedSchema, ...problems },
      },
    },
    (request) => loadShared(store.db, householdOf(request), standingOf(request), now()),
  );

  app.get(
    '/rules',
    {
      config: { right: 'household:view', scope: 'rules', forKeys: true, etag: true },
      schema: {
        summary: 'The rules of each child',
        tags: ['rights'],
        params: householdParamsSchema,
        response: { 200: sharedRulesSchema, ...problems },
      },
    },
    async (request) => ({ items: await listProfiles(store.db, householdOf(request).id, now()) }),
  );
  done();
};

/** What a worker has of one family, beside its activity and its requests. */
export const sharedPlugin = fp(shared, { name: 'shared', dependencies: ['context', 'rights'] });
