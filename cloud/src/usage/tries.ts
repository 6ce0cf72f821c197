import type { Id, Instant } from '@khien/shared/id';
import { MINUTE, quotaDayAt, timeOfDay, type ZoneOffset } from '@khien/shared/policy';
import { sql } from 'kysely';
import type { Db } from '../store/open.ts';
import type { BurstTable } from '../store/tables.ts';

/** Zones differ by whole quarters of an hour, so a day of any household begins with one, counted from its reset. */
const QUARTER = 15 * MINUTE;

export interface Tries {
  /** The quota day on which they began, YYYY-MM-DD. */
  readonly day: string;
  readonly kind: BurstTable['target_kind'];
  /** Of tries to get round the rules; null of all others. */
  readonly method: string | null;
  readonly tries: number;
}

/** A child's tries that began within a span, summed up by the store: of a million, a few thousand sums are read. */
export async function loadTries(
  db: Db,
  { id, quotaReset }: { readonly id: Id; readonly quotaReset: string },
  offsets: readonly ZoneOffset[],
  { from, to }: { readonly from: Instant; readonly to: Instant },
): Promise<Tries[]> {
  const phase = timeOfDay(quotaReset) % QUARTER;
  const rows = await db
    .selectFrom('burst')
    .select([
      sql<number>`(first_at - ${sql.lit(phase)}) / ${sql.lit(QUARTER)}`.as('quarter'),
      'target_kind as kind',
      sql<string | null>`case when target_kind = 'bypass' then target_id end`.as('method'),
      (eb) => eb.fn.sum('tries').as('tries'),
    ])
    .where('profile', '=', id)
    // What began then lasted until then at least, and that is what bursts are ordered by.
    .where('last_at', '>=', from)
    .where('first_at', '>=', from)
    .where('first_at', '<', to)
    .groupBy(['quarter', 'kind', 'method'])
    .orderBy('quarter')
    .orderBy('kind')
    .orderBy('method')
    .execute();
  return rows.map(({ quarter, kind, method, tries }) => ({
    day: quotaDayAt(quotaReset, offsets, Number(quarter) * QUARTER + phase).date,
    kind,
    method,
    tries: Number(tries),
  }));
}
