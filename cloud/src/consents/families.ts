import type { Id, Instant } from '@khien/shared/id';
import type { Household } from '../households/access.ts';
import { listProfiles } from '../households/profiles.ts';
import { scopes } from '../rights/right.ts';
import type { Standing } from '../rights/standing.ts';
import type { Db } from '../store/open.ts';
import { type FamilyList, type Shared, scopeListSchema } from './schema.ts';

/** The families whose consent with this worker holds at `now`, the one that ends first first. */
export async function listFamilies(db: Db, duty: Id, now: Instant): Promise<FamilyList['items']> {
  const rows = await db
    .selectFrom('consent')
    .innerJoin('household', 'household.id', 'consent.household')
    .select([
      'household.id as household',
      'household.name',
      'household.zone',
      'consent.scope',
      'consent.until_at as until',
    ])
    .where('consent.duty', '=', duty)
    .where('consent.until_at', '>', now)
    .orderBy('consent.until_at')
    .orderBy('consent.id')
    .execute();
  return rows.map(({ scope, ...row }) => ({ ...row, scope: scopeListSchema.parse(JSON.parse(scope)) }));
}

/** Whom a consent is about, and no more than names and ages. */
export async function loadShared(
  db: Db,
  household: Household,
  standing: Standing,
  now: Instant,
): Promise<Shared> {
  const { id, name, zone } = household;
  const profiles = await listProfiles(db, id, now);
  const { scope, until } = standing.as === 'worker' ? standing : { scope: scopes, until: null };
  return {
    id,
    name,
    zone,
    scope: [...scope],
    until,
    children: profiles.map(({ id, name, ageBand }) => ({ id, name, ageBand })),
  };
}
