import type { Id, Instant } from '@khien/shared/id';
import { DAY, localDateOf } from '@khien/shared/policy';
import { sql } from 'kysely';
import { ANSWERS_KEPT } from '../http/answers.ts';
import type { Tables } from '../store/tables.ts';
import { deleteInPortions, type Swept } from './portions.ts';

interface Kept {
  readonly table: keyof Tables;
  readonly by: string;
  /** What of it is up to this, and this, is old. */
  readonly until: (now: Instant) => Instant | string;
}

/** Who looked at a household's data, and who changed who may. */
const AUDIT_KEPT = 365 * DAY;

const since = (kept: number) => (now: Instant) => now - kept;

/** What of a household is kept for how long. A month of activity says what a parent wants to know; more would be a child's diary. */
const kept: readonly Kept[] = [
  // What routers told, word for word: for finding faults, and to know a repeat.
  { table: 'event', by: 'received_at', until: since(30 * DAY) },
  { table: 'burst', by: 'last_at', until: since(30 * DAY) },
  { table: 'usage', by: 'day', until: (now) => localDateOf(now - 32 * DAY) },
  { table: 'bonus', by: 'at', until: since(30 * DAY) },
  { table: 'alert', by: 'at', until: since(30 * DAY) },
  { table: 'notification', by: 'at', until: since(30 * DAY) },
  // Sums, to see how a child is doing.
  { table: 'weekly', by: 'created_at', until: since(60 * DAY) },
  // What a child asked, answered or not.
  { table: 'request', by: 'at', until: since(90 * DAY) },
  // What a parent decided of an address: as long as a router may ask again.
  { table: 'proposal', by: 'decided_at', until: since(90 * DAY) },
  { table: 'audit', by: 'at', until: since(AUDIT_KEPT) },
  { table: 'consent', by: 'until_at', until: since(0) },
  // Counts of UTC days before this one.
  { table: 'intake', by: 'day', until: (now) => Math.floor(now / DAY) - 1 },
];

/** Deletes what of a household is older than it is kept. */
export async function sweepHousehold(store: Swept, household: Id, now: Instant): Promise<void> {
  for (const { table, by, until } of kept) {
    const old = sql`household = ${household} and ${sql.ref(by)} <= ${until(now)}`;
    await deleteInPortions(store, table, old);
  }
}

/** Deletes sessions, challenges, invitations and keys that have ended, and answers that nobody asks for again. */
export async function sweepPeople(store: Swept, now: Instant): Promise<void> {
  for (const table of ['session', 'answered_challenge', 'invitation', 'api_key'] as const) {
    await deleteInPortions(store, table, sql`expires_at <= ${now}`);
  }
  await deleteInPortions(store, 'answer', sql`created_at <= ${now - ANSWERS_KEPT}`);
}

/** Deletes what was counted against limits whose time is over. */
export async function sweepSpent(store: Swept, now: Instant): Promise<void> {
  await deleteInPortions(store, 'spent', sql`until <= ${now}`);
}

/** Deletes the log of who gave duties, where it is older than it is kept. */
export async function sweepDutyChanges(store: Swept, now: Instant): Promise<void> {
  await deleteInPortions(store, 'audit', sql`household is null and at <= ${now - AUDIT_KEPT}`);
}
