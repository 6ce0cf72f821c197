import { idSchema } from '@khien/shared/id';
import type { FastifyRequest } from 'fastify';
import fp from 'fastify-plugin';
import type { Selectable } from 'kysely';
import { z } from 'zod';
import { notFound } from '../http/problem.ts';
import { sessionOf } from '../identity/session-plugin.ts';
import type { HouseholdTable } from '../store/tables.ts';

export type Household = Selectable<HouseholdTable>;

declare module 'fastify' {
  interface FastifyRequest {
    /** The household of the address, when it is one of the account's own. */
    household: Household | null;
  }
}

export const householdParamsSchema = z.object({ household: idSchema });

/** The household that the request may see and change. */
export function householdOf(request: FastifyRequest): Household {
  if (request.household === null) throw notFound('household');
  return request.household;
}

/**
 * The one place where access to a household is decided, before anything of the request is read. Every route registered
 * beside it is below `/households/:household`. What belongs to others is as absent as what does not exist.
 */
export const householdAccessPlugin = fp(
  (app, _options, done) => {
    app.decorateRequest('household', null);
    app.addHook('onRequest', async (request) => {
      const { account } = sessionOf(request);
      const params = householdParamsSchema.safeParse(request.params);
      if (!params.success) throw notFound('household');
      const household = await app.cloud.store.db
        .selectFrom('household')
        .innerJoin('member', 'member.household', 'household.id')
        .selectAll('household')
        .where('household.id', '=', params.data.household)
        .where('member.account', '=', account)
        .executeTakeFirst();
      if (household === undefined) throw notFound('household');
      request.household = household;
    });
    done();
  },
  { name: 'household-access', dependencies: ['context', 'session'] },
);
