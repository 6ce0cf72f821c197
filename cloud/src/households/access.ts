import { idSchema } from '@khien/shared/id';
import type { FastifyRequest } from 'fastify';
import type { Selectable } from 'kysely';
import { z } from 'zod';
import { notFound } from '../http/problem.ts';
import type { HouseholdTable } from '../store/tables.ts';

export type Household = Selectable<HouseholdTable>;

export const householdParamsSchema = z.object({ household: idSchema });

/** The household that the request may see or change, as its route's right says. */
export function householdOf(request: FastifyRequest): Household {
  if (request.household === null) throw notFound('household');
  return request.household;
}
