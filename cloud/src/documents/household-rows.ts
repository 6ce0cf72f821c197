import type { Id, Instant } from '@khien/shared/id';
import { DAY } from '@khien/shared/policy';
import { listBonuses } from '../households/bonuses.ts';
import type { Db } from '../store/open.ts';
import type { HouseholdRows } from './compile-policy.ts';

/** What a policy is compiled from; undefined where there is no such household. */
export async function readHousehold(db: Db, household: Id, now: Instant): Promise<HouseholdRows | undefined> {
  const found = await db
    .selectFrom('household')
    .select(['zone', 'language', 'new_devices'])
    .where('id', '=', household)
    .executeTakeFirst();
  if (found === undefined) return undefined;
  return {
    household: found,
    profiles: await db
      .selectFrom('profile')
      .select(['id', 'name', 'age_band', 'rules', 'pause', 'extra_time', 'learning'])
      .where('household', '=', household)
      .execute(),
    devices: await db
      .selectFrom('device')
      .select(['id', 'profile', 'name', 'hostname', 'pause', 'known'])
      .where('household', '=', household)
      .where((eb) => eb.or([eb('profile', 'is not', null), eb('known', '=', 1)]))
      .execute(),
    macs: await db
      .selectFrom('device_mac')
      .innerJoin('device', 'device.id', 'device_mac.device')
      .select(['device_mac.mac', 'device_mac.device'])
      .where('device_mac.household', '=', household)
      .where((eb) => eb.or([eb('device.profile', 'is not', null), eb('device.known', '=', 1)]))
      .execute(),
    requests: await db
      .selectFrom('request')
      .select(['id', 'profile', 'granted', 'answer_minutes', 'reply', 'answered_at'])
      .where('household', '=', household)
      .where('answered_at', '>', now - DAY)
      .execute(),
    bonuses: await listBonuses(db, household, now),
    holidays: await db
      .selectFrom('holiday')
      .select(['id', 'name', 'from_date', 'to_date'])
      .where('household', '=', household)
      .execute(),
  };
}
