import { KhienError } from '@khien/shared/error';
import { type Id, type Instant, type Mac, newId } from '@khien/shared/id';
import { notFound } from '../http/problem.ts';
import type { Trx } from '../store/open.ts';

/**
 * Makes a device of its own of one of a device's addresses, of nobody and left alone: what a parent does who took it for a
 * device that it is not. What was recorded stays with the device that it was recorded of.
 *
 * @returns the new device
 * @throws KhienError `NOT_FOUND`, `LAST_ADDRESS`
 */
export async function splitDevice(trx: Trx, household: Id, device: Id, mac: Mac, now: Instant): Promise<Id> {
  const macs = await trx
    .selectFrom('device_mac')
    .innerJoin('device', 'device.id', 'device_mac.device')
    .select(['device_mac.mac', 'device_mac.seen_at', 'device.last_seen_at'])
    .where('device_mac.household', '=', household)
    .where('device_mac.device', '=', device)
    .execute();
  const taken = macs.find((row) => row.mac === mac);
  if (taken === undefined) throw notFound('address of a device');
  if (macs.length === 1) throw new KhienError('LAST_ADDRESS', 'a device has one address at least');
  const id = newId(now);
  const seen = taken.seen_at ?? taken.last_seen_at;
  await trx
    .insertInto('device')
    .values({ id, household, addresses: '[]', present: 0, known: 1, first_seen_at: seen, last_seen_at: seen })
    .execute();
  await trx
    .updateTable('device_mac')
    .set({ device: id })
    .where('household', '=', household)
    .where('mac', '=', mac)
    .execute();
  return id;
}
