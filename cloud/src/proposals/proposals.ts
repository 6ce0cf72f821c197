import { KhienError } from '@khien/shared/error';
import { type Id, type Instant, type Mac, newId } from '@khien/shared/id';
import { type Evidence, evidenceOf, evidenceText } from '../alerts/alerts.ts';
import { mergeAddress } from '../households/merge-address.ts';
import { notFound } from '../http/problem.ts';
import type { Db, Trx } from '../store/open.ts';
import type { ProposalView } from './schema.ts';

/** As many as wait to be decided; beyond it the oldest makes room. */
export const MAX_OPEN = 64;

function selectProposals(db: Db, household: Id) {
  return db
    .selectFrom('proposal')
    .innerJoin('device', 'device.id', 'proposal.device')
    .leftJoin('device_mac', (join) =>
      join
        .onRef('device_mac.household', '=', 'proposal.household')
        .onRef('device_mac.mac', '=', 'proposal.mac'),
    )
    .selectAll('proposal')
    .select('device_mac.device as found')
    .where('proposal.household', '=', household)
    .where('device.profile', 'is not', null);
}

/** Those to be decided, oldest first. */
export async function listProposals(db: Db, household: Id): Promise<ProposalView[]> {
  const rows = await selectProposals(db, household)
    .where('proposal.state', '=', 'open')
    .orderBy('proposal.id')
    .execute();
  return rows.map(({ id, mac, found, device, evidence, at }) => ({
    id,
    mac,
    found,
    device,
    evidence: evidenceOf(evidence),
    at,
  }));
}

/**
 * Notes that an address looks like a device of a child. What a parent has decided stays decided, and what has no child
 * has nobody's rules to share. Returns whether a parent's page shows anything new.
 */
export async function propose(
  trx: Trx,
  household: Id,
  seen: { readonly mac: Mac; readonly device: Id; readonly evidence: Evidence; readonly at: Instant },
  now: Instant,
): Promise<boolean> {
  const { mac, device, at } = seen;
  if (!(await isUndecided(trx, household, mac, device))) return false;
  const before = await trx
    .selectFrom('proposal')
    .selectAll()
    .where('household', '=', household)
    .where('mac', '=', mac)
    .where('device', '=', device)
    .executeTakeFirst();
  if (before !== undefined) {
    if (before.state !== 'open') return false;
    const evidence = evidenceText(evidenceOf(before.evidence), seen.evidence);
    if (evidence === before.evidence) return false;
    await trx.updateTable('proposal').set({ evidence }).where('id', '=', before.id).execute();
    return true;
  }
  const evidence = evidenceText(seen.evidence);
  await trx
    .insertInto('proposal')
    .values({ id: newId(now), household, mac, device, evidence, at, state: 'open' })
    .execute();
  await makeRoom(trx, household);
  return true;
}

/**
 * The router has seen that the two are different devices, and that child's rules hold no longer for the address: there is
 * nothing to decide but what any new device asks. Returns the proposal that is gone; undefined where there is none open.
 */
export async function withdrawProposal(
  trx: Trx,
  household: Id,
  { mac, device }: { readonly mac: Mac; readonly device: Id },
): Promise<Id | undefined> {
  const row = await trx
    .selectFrom('proposal')
    .select('id')
    .where('household', '=', household)
    .where('mac', '=', mac)
    .where('device', '=', device)
    .where('state', '=', 'open')
    .executeTakeFirst();
  if (row !== undefined) await trx.deleteFrom('proposal').where('id', '=', row.id).execute();
  return row?.id;
}

/** Is `device` a child's, and `mac` an address of something that nobody has said anything of? */
async function isUndecided(trx: Trx, household: Id, mac: Mac, device: Id): Promise<boolean> {
  const lookalike = await trx
    .selectFrom('device')
    .select('id')
    .where('household', '=', household)
    .where('id', '=', device)
    .where('profile', 'is not', null)
    .executeTakeFirst();
  if (lookalike === undefined) return false;
  const found = await trx
    .selectFrom('device_mac')
    .innerJoin('device', 'device.id', 'device_mac.device')
    .select(['device.id', 'device.profile', 'device.known'])
    .where('device_mac.household', '=', household)
    .where('device_mac.mac', '=', mac)
    .executeTakeFirst();
  return found !== undefined && found.profile === null && found.known === 0;
}

