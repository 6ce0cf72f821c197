import type { Id, Instant } from '@khien/shared/id';
import {
  accessAt,
  ageBandSchema,
  grantSchema,
  type Profile,
  pauseSchema,
  rulesSchema,
  type ZoneOffset,
} from '@khien/shared/policy';
import type { Selectable, Updateable } from 'kysely';
import { notFound } from '../http/problem.ts';
import type { Db, Trx } from '../store/open.ts';
import type { ProfileTable } from '../store/tables.ts';
import type { ProfileView } from './schema.ts';

/** As many as a policy document holds. */
export const MAX_PROFILES = 64;

type Row = Selectable<ProfileTable>;

function profileOf(row: Row): Profile {
  return {
    id: row.id,
    name: row.name,
    ageBand: ageBandSchema.parse(row.age_band),
    rules: rulesSchema.parse(JSON.parse(row.rules)),
    pause: row.pause === null ? null : pauseSchema.parse(JSON.parse(row.pause)),
    grant: row.extra_time === null ? null : grantSchema.parse(JSON.parse(row.extra_time)),
  };
}

/** Oldest first. */
export async function listProfiles(db: Db, household: Id): Promise<Profile[]> {
  const rows = await db
    .selectFrom('profile')
    .selectAll()
    .where('household', '=', household)
    .orderBy('id')
    .execute();
  return rows.map(profileOf);
}

/** @throws KhienError `NOT_FOUND`, also for a profile of another household */
export async function findProfile(db: Db, household: Id, id: Id): Promise<Profile> {
  const row = await db
    .selectFrom('profile')
    .selectAll()
    .where('household', '=', household)
    .where('id', '=', id)
    .executeTakeFirst();
  if (row === undefined) throw notFound('profile');
  return profileOf(row);
}

export async function insertProfile(trx: Trx, household: Id, profile: Profile, now: Instant): Promise<void> {
  await trx
    .insertInto('profile')
    .values({ ...columnsOf(profile), id: profile.id, household, created_at: now })
    .execute();
}

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

/** A profile as its parents see it at `now`; a pause or grant that is over is no longer shown. */
export function profileView(
  profile: Profile,
  devices: readonly Id[],
  offsets: readonly ZoneOffset[],
  now: Instant,
): ProfileView {
  const { pause, grant } = profile;
  return {
    ...profile,
    pause: pause !== null && (pause.until === null || pause.until > now) ? pause : null,
    grant: grant !== null && grant.until > now ? grant : null,
    access: accessAt(profile, offsets, now),
    devices: [...devices],
  };
}
