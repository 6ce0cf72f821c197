import { KhienError } from '@khien/shared/error';
import { type Id, type Instant, isLocallyAdministered, type Mac } from '@khien/shared/id';
import type { Trx } from '../store/open.ts';

/** As many addresses as a policy document holds of a device. */
export const MAX_MACS = 16;

/**
 * Makes `mac` an address of `device`. Where a device has none left by that, what was recorded of it goes along.
 *
 * @throws KhienError `LIMIT_REACHED` where the device has no address to give up for it
 */
export async function mergeAddress(
  trx: Trx,
  household: Id,
  mac: Mac,
  device: Id,
  now: Instant,
): Promise<void> {
  const found = await trx
    .selectFrom('device_mac')
    .select('device')
    .where('household', '=', household)
    .where('mac', '=', mac)
    .executeTakeFirst();
  if (found?.device === device) return;
  await makeRoomForMac(trx, device);
  await trx
    .insertInto('device_mac')
    .values({ household, mac, device, seen_at: now })
    .onConflict((conflict) => conflict.columns(['household', 'mac']).doUpdateSet({ device }))
    .execute();
  if (found !== undefined) await removeIfEmpty(trx, found.device, device);
}

/** A phone makes up addresses for ever: the one that was not seen for longest goes, never one that its maker gave it. */
async function makeRoomForMac(trx: Trx, device: Id): Promise<void> {
  const macs = await trx
    .selectFrom('device_mac')
    .select(['household', 'mac'])
    .where('device', '=', device)
    .orderBy('seen_at')
    .orderBy('mac')
    .execute();
  if (macs.length < MAX_MACS) return;
  const oldest = macs.find(({ mac }) => isLocallyAdministered(mac));
  if (oldest === undefined) {
    throw new KhienError('LIMIT_REACHED', `a device has ${MAX_MACS} addresses at most`);
  }
  await trx
    .deleteFrom('device_mac')
    .where('household', '=', oldest.household)
    .where('mac', '=', oldest.mac)
    .execute();
}

/** A device whose last address went to another: what was recorded of it goes along. */
async function removeIfEmpty(trx: Trx, left: Id, into: Id): Promise<void> {
  const other = await trx
    .selectFrom('device_mac')
    .select('mac')
    .where('device', '=', left)
    .executeTakeFirst();
  if (other !== undefined) return;
  await trx.updateTable('burst').set({ device: into }).where('device', '=', left).execute();
  await trx.updateTable('request').set({ device: into }).where('device', '=', left).execute();
  const { present, last_seen_at } = await trx
    .deleteFrom('device')
    .where('id', '=', left)
    .returning(['present', 'last_seen_at'])
    .executeTakeFirstOrThrow();
  await trx
    .updateTable('device')
    .set(present === 1 ? { last_seen_at, present: 1 } : { last_seen_at })
    .where('id', '=', into)
    .where('last_seen_at', '<=', last_seen_at)
    .execute();
}
