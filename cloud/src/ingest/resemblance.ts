import type { EventOf } from '@khien/shared/event';
import { type Id, idSchema, macSchema } from '@khien/shared/id';
import { z } from 'zod';
import { notifyResemblanceEnded } from '../notifications/from-router.ts';
import { withdrawProposal } from '../proposals/proposals.ts';
import type { Trx } from '../store/open.ts';

/** The code of a router's event that an address is another device than the child's it was taken for. */
export const RESEMBLANCE_ENDED = 'RESEMBLANCE_ENDED';

/** `detail`: the address, and the id of the device. */
const detailSchema = z.tuple([macSchema, idSchema]);

/** Parents are no longer asked whether they are one. Returns whether they were. */
export async function endResemblance(
  trx: Trx,
  household: Id,
  { detail }: EventOf<'router'>,
): Promise<boolean> {
  const pair = detailSchema.safeParse(detail.split(' '));
  if (!pair.success) return false;
  const [mac, device] = pair.data;
  const proposal = await withdrawProposal(trx, household, { mac, device });
  if (proposal === undefined) return false;
  await notifyResemblanceEnded(trx, household, proposal);
  return true;
}
