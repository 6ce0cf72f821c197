import type { Id, Instant } from '@khien/shared/id';
import { DAY, localDateOf } from '@khien/shared/policy';
import { ANSWERS_KEPT } from '../http/answers.ts';
import type { Db } from '../store/open.ts';

/** What routers told, word for word: for finding faults, and to know a repeat. */
const EVENTS_KEPT = 30 * DAY;
/** What was blocked: a month says what a parent wants to know, more would be a child's diary. */
const ACTIVITY_KEPT = 30 * DAY;
/** What a child asked, answered or not. */
const REQUESTS_KEPT = 90 * DAY;

/** Who looked at a household's data, and who changed who may. */
const AUDIT_KEPT = 365 * DAY;

/** Sums of weeks, to see how a child is doing. */
const WEEKS_KEPT = 60 * DAY;

/** What a parent decided of an address: as long as a router may ask again. */
const DECISIONS_KEPT = 90 * DAY;

/** Deletes what of a household is older than it is kept. */
export async function sweepHousehold(db: Db, household: Id, now: Instant): Promise<void> {
  await db
    .deleteFrom('event')
    .where('household', '=', household)
    .where('received_at', '<=', now - EVENTS_KEPT)
    .execute();
  await db
    .deleteFrom('burst')
    .where('household', '=', household)
    .where('last_at', '<=', now - ACTIVITY_KEPT)
    .execute();
  await db
    .deleteFrom('request')
    .where('household', '=', household)
    .where('at', '<=', now - REQUESTS_KEPT)
    .execute();
  await db
    .deleteFrom('usage')
    .where('household', '=', household)
    .where('day', '<', localDateOf(now - ACTIVITY_KEPT - DAY))
    .execute();
  await db
    .deleteFrom('bonus')
    .where('household', '=', household)
    .where('at', '<=', now - ACTIVITY_KEPT)
    .execute();
  await db
    .deleteFrom('alert')
    .where('household', '=', household)
    .where('at', '<=', now - ACTIVITY_KEPT)
    .execute();
  await db
    .deleteFrom('proposal')
    .where('household', '=', household)
    .where('decided_at', '<=', now - DECISIONS_KEPT)
    .execute();
  await db
    .deleteFrom('audit')
    .where('household', '=', household)
    .where('at', '<=', now - AUDIT_KEPT)
    .execute();
  await db.deleteFrom('consent').where('household', '=', household).where('until_at', '<=', now).execute();
  await db
    .deleteFrom('notification')
    .where('household', '=', household)
    .where('at', '<=', now - ACTIVITY_KEPT)
    .execute();
  await db
    .deleteFrom('weekly')
    .where('household', '=', household)
    .where('created_at', '<=', now - WEEKS_KEPT)
    .execute();
  await db
    .deleteFrom('intake')
    .where('household', '=', household)
    .where('day', '<', Math.floor(now / DAY))
    .execute();
}

/** Deletes sessions, challenges, invitations and keys that have ended, and answers that nobody asks for again. */
export async function sweepPeople(db: Db, now: Instant): Promise<void> {
  for (const table of ['session', 'answered_challenge', 'invitation', 'api_key'] as const) {
    await db.deleteFrom(table).where('expires_at', '<=', now).execute();
  }
  await db
    .deleteFrom('answer')
    .where('created_at', '<=', now - ANSWERS_KEPT)
    .execute();
}

/** Deletes what was counted against limits whose time is over. */
export async function sweepSpent(db: Db, now: Instant): Promise<void> {
  await db.deleteFrom('spent').where('until', '<=', now).execute();
}

/** Deletes the log of who gave duties, where it is older than it is kept. */
export async function sweepDutyChanges(db: Db, now: Instant): Promise<void> {
  await db
    .deleteFrom('audit')
    .where('household', 'is', null)
    .where('at', '<=', now - AUDIT_KEPT)
    .execute();
}
