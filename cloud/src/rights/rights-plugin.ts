import { KhienError } from '@khien/shared/error';
import type { FastifyInstance, FastifyRequest, onRequestHookHandler, RouteOptions } from 'fastify';
import fp from 'fastify-plugin';
import { findMember, type Household, householdParamsSchema } from '../households/access.ts';
import { notFound } from '../http/problem.ts';
import { sessionOf } from '../identity/session-plugin.ts';
import { memberMay, type Right } from './right.ts';

declare module 'fastify' {
  interface FastifyContextConfig {
    right?: Right;
  }
  interface FastifyRequest {
    /** The household of the address, once it is decided that the request may do there what its route does. */
    household: Household | null;
  }
}

/** @throws KhienError `UNAUTHENTICATED`, `NOT_FOUND` for what is foreign, `FORBIDDEN` for what the role may not */
async function decide(app: FastifyInstance, request: FastifyRequest, right: Right): Promise<void> {
  if (right === 'public') return;
  const { account } = sessionOf(request);
  if (right === 'account') return;
  const params = householdParamsSchema.safeParse(request.params);
  if (!params.success) throw notFound('household');
  const member = await findMember(app.cloud.store.db, params.data.household, account);
  if (member === undefined) throw notFound('household');
  if (!memberMay(member.role, right)) {
    throw new KhienError('FORBIDDEN', `a ${member.role} of the household may not do this`);
  }
  request.household = member.household;
}

/** Whether a route is one of the API, where each says what right it needs. */
function isApi({ url }: RouteOptions): boolean {
  return url === '/api' || url.startsWith('/api/');
}

/**
 * The one place where it is decided who may do what, before anything of a request is read. The application does not
 * start with a route of the API that names no right.
 */
export const rightsPlugin = fp(
  (app, _options, done) => {
    app.decorateRequest('household', null);
    const check: onRequestHookHandler = async (request) => {
      const { right } = request.routeOptions.config;
      if (right === undefined) throw new KhienError('RIGHT_MISSING', 'the route names no right');
      await decide(app, request, right);
    };
    app.addHook('onRoute', (route) => {
      if (!isApi(route)) return;
      if (route.config?.right === undefined) {
        throw new KhienError('RIGHT_MISSING', `${String(route.method)} ${route.url} names no right`);
      }
      const before = [route.onRequest ?? []].flat();
      // The route that Fastify makes for HEAD of one for GET may have it already.
      if (!before.includes(check)) route.onRequest = [...before, check];
    });
    done();
  },
  { name: 'rights', dependencies: ['context'] },
);
