import type { Id, Instant } from '@khien/shared/id';
import {
  type AccessBasis,
  accessAt,
  type Grant,
  type Pause,
  type Profile,
  quotaDayAt,
  quotaStandings,
  type ZoneOffset,
} from '@khien/shared/policy';
import { listHolidays } from '../holidays/holidays.ts';
import { etagOf } from '../http/etag.ts';
import type { Db } from '../store/open.ts';
import { loadTodaysUsage, type TodaysUsage } from '../usage/usage.ts';
import type { ProfileDocument, ProfileView } from './schema.ts';

/** What the access of these children is computed by, and what was told of their use. */
export interface HouseholdBasis extends AccessBasis {
  readonly usage: TodaysUsage;
}

export async function loadBasis(
  db: Db,
  household: Id,
  offsets: readonly ZoneOffset[],
  profiles: readonly Pick<Profile, 'id' | 'rules'>[],
  now: Instant,
): Promise<HouseholdBasis> {
  const calendar = { offsets, holidays: await listHolidays(db, household, now) };
  const usage = await loadTodaysUsage(db, household, calendar, now);
  return { ...calendar, usage, used: usage.usedBy(profiles) };
}

export function profileDocument({ id, name, ageBand, rules }: Profile): ProfileDocument {
  return { id, name, ageBand, rules };
}

/** Changes when the document does, and not with pauses, extra time or the hour. */
export function profileEtag(profile: Profile): string {
  return etagOf(JSON.stringify(profileDocument(profile)));
}

/** A profile as its parents see it at `now`; what is over is no longer shown. */
export function profileView(
  profile: Profile,
  devices: readonly Id[],
  basis: HouseholdBasis,
  now: Instant,
): ProfileView {
  const { pause, grant, learning, bonuses, rules } = profile;
  const today = quotaDayAt(rules.quotaReset, basis.offsets, now);
  return {
    ...profile,
    etag: profileEtag(profile),
    pause: unlessOver(pause, now),
    grant: unlessOver(grant, now),
    learning: unlessOver(learning, now),
    bonuses: bonuses.filter(({ at }) => at >= today.from && at < today.to),
    quotas: quotaStandings(profile, basis, now).map(({ quota, day, limit, used, left }) => ({
      id: quota.id,
      of: quota.of,
      day: day.date,
      resetsAt: day.to,
      limit,
      used,
      left,
      asOf: basis.usage.of(profile, quota.of)?.at ?? null,
    })),
    access: accessAt(profile, basis, now),
    devices: [...devices],
  };
}

/** Null for what has ended. */
export function unlessOver<P extends Pause | Grant>(period: P | null, now: Instant): P | null {
  return period !== null && period.until !== null && period.until <= now ? null : period;
}
