import type { Instant } from '@khien/shared/id';
import {
  DAY,
  localDateOf,
  type Profile,
  type QuotaTarget,
  quotaDayAt,
  type ZoneOffset,
} from '@khien/shared/policy';
import type { Db } from '../store/open.ts';
import type { UsageReport } from './schema.ts';
import { loadTries } from './tries.ts';

type Day = UsageReport['days'][number];

/** The quota days up to that of `now`, newest first. A burst counts on the day on which it began. */
export async function loadUsageReport(
  db: Db,
  profile: Pick<Profile, 'id' | 'rules'>,
  offsets: readonly ZoneOffset[],
  count: number,
  now: Instant,
): Promise<UsageReport> {
  const { quotaReset } = profile.rules;
  const today = Date.parse(quotaDayAt(quotaReset, offsets, now).date);
  const days = new Map<string, Day>();
  for (let i = 0; i < count; i += 1) {
    const day = localDateOf(today - i * DAY);
    days.set(day, { day, minutes: [], blocked: 0, bypass: 0 });
  }
  const rows = await db
    .selectFrom('usage')
    .selectAll()
    .where('profile', '=', profile.id)
    .where('day', '>=', localDateOf(today - (count - 1) * DAY))
    .orderBy('target_kind')
    .orderBy('target_id')
    .execute();
  for (const { day, target_kind, target_id, minutes } of rows) {
    const of: QuotaTarget =
      target_kind === 'network' ? { kind: target_kind } : { kind: target_kind, id: target_id };
    const all = days.get(day)?.minutes;
    if (of.kind === 'network') all?.unshift({ of, minutes });
    else all?.push({ of, minutes });
  }
  const within = { from: now - (count + 2) * DAY, to: now + DAY };
  for (const { day, kind, tries } of await loadTries(db, { id: profile.id, quotaReset }, offsets, within)) {
    const sums = days.get(day);
    if (sums !== undefined) sums[kind === 'bypass' ? 'bypass' : 'blocked'] += tries;
  }
  return { days: [...days.values()] };
}
