import type { Id, Instant } from '@khien/shared/id';
import {
  type Calendar,
  DAY,
  localDateOf,
  type Profile,
  type QuotaTarget,
  quotaDayAt,
  type Used,
} from '@khien/shared/policy';
import type { Selectable } from 'kysely';
import type { Db } from '../store/open.ts';
import type { UsageTable } from '../store/tables.ts';

/** What was told of a target in a quota day. */
export interface Told {
  readonly minutes: number;
  readonly at: Instant;
}

/** What routers told of the quota days of now, by child and target. */
export class TodaysUsage {
  readonly #calendar: Calendar;
  readonly #now: Instant;
  readonly #told: ReadonlyMap<string, Told>;

  constructor(rows: readonly Selectable<UsageTable>[], calendar: Calendar, now: Instant) {
    this.#calendar = calendar;
    this.#now = now;
    this.#told = new Map(
      rows.map((row) => [
        keyOf(row.profile, row.day, row.target_kind, row.target_id),
        { minutes: row.minutes, at: row.reported_at },
      ]),
    );
  }

  /** What was told of `of` in the child's quota day of `at`, which is now unless told; undefined where nothing was. */
  of(profile: Pick<Profile, 'id' | 'rules'>, of: QuotaTarget, at = this.#now): Told | undefined {
    const { date } = quotaDayAt(profile.rules.quotaReset, this.#calendar.offsets, at);
    return this.#told.get(keyOf(profile.id, date, of.kind, targetId(of)));
  }

  /** As `accessAt` asks for it. */
  usedBy(profiles: readonly Pick<Profile, 'id' | 'rules'>[]): Used {
    return (id, quota, at) => {
      const profile = profiles.find((profile) => profile.id === id);
      const target = profile?.rules.quotas.find((one) => one.id === quota)?.of;
      if (profile === undefined || target === undefined) return 0;
      return this.of(profile, target, at)?.minutes ?? 0;
    };
  }
}

/** What was told of the days around `now`: a quota day of now began yesterday at the earliest, in any zone. */
export async function loadTodaysUsage(
  db: Db,
  household: Id,
  calendar: Calendar,
  now: Instant,
): Promise<TodaysUsage> {
  const rows = await db
    .selectFrom('usage')
    .selectAll()
    .where('household', '=', household)
    .where('day', '>=', localDateOf(now - 3 * DAY))
    .execute();
  return new TodaysUsage(rows, calendar, now);
}

/** The id of a target as the table has it; empty for the network. */
export function targetId(of: QuotaTarget): string {
  return of.kind === 'network' ? '' : of.id;
}

function keyOf(profile: Id, day: string, kind: string, id: string): string {
  return `${profile} ${day} ${kind} ${id}`;
}
