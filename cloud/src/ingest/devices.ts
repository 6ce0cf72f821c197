import { type Id, type Instant, type Mac, newId } from '@khien/shared/id';
import { DAY } from '@khien/shared/policy';
import { type LanDevice, STATE_REPEAT, type State } from '@khien/shared/topic';
import type { Selectable } from 'kysely';
import { notifyFound } from '../notifications/from-router.ts';
import type { RouterState } from '../ports.ts';
import { insertSet } from '../store/insert-set.ts';
import type { Trx } from '../store/open.ts';
import type { DeviceMacTable, DeviceTable } from '../store/tables.ts';
import { byOurClock } from './clock.ts';
import type { Known } from './sender.ts';

/** As many as a router reports. Phones that change their address make new ones for ever. */
export const MAX_DEVICES = 512;
/** When a device was last seen is written this often, milliseconds, if nothing else of it changes. */
const LAST_SEEN_STEP = 60_000;
/** In a home with several routers a device that one does not list may be with another, which tells of it this often. */
const GONE_AFTER = 1.5 * STATE_REPEAT;

type Row = Selectable<DeviceTable>;
type MacRow = Selectable<DeviceMacTable>;
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
  await trx.deleteFrom('burst').where('device', '=', oldest.id).execute();
  await trx.deleteFrom('device').where('id', '=', oldest.id).execute();
  return true;
}

/**
 * Brings the devices of homes in line with what a router of each sees. Returns the households of which a parent's page shows
 * any of it.
 */
export async function applyDevices(
  trx: Trx,
  told: readonly Known<RouterState>[],
  now: Instant,
): Promise<ReadonlySet<Id>> {
  if (told.length === 0) return new Set();
  const households = told.map(({ sender }) => sender.household);
  const rows = byHousehold(
    await trx.selectFrom('device').selectAll().where('household', 'in', households).execute(),
  );
  const macs = byHousehold(
    await trx
      .selectFrom('device_mac')
      .select(['household', 'mac', 'device', 'seen_at'])
      .where('household', 'in', households)
      .execute(),
  );
  const changed = new Set<Id>();
  const written: Row[] = [];
  const unknown: { household: Id; device: LanDevice }[] = [];
  for (const { sender, isAlone, state } of told) {
    const { household } = sender;
    const home = { rows: rows.get(household) ?? [], macs: macs.get(household) ?? [] };
    const seen = sortOut(home, state, now);
    unknown.push(...seen.unknown.map((device) => ({ household, device })));
    const goneBefore = isAlone ? now : now - GONE_AFTER;
    for (const before of home.rows) {
      const row = { ...before, ...seenOf(before, seen.known.get(before.id) ?? [], goneBefore) };
      if (isWorthWriting(before, row)) written.push(row);
      if (isShown(before, row)) changed.add(household);
    }
    await saveMacsSeen(trx, household, home.macs, state.devices, now);
  }
  await saveSeen(trx, written);
  for (const { household, device } of unknown) {
    if (await addDevice(trx, household, device, now)) changed.add(household);
  }
  return changed;
}

function byHousehold<R extends { readonly household: Id }>(rows: readonly R[]): ReadonlyMap<Id, R[]> {
  const homes = new Map<Id, R[]>();
  for (const row of rows) {
    const home = homes.get(row.household);
    if (home === undefined) homes.set(row.household, [row]);
    else home.push(row);
  }
  return homes;
}

/** What a router sees, by the device that it is; dated by our clock. */
function sortOut(
  { rows, macs }: { readonly rows: readonly Row[]; readonly macs: readonly MacRow[] },
  state: State,
  now: Instant,
): { known: ReadonlyMap<Id, LanDevice[]>; unknown: readonly LanDevice[] } {
  const deviceOf = new Map<Mac, Id>(macs.map((row) => [row.mac, row.device]));
  const known = new Map<Id, LanDevice[]>(rows.map((row) => [row.id, []]));
  const unknown: LanDevice[] = [];
  for (const device of state.devices) {
    const lastSeenAt = device.present ? now : byOurClock(device.lastSeenAt, state, now);
    const seen = known.get(deviceOf.get(device.mac) ?? '') ?? unknown;
    seen.push({ ...device, lastSeenAt });
  }
  return { known, unknown };
}

/** To the day: of a device with many addresses the one that was not seen for longest makes room for another. */
async function saveMacsSeen(
  trx: Trx,
  household: Id,
  macs: readonly MacRow[],
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

/** Whether a parent's page shows the difference. */
function isShown(before: Row, row: Row): boolean {
  return (
    row.hostname !== before.hostname || row.addresses !== before.addresses || row.present !== before.present
  );
}

function isWorthWriting(before: Row, row: Row): boolean {
  return (
    isShown(before, row) ||
    row.fingerprint !== before.fingerprint ||
    row.last_seen_at - before.last_seen_at >= LAST_SEEN_STEP
  );
}

/** All of them are there, under the lock of their household. */
async function saveSeen(trx: Trx, rows: readonly Row[]): Promise<void> {
  if (rows.length === 0) return;
  await insertSet(
    trx,
    'device',
    {
      texts: ['id', 'household', 'hostname', 'addresses', 'fingerprint'],
      numbers: ['present', 'first_seen_at', 'last_seen_at'],
    },
    rows.map(({ present, known: _known, ...row }) => ({ ...row, present: present === 1 ? 1 : 0 })),
  )
    .onConflict((conflict) =>
      conflict.column('id').doUpdateSet((eb) => ({
        hostname: eb.ref('excluded.hostname'),
        addresses: eb.ref('excluded.addresses'),
        fingerprint: eb.ref('excluded.fingerprint'),
        present: eb.ref('excluded.present'),
        last_seen_at: eb.ref('excluded.last_seen_at'),
      })),
    )
    .execute();
}
