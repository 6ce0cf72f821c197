import { type Id, idSchema } from '@khien/shared/id';
import type { FastifyRequest } from 'fastify';
import type { Selectable } from 'kysely';
import { z } from 'zod';
import { notFound } from '../http/problem.ts';
import type { Role } from '../rights/right.ts';
import type { Db } from '../store/open.ts';
import type { HouseholdTable } from '../store/tables.ts';

export type Household = Selectable<HouseholdTable>;

export const householdParamsSchema = z.object({ household: idSchema });

/** The household that the request may see or change, as its route's right says. */
export function householdOf(request: FastifyRequest): Household {
  if (request.household === null) throw notFound('household');
  return request.household;
}

/** Undefined where the account is no member: also where there is no such household. */
export async function findMember(
  db: Db,
  household: Id,
  account: Id,
): Promise<{ household: Household; role: Role } | undefined> {
  const row = await db
    .selectFrom('household')
    .innerJoin('member', 'member.household', 'household.id')
    .selectAll('household')
    .select('member.role')
    .where('household.id', '=', household)
    .where('member.account', '=', account)
    .executeTakeFirst();
  if (row === undefined) return undefined;
  const { role, ...found } = row;
  return { household: found, role };
}
