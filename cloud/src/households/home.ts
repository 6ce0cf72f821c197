import type { Instant } from '@khien/shared/id';
import type { ZoneOffset } from '@khien/shared/policy';
import { listAlerts } from '../alerts/alerts.ts';
import { listHolidays } from '../holidays/holidays.ts';
import { droppedLately } from '../ingest/intake.ts';
import { listProposals } from '../proposals/proposals.ts';
import { listOpenRequests } from '../requests/requests.ts';
import { listRouters } from '../routers/routers.ts';
import type { Db } from '../store/open.ts';
import type { Household } from './access.ts';
import { listDevices } from './devices.ts';
import { loadBasis, profileView } from './profile-view.ts';
import { listProfiles } from './profiles.ts';
import type { Home } from './schema.ts';

/** All that the home screen shows, as of `now`. */
export async function loadHome(
  db: Db,
  household: Household,
  offsets: readonly ZoneOffset[],
  now: Instant,
): Promise<Home> {
  const { id, name, zone, language, new_devices: newDevices } = household;
  const devices = await listDevices(db, id, now);
  const profiles = await listProfiles(db, id, now);
  const basis = await loadBasis(db, id, offsets, profiles, now);
  const devicesOf = (profile: string) =>
    devices.filter((device) => device.profile === profile).map((device) => device.id);
  return {
    id,
    name,
    zone,
    language,
    newDevices,
    now,
    routers: await listRouters(db, id),
    eventsDropped: await droppedLately(db, id, now),
    profiles: profiles.map((profile) => profileView(profile, devicesOf(profile.id), basis, now)),
    devices,
    openRequests: await listOpenRequests(db, id),
    proposals: await listProposals(db, id),
    alerts: await listAlerts(db, id),
    holidays: await listHolidays(db, id, now),
  };
}
