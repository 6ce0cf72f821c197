import type { Instant } from '@khien/shared/id';
import type { ZoneOffset } from '@khien/shared/policy';
import { listOpenRequests } from '../requests/requests.ts';
import { listRouters } from '../routers/routers.ts';
import type { Db } from '../store/open.ts';
import type { Household } from './access.ts';
import { listDevices } from './devices.ts';
import { listProfiles, profileView } from './profiles.ts';
import type { Home } from './schema.ts';

/** All that the home screen shows, as of `now`. */
export async function loadHome(
  db: Db,
  household: Household,
  offsets: readonly ZoneOffset[],
  now: Instant,
): Promise<Home> {
  const { id, name, zone, language } = household;
  const devices = await listDevices(db, id);
  const profiles = await listProfiles(db, id);
  const devicesOf = (profile: string) =>
    devices.filter((device) => device.profile === profile).map((device) => device.id);
  return {
    id,
    name,
    zone,
    language,
    now,
    routers: await listRouters(db, id),
    profiles: profiles.map((profile) => profileView(profile, devicesOf(profile.id), offsets, now)),
    devices,
    openRequests: await listOpenRequests(db, id),
  };
}
