import { deviceEvidence } from '@khien/shared/event';
import { type Id, type Instant, type Mac, newId } from '@khien/shared/id';
import { z } from 'zod';
import { notFound } from '../http/problem.ts';
import type { Db, Trx } from '../store/open.ts';
import type { AlertView } from './schema.ts';

/** As many as a parent can have an eye on; beyond it the oldest makes room. */
const MAX_ALERTS = 64;

const evidenceSchema = z.array(z.enum(deviceEvidence));
export type Evidence = z.output<typeof evidenceSchema>;

/** What is stored of evidence. */
export function evidenceOf(json: string): Evidence {
  return evidenceSchema.parse(JSON.parse(json));
}

/** Each once, in the order of the contract, so that equal evidence is equal text. */
export function evidenceText(...evidence: readonly Evidence[]): string {
  return JSON.stringify(deviceEvidence.filter((one) => evidence.some((some) => some.includes(one))));
}

/** Newest first. */
export async function listAlerts(db: Db, household: Id): Promise<AlertView[]> {
  const rows = await db
    .selectFrom('alert')
    .leftJoin('device_mac', (join) =>
      join.onRef('device_mac.household', '=', 'alert.household').onRef('device_mac.mac', '=', 'alert.mac'),
    )
    .select(['alert.id', 'alert.mac', 'alert.evidence', 'alert.at', 'device_mac.device'])
    .where('alert.household', '=', household)
    .orderBy('alert.at', 'desc')
    .orderBy('alert.id', 'desc')
    .execute();
  return rows.map(({ id, mac, evidence, at, device }) => ({
    id,
    kind: 'device-changed',
    mac,
    device,
    evidence: evidenceOf(evidence),
    at,
  }));
}

/** One alert an address: what comes later adds its evidence. Returns whether a parent's page shows anything new. */
export async function raiseAlert(
  trx: Trx,
  household: Id,
  found: { readonly mac: Mac; readonly evidence: Evidence; readonly at: Instant },
  now: Instant,
): Promise<boolean> {
  const ours = await trx
    .selectFrom('device_mac')
    .select('mac')
    .where('household', '=', household)
    .where('mac', '=', found.mac)
    .executeTakeFirst();
  if (ours === undefined) return false;
  const before = await trx
    .selectFrom('alert')
    .selectAll()
    .where('household', '=', household)
    .where('mac', '=', found.mac)
    .executeTakeFirst();
  if (before !== undefined) {
    const evidence = evidenceText(evidenceOf(before.evidence), found.evidence);
    const at = Math.max(before.at, found.at);
    await trx.updateTable('alert').set({ evidence, at }).where('id', '=', before.id).execute();
    return evidence !== before.evidence || at !== before.at;
  }
  const { mac, at } = found;
  const evidence = evidenceText(found.evidence);
  await trx
    .insertInto('alert')
    .values({ id: newId(now), household, mac, evidence, at })
    .execute();
  await makeRoom(trx, household);
  return true;
}

async function makeRoom(trx: Trx, household: Id): Promise<void> {
  await trx
    .deleteFrom('alert')
    .where('household', '=', household)
    .where('id', 'not in', (eb) =>
      eb
        .selectFrom('alert')
        .select('id')
        .where('household', '=', household)
        .orderBy('at', 'desc')
        .orderBy('id', 'desc')
        .limit(MAX_ALERTS),
    )
    .execute();
}

/** @throws KhienError `NOT_FOUND`, also for an alert of another household */
export async function dismissAlert(trx: Trx, household: Id, id: Id): Promise<void> {
  const { numDeletedRows } = await trx
    .deleteFrom('alert')
    .where('household', '=', household)
    .where('id', '=', id)
    .executeTakeFirst();
  if (numDeletedRows === 0n) throw notFound('alert');
}