async function makeRoom(trx: Trx, household: Id): Promise<void> {
  await trx
    .deleteFrom('proposal')
    .where('household', '=', household)
    .where('state', '=', 'open')
    .where('id', 'not in', (eb) =>
      eb
        .selectFrom('proposal')
        .select('id')
        .where('household', '=', household)
        .where('state', '=', 'open')
        .orderBy('id', 'desc')
        .limit(MAX_OPEN),
    )
    .execute();
}

interface Decision {
  readonly household: Id;
  readonly proposal: Id;
  readonly by: Id;
  readonly now: Instant;
}

/**
 * The address is the child's device: it becomes one more of its addresses.
 *
 * @returns the device
 * @throws KhienError `NOT_FOUND`, `ALREADY_DECIDED`, `LIMIT_REACHED` where the device has no address to give up for it
 */
export async function confirmProposal(trx: Trx, decision: Decision): Promise<Id> {
  const { mac, device } = await decide(trx, decision, 'confirmed');
  const { household } = decision;
  await mergeAddress(trx, household, mac, device, decision.now);
  return device;
}

/**
 * The address is not the child's device, and is to be left alone.
 *
 * @throws KhienError `NOT_FOUND`, `ALREADY_DECIDED`
 */
export async function denyProposal(trx: Trx, decision: Decision): Promise<void> {
  const { mac } = await decide(trx, decision, 'denied');
  await trx
    .updateTable('device')
    .set({ known: 1 })
    .where('profile', 'is', null)
    .where('id', 'in', (eb) =>
      eb
        .selectFrom('device_mac')
        .select('device')
        .where('household', '=', decision.household)
        .where('mac', '=', mac),
    )
    .execute();
}

/**
 * Takes a denial back: it is to be decided again, and nobody has said anything of the address.
 *
 * @throws KhienError `NOT_FOUND`, also where its devices are gone; `ALREADY_DECIDED` where it was confirmed, or the address
 * has become somebody's meanwhile
 */
export async function reopenProposal(trx: Trx, { household, proposal }: Decision): Promise<void> {
  const row = await selectProposals(trx, household)
    .innerJoin('device as owner', 'owner.id', 'device_mac.device')
    .select('owner.profile as owner')
    .where('proposal.id', '=', proposal)
    .executeTakeFirst();
  if (row === undefined) throw notFound('proposal');
  if (row.state === 'open') return;
  if (row.state !== 'denied' || row.owner !== null || row.found === null) {
    throw new KhienError('ALREADY_DECIDED', 'somebody has decided before');
  }
  await trx.updateTable('device').set({ known: 0 }).where('id', '=', row.found).execute();
  await reopenProposals(trx, household, row.found);
}

async function decide(trx: Trx, { household, proposal, by, now }: Decision, state: 'confirmed' | 'denied') {
  const row = await trx
    .selectFrom('proposal')
    .selectAll()
    .where('household', '=', household)
    .where('id', '=', proposal)
    .executeTakeFirst();
  if (row === undefined) throw notFound('proposal');
  if (row.state !== 'open') throw new KhienError('ALREADY_DECIDED', 'somebody has decided before');
  await trx
    .updateTable('proposal')
    .set({ state, decided_at: now, decided_by: by })
    .where('id', '=', proposal)
    .execute();
  // What else this address was taken for is answered by that too.
  await trx
    .updateTable('proposal')
    .set({ state: 'denied', decided_at: now, decided_by: by })
    .where('household', '=', household)
    .where('mac', '=', row.mac)
    .where('state', '=', 'open')
    .execute();
  return row;
}

/** A device of which nobody says anything any more is asked about again. */
export async function reopenProposals(trx: Trx, household: Id, device: Id): Promise<void> {
  await trx
    .updateTable('proposal')
    .set({ state: 'open', decided_at: null, decided_by: null })
    .where('household', '=', household)
    .where('state', '=', 'denied')
    .where('mac', 'in', (eb) => eb.selectFrom('device_mac').select('mac').where('device', '=', device))
    .execute();
  await makeRoom(trx, household);
}

/** What a parent says of a device answers what its addresses were taken for. */
export async function settleProposals(
  trx: Trx,
  household: Id,
  device: Id,
  by: Id,
  now: Instant,
): Promise<void> {
  await trx
    .updateTable('proposal')
    .set({ state: 'denied', decided_at: now, decided_by: by })
    .where('household', '=', household)
    .where('state', '=', 'open')
    .where('mac', 'in', (eb) => eb.selectFrom('device_mac').select('mac').where('device', '=', device))
    .execute();
}
