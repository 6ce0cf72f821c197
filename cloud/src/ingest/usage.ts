import type { Id, Instant } from '@khien/shared/id';
import { DAY, localDateOf, type Rules, rulesSchema, sameTarget, type Usage } from '@khien/shared/policy';
import type { TimeSource } from '@khien/shared/topic';
import type { Insertable } from 'kysely';
import { insertSet } from '../store/insert-set.ts';
import type { Trx } from '../store/open.ts';
import type { UsageTable } from '../store/tables.ts';
import { targetId } from '../usage/usage.ts';

/** A router that was away tells of days that are past, but of none that is no longer kept. */
const OLDEST = 31 * DAY;

/** Minutes that a router of a household told of. */
export interface ToldUsage {
  readonly household: Id;
  readonly timeSource: TimeSource;
  readonly usage: Usage;
}

/**
 * Keeps the most minutes that were told of each child, day and target, so that repeats and what comes late do no harm. What
 * is not of a child of the household, of no quota of it, or of a day that a clock cannot know, is left out: a router can fill
 * no more rows than there are quotas and days. Returns the households of which a parent's page shows anything new.
 */
export async function saveUsage(
  trx: Trx,
  told: readonly ToldUsage[],
  now: Instant,
): Promise<ReadonlySet<Id>> {
  const oldest = localDateOf(now - OLDEST);
  const newest = localDateOf(now + DAY);
  const timely = told.filter(
    ({ timeSource, usage }) => timeSource !== 'unsynced' && usage.day >= oldest && usage.day <= newest,
  );
  const quotas = await quotasOf(trx, timely);
  const most = new Map<string, Insertable<UsageTable>>();
  for (const { household, usage } of timely) {
    const { profile, day, of, minutes } = usage;
    const ofChild = quotas.get(`${household} ${profile}`);
    if (ofChild === undefined) continue;
    if (of.kind !== 'network' && !ofChild.some((quota) => sameTarget(quota.of, of))) continue;
    const target = targetId(of);
    const key = `${profile} ${day} ${of.kind} ${target}`;
    if ((most.get(key)?.minutes ?? -1) >= minutes) continue;
    most.set(key, {
      household,
      profile,
      day,
      target_kind: of.kind,
      target_id: target,
      minutes,
      reported_at: now,
    });
  }
  if (most.size === 0) return new Set();
  const changed = await insertSet(
    trx,
    'usage',
    {
      texts: ['household', 'profile', 'day', 'target_kind', 'target_id'],
      numbers: ['minutes', 'reported_at'],
    },
    [...most.values()],
  )
    .onConflict((conflict) =>
      conflict
        .columns(['profile', 'day', 'target_kind', 'target_id'])
        .doUpdateSet((eb) => ({
          minutes: eb.ref('excluded.minutes'),
          reported_at: eb.ref('excluded.reported_at'),
        }))
        .where((eb) => eb('excluded.minutes', '>', eb.ref('usage.minutes'))),
    )
    .returning('household')
    .execute();
  return new Set(changed.map(({ household }) => household));
}

/** By household and child. */
async function quotasOf(trx: Trx, told: readonly ToldUsage[]): Promise<ReadonlyMap<string, Rules['quotas']>> {
  if (told.length === 0) return new Map();
  const rows = await trx
    .selectFrom('profile')
    .select(['household', 'id', 'rules'])
    .where('id', 'in', [...new Set(told.map(({ usage }) => usage.profile))])
    .execute();
  return new Map(
    rows.map(({ household, id, rules }) => [
      `${household} ${id}`,
      rulesSchema.parse(JSON.parse(rules)).quotas,
    ]),
  );
}
