import { KhienError } from '@khien/shared/error';
import { type Id, idSchema } from '@khien/shared/id';
import type { FastifyRequest } from 'fastify';
import fp from 'fastify-plugin';
import type { FastifyPluginCallbackZod } from 'fastify-type-provider-zod';
import { z } from 'zod';
import { audit } from '../audit/audit.ts';
import { CLAIMS_PER_ACCOUNT, CLAIMS_PER_ADDRESS } from '../enrolment/limits.ts';
import { offer, revoke } from '../enrolment/stock.ts';
import { householdOf, householdParamsSchema } from '../households/access.ts';
import { changePolicy } from '../households/policy-change.ts';
import { problems } from '../http/problem.ts';
import { requireRecent } from '../identity/recent.ts';
import { sessionOf } from '../identity/session-plugin.ts';
import type { Trx } from '../store/open.ts';
import { deleteRouter, findRouter, listRouters, MAX_ROUTERS } from './routers.ts';
import { claimSchema, releaseSchema, routerSchema } from './schema.ts';

const routerParamsSchema = householdParamsSchema.extend({ router: idSchema });

const routes: FastifyPluginCallbackZod = (app, _options, done) => {
  const { cloud } = app;
  const claimsOfAccount = app.createRateLimit({
    ...CLAIMS_PER_ACCOUNT,
    keyGenerator: (request) => sessionOf(request).account,
  });

  /** Takes a router out of the household, which can read by whom. */
  async function part(request: FastifyRequest, trx: Trx, router: Id) {
    const household = householdOf(request).id;
    const parted = await deleteRouter(trx, household, router);
    const by = sessionOf(request).account;
    await audit(trx, household, { kind: 'router-removed', by, about: parted.name }, cloud.now());
    return parted;
  }

  app.post(
    '/routers',
    {
      config: { right: 'household:own', rateLimit: CLAIMS_PER_ADDRESS },
      schema: {
        summary: 'Claim the router that shows this code',
        tags: ['routers'],
        params: householdParamsSchema,
        body: claimSchema,
        response: { 201: routerSchema, ...problems },
      },
    },
    async (request, reply) => {
      const household = householdOf(request).id;
      const { claimCode, name } = request.body;
      const claims = await claimsOfAccount(request);
      if (!claims.isAllowed && claims.isExceeded) {
        throw new KhienError('TOO_MANY_REQUESTS', 'too many codes were tried from this account');
      }
      const router = await changePolicy(request, async (trx) => {
        if ((await listRouters(trx, household)).length >= MAX_ROUTERS) {
          throw new KhienError('LIMIT_REACHED', `a household has ${MAX_ROUTERS} routers at most`);
        }
        const router = await cloud.enrolment.claim(trx, household, claimCode, name);
        const about = (await findRouter(trx, household, router)).name;
        await audit(
          trx,
          household,
          { kind: 'router-added', by: sessionOf(request).account, about },
          cloud.now(),
        );
        return router;
      });
      return reply.code(201).send(await findRouter(cloud.store.db, household, router));
    },
  );

  app.delete(
    '/routers/:router',
    {
      config: { right: 'household:own' },
      schema: {
        summary: 'Let a router go',
        tags: ['routers'],
        params: routerParamsSchema,
        response: { 204: z.null(), ...problems },
      },
    },
    async (request, reply) => {
      requireRecent(request);
      const { router } = request.params;
      await changePolicy(request, (trx) => part(request, trx, router));
      cloud.changes.announce({ router, document: null });
      return reply.code(204).send(null);
    },
  );

  app.post(
    '/routers/:router/release',
    {
      config: { right: 'household:own' },
      schema: {
        summary: 'Let a router go to another family, which claims it by the code of the answer',
        tags: ['routers'],
        params: routerParamsSchema,
        response: { 200: releaseSchema, ...problems },
      },
    },
    async (request) => {
      requireRecent(request);
      const { router } = request.params;
      const offered = await changePolicy(request, async (trx) =>
        offer(trx, await part(request, trx, router), cloud.now()),
      );
      cloud.changes.announce({ router, document: null });
      const url = new URL(`/claim?code=${offered.code}`, cloud.publicUrl);
      return { claimCode: offered.code, until: offered.until, url: url.href };
    },
  );

  app.post(
    '/routers/:router/revoke',
    {
      config: { right: 'household:own' },
      schema: {
        summary: 'A router was stolen or its key copied: cut it off, and let nobody enrol with its key again',
        tags: ['routers'],
        params: routerParamsSchema,
        response: { 204: z.null(), ...problems },
      },
    },
    async (request, reply) => {
      requireRecent(request);
      const { router } = request.params;
      await changePolicy(request, async (trx) => {
        const { public_key } = await part(request, trx, router);
        await revoke(trx, public_key, cloud.now());
      });
      cloud.changes.announce({ router, document: null });
      return reply.code(204).send(null);
    },
  );
  done();
};

/** Taking routers in and letting them go. */
export const routersPlugin = fp(routes, {
  name: 'routers',
  dependencies: ['context', 'rights', '@fastify/rate-limit'],
});
