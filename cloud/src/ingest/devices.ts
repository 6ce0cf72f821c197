import { type Id, type Instant, type Mac, newId } from '@khien/shared/id';
import { DAY } from '@khien/shared/policy';
import { type LanDevice, STATE_REPEAT, type State } from '@khien/shared/topic';
import type { Selectable, Updateable } from 'kysely';
import { notifyFound } from '../notifications/from-router.ts';
import type { Trx } from '../store/open.ts';
import type { DeviceMacTable, DeviceTable } from '../store/tables.ts';
import { byOurClock } from './clock.ts';
import type { Sender } from './sender.ts';

/** As many as a router reports. Phones that change their address make new ones for ever. */
export const MAX_DEVICES = 512;
/** When a device was last seen is written this often, milliseconds, if nothing else of it changes. */
const LAST_SEEN_STEP = 60_000;
/** In a home with several routers a device that one does not list may be with another, which tells of it this often. */
const GONE_AFTER = 1.5 * STATE_REPEAT;

type Row = Selectable<DeviceTable>;
type Seen = Pick<Row, 'hostname' | 'addresses' | 'present' | 'last_seen_at' | 'fingerprint'>;

/**
 * Makes a device for an address that the household does not know. Where there are too many, one that nobody named or
 * gave to a child and that was not seen for longest makes room. Returns whether the device was made.
 *
 * @param found `lastSeenAt` by our clock
 */
export async function addDevice(trx: Trx, household: Id, found: LanDevice, now: Instant): Promise<boolean> {
  const known = await trx
    .selectFrom('device_mac')
    .select('device')
    .where('household', '=', household)
    .where('mac', '=', found.mac)
    .executeTakeFirst();
  if (known !== undefined || !(await makeRoom(trx, household))) return false;

  const id = newId(now);
  await trx
    .insertInto('device')
    .values({
      id,
      household,
      hostname: found.hostname,
      addresses: JSON.stringify(found.addresses),
      present: found.present ? 1 : 0,
      first_seen_at: found.lastSeenAt,
      last_seen_at: found.lastSeenAt,
      fingerprint: found.fingerprint,
    })
    .execute();
  const row = { household, mac: found.mac, device: id, seen_at: found.lastSeenAt };
  await trx.insertInto('device_mac').values(row).execute();
  await notifyFound(trx, household, id, now);
  return true;
}

async function makeRoom(trx: Trx, household: Id): Promise<boolean> {
  const { count } = await trx
    .selectFrom('device')
    .select((eb) => eb.fn.countAll<number>().as('count'))
    .where('household', '=', household)
    .executeTakeFirstOrThrow();
  if (count < MAX_DEVICES) return true;
  const oldest = await trx
    .selectFrom('device')
    .select('id')
    .where('household', '=', household)
    .where('profile', 'is', null)
    .where('name', 'is', null)
    .where('known', '=', 0)
    .where('present', '=', 0)
    .orderBy('last_seen_at')
    .limit(1)
    .executeTakeFirst();
  if (oldest === undefined) return false;
  await trx.deleteFrom('device').where('id', '=', oldest.id).execute();
  return true;
}

/** Brings the household's devices in line with what a router sees. Returns whether a parent's page shows any of it. */
export async function applyDevices(trx: Trx, sender: Sender, state: State, now: Instant): Promise<boolean> {
  const { household } = sender;
  const rows = await trx.selectFrom('device').selectAll().where('household', '=', household).execute();
  const macs = await trx
    .selectFrom('device_mac')
    .select(['mac', 'device', 'seen_at'])
    .where('household', '=', household)
    .execute();
  const deviceOf = new Map<Mac, Id>(macs.map((row) => [row.mac, row.device]));
  const told = new Map<Id, LanDevice[]>(rows.map((row) => [row.id, []]));
  const unknown: LanDevice[] = [];
  for (const device of state.devices) {
    const lastSeenAt = device.present ? now : byOurClock(device.lastSeenAt, state, now);
    const known = told.get(deviceOf.get(device.mac) ?? '') ?? unknown;
    known.push({ ...device, lastSeenAt });
  }

  const goneBefore = (await hasOtherRouters(trx, sender)) ? now - GONE_AFTER : now;
  let changed = false;
  for (const row of rows) {
    const seen = seenOf(row, told.get(row.id) ?? [], goneBefore);
    if (await saveSeen(trx, row, seen)) changed = true;
  }
  await saveMacsSeen(trx, household, macs, state.devices, now);
  for (const device of unknown) if (await addDevice(trx, household, device, now)) changed = true;
  return changed;
}

/** To the day: of a device with many addresses the one that was not seen for longest makes room for another. */
async function saveMacsSeen(
  trx: Trx,
  household: Id,
  macs: readonly Pick<Selectable<DeviceMacTable>, 'mac' | 'seen_at'>[],
  told: readonly LanDevice[],
  now: Instant,
): Promise<void> {
  const there = new Set(told.filter(({ present }) => present).map(({ mac }) => mac));
  const stale = macs.filter(({ mac, seen_at }) => there.has(mac) && (seen_at ?? 0) <= now - DAY);
  if (stale.length === 0) return;
  await trx
    .updateTable('device_mac')
    .set({ seen_at: now })
    .where('household', '=', household)
    .where(
      'mac',
      'in',
      stale.map(({ mac }) => mac),
    )
    .execute();
}

async function hasOtherRouters(trx: Trx, { household, id }: Sender): Promise<boolean> {
  const other = await trx
    .selectFrom('router')
    .select('id')
    .where('household', '=', household)
    .where('id', '!=', id)
    .executeTakeFirst();
  return other !== undefined;
}

/** A device as its addresses on the LAN show it: there when one of them is. */
function seenOf(row: Row, told: readonly LanDevice[], goneBefore: Instant): Seen {
  if (told.length === 0) {
    const { hostname, addresses, last_seen_at, fingerprint } = row;
    return {
      hostname,
      addresses,
      last_seen_at,
      fingerprint,
      present: last_seen_at <= goneBefore ? 0 : row.present,
    };
  }
  const there = told.filter((device) => device.present);
  return {
    hostname: [...there, ...told].find((device) => device.hostname !== null)?.hostname ?? row.hostname,
    fingerprint:
      [...there, ...told].find((device) => device.fingerprint !== null)?.fingerprint ?? row.fingerprint,
    addresses: JSON.stringify(
      there.length === 0 ? [] : [...new Set(there.flatMap((d) => d.addresses))].sort(),
    ),
    present: there.length > 0 ? 1 : 0,
    last_seen_at: Math.max(row.last_seen_at, ...told.map((device) => device.lastSeenAt)),
  };
}

async function saveSeen(trx: Trx, row: Row, seen: Seen): Promise<boolean> {
  const changed =
    seen.hostname !== row.hostname || seen.addresses !== row.addresses || seen.present !== row.present;
  const written = changed || seen.fingerprint !== row.fingerprint;
  if (!written && seen.last_seen_at - row.last_seen_at < LAST_SEEN_STEP) return false;
  const { present, ...rest } = seen;
  const values: Updateable<DeviceTable> = { ...rest, present: present === 1 ? 1 : 0 };
  await trx.updateTable('device').set(values).where('id', '=', row.id).execute();
  return changed;
}
