import type { Id, Instant } from '@khien/shared/id';
import { DAY } from '@khien/shared/policy';
import type { Db } from '../store/open.ts';
import type { HouseholdRows } from './compile-policy.ts';

/** What a policy is compiled from; undefined where there is no such household. */
export async function readHousehold(db: Db, household: Id, now: Instant): Promise<HouseholdRows | undefined> {
  const found = await db
    .selectFrom('household')
    .select(['zone', 'language'])
    .where('id', '=', household)
    .executeTakeFirst();
  if (found === undefined) return undefined;
  return {
    household: found,
    profiles: await db
      .selectFrom('profile')
      .select(['id', 'name', 'age_band', 'rules', 'pause', 'extra_time'])
      .where('household', '=', household)
      .execute(),
    devices: await db
      .selectFrom('device')
      .select(['id', 'profile', 'name', 'hostname'])
      .where('household', '=', household)
      .where('profile', 'is not', null)
      .execute(),
    macs: await db
      .selectFrom('device_mac')
      .innerJoin('device', 'device.id', 'device_mac.device')
      .select(['device_mac.mac', 'device_mac.device'])
      .where('device_mac.household', '=', household)
      .where('device.profile', 'is not', null)
      .execute(),
    requests: await db
      .selectFrom('request')
      .select(['id', 'profile', 'granted', 'answer_minutes', 'reply', 'answered_at'])
      .where('household', '=', household)
      .where('answered_at', '>', now - DAY)
      .execute(),
  };
}
