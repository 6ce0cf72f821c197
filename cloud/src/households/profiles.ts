import type { Id, Instant } from '@khien/shared/id';
import {
  ageBandSchema,
  type Bonus,
  grantSchema,
  type Pause,
  type Profile,
  pauseSchema,
  rulesSchema,
} from '@khien/shared/policy';
import type { Selectable, Updateable } from 'kysely';
import { notFound } from '../http/problem.ts';
import type { Db, Trx } from '../store/open.ts';
import type { Json, ProfileTable } from '../store/tables.ts';
import { listBonuses } from './bonuses.ts';

/** As many as a policy document holds. */
export const MAX_PROFILES = 64;

type Row = Selectable<ProfileTable>;

function profileOf(row: Row, bonuses: readonly (Bonus & { readonly profile: Id })[]): Profile {
  return {
    id: row.id,
    name: row.name,
    ageBand: ageBandSchema.parse(row.age_band),
    rules: rulesSchema.parse(JSON.parse(row.rules)),
    pause: periodOf(row.pause),
    grant: row.extra_time === null ? null : grantSchema.parse(JSON.parse(row.extra_time)),
    learning: periodOf(row.learning),
    bonuses: bonuses.filter(({ profile }) => profile === row.id).map(({ profile, ...bonus }) => bonus),
  };
}

/** A pause, or a learning mode, as it is stored. */
export function periodOf(json: Json | null): Pause | null {
  return json === null ? null : pauseSchema.parse(JSON.parse(json));
}

/** Oldest first, with the bonuses of lately. */
export async function listProfiles(db: Db, household: Id, now: Instant): Promise<Profile[]> {
  const rows = await db
    .selectFrom('profile')
    .selectAll()
    .where('household', '=', household)
    .orderBy('id')
    .execute();
  const bonuses = await listBonuses(db, household, now);
  return rows.map((row) => profileOf(row, bonuses));
}

/** @throws KhienError `NOT_FOUND`, also for a profile of another household */
export async function findProfile(db: Db, household: Id, id: Id, now: Instant): Promise<Profile> {
  const row = await db
    .selectFrom('profile')
    .selectAll()
    .where('household', '=', household)
    .where('id', '=', id)
    .executeTakeFirst();
  if (row === undefined) throw notFound('profile');
  return profileOf(row, await listBonuses(db, household, now));
}

export async function insertProfile(trx: Trx, household: Id, profile: Profile, now: Instant): Promise<void> {
  await trx
    .insertInto('profile')
    .values({ ...columnsOf(profile), id: profile.id, household, created_at: now })
    .execute();
}

/** All but the bonuses, which have rows of their own. */
export async function saveProfile(trx: Trx, household: Id, profile: Profile): Promise<void> {
  await trx
    .updateTable('profile')
    .set(columnsOf(profile))
    .where('household', '=', household)
    .where('id', '=', profile.id)
    .execute();
}

function columnsOf(profile: Profile) {
  return {
    name: profile.name,
    age_band: profile.ageBand,
    rules: JSON.stringify(profile.rules),
    pause: profile.pause === null ? null : JSON.stringify(profile.pause),
    extra_time: profile.grant === null ? null : JSON.stringify(profile.grant),
    learning: profile.learning === null ? null : JSON.stringify(profile.learning),
  } satisfies Updateable<ProfileTable>;
}

/**
 * Removes the child and all that was recorded of it; its devices are nobody's then.
 *
 * @throws KhienError `NOT_FOUND`
 */
export async function deleteProfile(trx: Trx, household: Id, id: Id): Promise<void> {
  const { numDeletedRows } = await trx
    .deleteFrom('profile')
    .where('household', '=', household)
    .where('id', '=', id)
    .executeTakeFirst();
  if (numDeletedRows === 0n) throw notFound('profile');
  await trx
    .deleteFrom('event')
    .where('household', '=', household)
    .where('payload', 'like', `%"profile":"${id}"%`)
    .execute();
}
