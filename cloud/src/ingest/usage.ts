import type { Id, Instant } from '@khien/shared/id';
import { DAY, localDateOf, type Rules, rulesSchema, sameTarget, type Usage } from '@khien/shared/policy';
import type { TimeSource } from '@khien/shared/topic';
import type { Trx } from '../store/open.ts';
import { targetId } from '../usage/usage.ts';

/** A router that was away tells of days that are past, but of none that is no longer kept. */
const OLDEST = 31 * DAY;

/**
 * Keeps the most minutes that were told of each child, day and target, so that repeats and what comes late do no harm. What
 * is not of a child of the household, of no quota of it, or of a day that a clock cannot know, is left out: a router can fill
 * no more rows than there are quotas and days. Returns whether a parent's page shows anything new.
 */
export async function saveUsage(
  trx: Trx,
  household: Id,
  said: { readonly timeSource: TimeSource },
  told: readonly Usage[],
  now: Instant,
): Promise<boolean> {
  if (said.timeSource === 'unsynced') return false;
  const oldest = localDateOf(now - OLDEST);
  const newest = localDateOf(now + DAY);
  const rules = new Map<Id, Rules | undefined>();
  let changed = false;
  for (const usage of told) {
    if (usage.day < oldest || usage.day > newest) continue;
    if (!rules.has(usage.profile)) rules.set(usage.profile, await rulesOf(trx, household, usage.profile));
    const quotas = rules.get(usage.profile)?.quotas;
    if (quotas === undefined) continue;
    if (usage.of.kind !== 'network' && !quotas.some(({ of }) => sameTarget(of, usage.of))) continue;
    if (await saveMost(trx, household, usage, now)) changed = true;
  }
  return changed;
}

async function rulesOf(trx: Trx, household: Id, profile: Id): Promise<Rules | undefined> {
  const row = await trx
    .selectFrom('profile')
    .select('rules')
    .where('household', '=', household)
    .where('id', '=', profile)
    .executeTakeFirst();
  return row === undefined ? undefined : rulesSchema.parse(JSON.parse(row.rules));
}

async function saveMost(trx: Trx, household: Id, usage: Usage, now: Instant): Promise<boolean> {
  const { profile, day, of, minutes } = usage;
  const key = { profile, day, target_kind: of.kind, target_id: targetId(of) };
  const { numInsertedOrUpdatedRows } = await trx
    .insertInto('usage')
    .values({ ...key, household, minutes, reported_at: now })
    .onConflict((conflict) =>
      conflict
        .columns(['profile', 'day', 'target_kind', 'target_id'])
        .doUpdateSet({ minutes, reported_at: now })
        .where((eb) => eb('excluded.minutes', '>', eb.ref('usage.minutes'))),
    )
    .executeTakeFirst();
  return (numInsertedOrUpdatedRows ?? 0n) > 0n;
}
