import { KhienError } from '@khien/shared/error';
import type { Id } from '@khien/shared/id';
import type { FastifyInstance, FastifyRequest, onRequestHookHandler, RouteOptions } from 'fastify';
import fp from 'fastify-plugin';
import type { ApiKey } from '../api-keys/api-keys.ts';
import { auditLook } from '../audit/audit.ts';
import { type Household, householdParamsSchema } from '../households/access.ts';
import { notFound } from '../http/problem.ts';
import { sessionOf } from '../identity/session-plugin.ts';
import type { Db } from '../store/open.ts';
import { dutyFor, keyMay, memberMay, type Right, type RouteScope, workerMay } from './right.ts';
import { type Duty, type Found, findDuty, findStanding, type Standing } from './standing.ts';

declare module 'fastify' {
  interface FastifyContextConfig {
    right?: Right;
    /** With `household:view`: which consent opens the route to a worker. Without it none does. */
    scope?: RouteScope;
    /** With `household:view`: keys open it too. Without it they open what carers change, and nothing else. */
    forKeys?: true;
  }
  interface FastifyRequest {
    /** The household of the address, once it is decided that the request may do there what its route does. */
    household: Household | null;
    standing: Standing | null;
    /** Where the route's right is one that a duty gives. */
    duty: Duty | null;
  }
}

/** What who asks is to the household of the address. */
export function standingOf(request: FastifyRequest): Standing {
  if (request.standing === null) throw notFound('household');
  return request.standing;
}

/** For what others the request is made. */
export function dutyOf(request: FastifyRequest): Duty {
  if (request.duty === null) throw new KhienError('FORBIDDEN', 'the account has no such duty');
  return request.duty;
}

/** @throws KhienError `UNAUTHENTICATED`, `NOT_FOUND` for what is foreign, `FORBIDDEN` for what the role may not */
async function decide(app: FastifyInstance, request: FastifyRequest, right: Right): Promise<void> {
  if (right === 'public') return;
  if (request.apiKey !== null) return decideForKey(app, request, request.apiKey, right);
  const { account } = sessionOf(request);
  if (right === 'account') return;
  const kind = dutyFor(right);
  if (kind === undefined) return decideOnHousehold(app, request, account);
  const duty = await findDuty(app.cloud.store.db, account, kind);
  if (duty === undefined) throw new KhienError('FORBIDDEN', `the account is no ${kind}`);
  request.duty = duty;
}

/**
 * What an account is to a household, where that is enough for the right of the request's route.
 *
 * @throws KhienError `NOT_FOUND` for what is foreign, `FORBIDDEN` for what the role may not
 */
export async function standingFor(
  db: Db,
  request: FastifyRequest,
  { household, account }: { readonly household: Id; readonly account: Id },
): Promise<Found> {
  const found = await findStanding(db, household, account, request.server.cloud.now());
  if (found === undefined) throw notFound('household');
  const { standing } = found;
  const { right, scope } = request.routeOptions.config;
  const may =
    right !== undefined &&
    (standing.as === 'member' ? memberMay(standing.role, right) : workerMay(standing.scope, right, scope));
  if (!may) {
    const who = standing.as === 'member' ? standing.role : standing.as;
    throw new KhienError('FORBIDDEN', `a ${who} of the household may not do this`);
  }
  return found;
}

/** Writes into the family's log what the route shows a worker, before it does; that members look is not written. */
export async function auditStanding(
  request: FastifyRequest,
  household: Id,
  standing: Standing,
): Promise<void> {
  const { scope } = request.routeOptions.config;
  if (standing.as !== 'worker' || scope === undefined) return;
  const { store, now } = request.server.cloud;
  const { name, organisation } = standing;
  const { account } = sessionOf(request);
  const look = scope === 'any' ? 'family' : scope;
  await auditLook(store.db, [household], { account, name, actingAs: 'worker', organisation }, look, now());
}

async function decideOnHousehold(app: FastifyInstance, request: FastifyRequest, account: Id): Promise<void> {
  const { store } = app.cloud;
  const params = householdParamsSchema.safeParse(request.params);
  if (!params.success) throw notFound('household');
  const { household, standing } = await standingFor(store.db, request, { ...params.data, account });
  await auditStanding(request, household.id, standing);
  request.household = household;
  request.standing = standing;
}

async function decideForKey(
  app: FastifyInstance,
  request: FastifyRequest,
  key: ApiKey,
  right: Right,
): Promise<void> {
  const { forKeys = false } = request.routeOptions.config;
  const params = householdParamsSchema.safeParse(request.params);
  if (!params.success) throw new KhienError('FORBIDDEN', 'a key opens nothing but its household');
  const { household } = params.data;
  if (household !== key.household) throw notFound('household');
  if (!keyMay(key.scopes, right, forKeys)) throw new KhienError('FORBIDDEN', 'the key does not open this');
  const row = await app.cloud.store.db
    .selectFrom('household')
    .selectAll()
    .where('id', '=', household)
    .executeTakeFirst();
  if (row === undefined) throw notFound('household');
  request.household = row;
}

/** Whether a route is one of the API, where each says what right it needs. */
function isApi({ url }: RouteOptions): boolean {
  return url === '/api' || url.startsWith('/api/');
}

/**
 * The one place where it is decided who may do what, before anything of a request is read. The application does not
 * start with a route of the API that names no right. What belongs to others is as absent as what does not exist.
 */
export const rightsPlugin = fp(
  (app, _options, done) => {
    app.decorateRequest('household', null);
    app.decorateRequest('standing', null);
    app.decorateRequest('duty', null);
    const check: onRequestHookHandler = async (request) => {
      const { right } = request.routeOptions.config;
      if (right === undefined) throw new KhienError('RIGHT_MISSING', 'the route names no right');
      await decide(app, request, right);
    };
    const unsaid: string[] = [];
    app.addHook('onRoute', (route) => {
      if (!isApi(route)) return;
      if (route.config?.right === undefined) unsaid.push(`${String(route.method)} ${route.url}`);
      const before = [route.onRequest ?? []].flat();
      // The route that Fastify makes for HEAD of one for GET may have it already.
      if (!before.includes(check)) route.onRequest = [...before, check];
    });
    app.addHook('onReady', (ready) => {
      if (unsaid.length === 0) ready();
      else ready(new KhienError('RIGHT_MISSING', `these routes name no right: ${unsaid.join(', ')}`));
    });
    done();
  },
  { name: 'rights', dependencies: ['context'] },
);
