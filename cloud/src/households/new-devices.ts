import type { Id } from '@khien/shared/id';
import type { NewDevicePolicy } from '@khien/shared/policy';
import type { Trx } from '../store/open.ts';

/**
 * Sets what becomes of devices that nobody has said anything of. When the quarantine begins, what is in the home already is
 * not new: it becomes known, or the parents' own phones would lose the network. What looks like a child's device stays to be
 * decided.
 */
export async function setNewDevices(trx: Trx, household: Id, to: NewDevicePolicy): Promise<void> {
  const before = await trx
    .selectFrom('household')
    .select('new_devices')
    .where('id', '=', household)
    .executeTakeFirstOrThrow();
  if (before.new_devices === to) return;
  await trx.updateTable('household').set({ new_devices: to }).where('id', '=', household).execute();
  if (to !== 'quarantine') return;
  await trx
    .updateTable('device')
    .set({ known: 1 })
    .where('household', '=', household)
    .where('profile', 'is', null)
    .where('id', 'not in', (eb) =>
      eb
        .selectFrom('device_mac')
        .innerJoin('proposal', (join) =>
          join
            .onRef('proposal.household', '=', 'device_mac.household')
            .onRef('proposal.mac', '=', 'device_mac.mac'),
        )
        .select('device_mac.device')
        .where('device_mac.household', '=', household)
        .where('proposal.state', '=', 'open'),
    )
    .execute();
}
