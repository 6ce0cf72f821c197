import { type Id, type Instant, isLocallyAdministered, type Mac } from '@khien/shared/id';
import type { Selectable } from 'kysely';
import { z } from 'zod';
import { notFound } from '../http/problem.ts';
import type { Db } from '../store/open.ts';
import type { DeviceTable } from '../store/tables.ts';
import { unlessOver } from './profile-view.ts';
import { periodOf } from './profiles.ts';
import type { DeviceView } from './schema.ts';
import { vendorOf } from './vendor.ts';

const addressesSchema = z.array(z.string());

/** Those that are there now first, then by when they were last there. */
export async function listDevices(db: Db, household: Id, now: Instant): Promise<DeviceView[]> {
  const rows = await db
    .selectFrom('device')
    .selectAll()
    .where('household', '=', household)
    .orderBy('present', 'desc')
    .orderBy('last_seen_at', 'desc')
    .orderBy('id')
    .execute();
  const macs = await db
    .selectFrom('device_mac')
    .select(['device', 'mac'])
    .where('household', '=', household)
    .orderBy('mac')
    .execute();
  const macsOf = new Map<Id, Mac[]>(rows.map((row) => [row.id, []]));
  for (const { device, mac } of macs) macsOf.get(device)?.push(mac);
  return Promise.all(rows.map((row) => deviceView(row, macsOf.get(row.id) ?? [], now)));
}

/** @throws KhienError `NOT_FOUND`, also for a device of another household */
export async function findDevice(db: Db, household: Id, id: Id, now: Instant): Promise<DeviceView> {
  const row = await db
    .selectFrom('device')
    .selectAll()
    .where('household', '=', household)
    .where('id', '=', id)
    .executeTakeFirst();
  if (row === undefined) throw notFound('device');
  const macs = await db
    .selectFrom('device_mac')
    .select('mac')
    .where('device', '=', id)
    .orderBy('mac')
    .execute();
  return deviceView(
    row,
    macs.map(({ mac }) => mac),
    now,
  );
}

async function deviceView(
  row: Selectable<DeviceTable>,
  macs: readonly Mac[],
  now: Instant,
): Promise<DeviceView> {
  const [mac] = macs;
  const vendor = mac === undefined ? null : await vendorOf(mac);
  return {
    id: row.id,
    name: row.name ?? row.hostname ?? vendor ?? mac ?? '',
    hostname: row.hostname,
    vendor,
    privateAddress: mac !== undefined && isLocallyAdministered(mac),
    macs: [...macs],
    addresses: addressesSchema.parse(JSON.parse(row.addresses)),
    profile: row.profile,
    pause: unlessOver(periodOf(row.pause), now),
    known: row.known === 1,
    present: row.present === 1,
    firstSeenAt: row.first_seen_at,
    lastSeenAt: row.last_seen_at,
  };
}
