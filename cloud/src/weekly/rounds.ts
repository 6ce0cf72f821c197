import type { Id, Instant } from '@khien/shared/id';
import { DAY, type ZoneOffset } from '@khien/shared/policy';
import type { Changes } from '../changes.ts';
import { notify } from '../notifications/notify.ts';
import type { Store, Trx } from '../store/open.ts';
import type { ZoneClock } from '../zone/clock.ts';
import { summariseChild, summariseHome } from './summary.ts';
import { type Week, weekBefore, weekDue } from './week.ts';

/** Households of one round. */
const AT_ONCE = 50;
/** Weeks that are made up for when the cloud was away: of more, what they are made of is not kept. */
const MADE_UP = 3;
/** A summary that is later than this is not pushed: it waits in the app. */
const WORTH_A_PUSH = 3 * DAY;

export interface WeeklyDeps {
  readonly store: Store;
  readonly changes: Changes;
  readonly zones: ZoneClock;
  readonly now: () => Instant;
}

/**
 * Sums up the week of each household whose Monday morning has come, and of those before that were missed. Whose turn it is
 * is looked at again with the household locked, so each week is made once, on whatever node. Returns how many households
 * were looked at.
 */
export async function makeWeeks({ store, changes, zones, now }: WeeklyDeps): Promise<number> {
  const due = await store.db
    .selectFrom('household')
    .select('id')
    .where('weekly_due_at', '<=', now())
    .orderBy('weekly_due_at')
    .orderBy('id')
    .limit(AT_ONCE)
    .execute();
  for (const { id } of due) {
    const made = await store.ofHouseholds([id], (trx) => makeOne(trx, id, zones, now()));
    if (made) changes.announce({ household: id, changed: 'notifications' });
  }
  return due.length;
}

/** Has the next round look whose week it is, as when the household's zone is another now. */
export async function replanWeek(trx: Trx, household: Id): Promise<void> {
  await trx.updateTable('household').set({ weekly_due_at: 0 }).where('id', '=', household).execute();
}

async function makeOne(trx: Trx, household: Id, zones: ZoneClock, now: Instant): Promise<boolean> {
  const row = await trx
    .selectFrom('household')
    .select(['zone', 'created_at', 'weekly_due_at'])
    .where('id', '=', household)
    .executeTakeFirst();
  if (row === undefined || row.weekly_due_at > now) return false;
  const offsets = zones.around(row.zone, now);
  const { week: newest, next } = weekDue(offsets, now);
  await trx.updateTable('household').set({ weekly_due_at: next }).where('id', '=', household).execute();
  const missed: Week[] = [];
  for (
    let week = newest;
    missed.length < MADE_UP && week.to > row.created_at;
    week = weekBefore(offsets, week)
  ) {
    missed.unshift(week);
  }
  let told = false;
  for (const week of missed) {
    if (!(await makeWeek(trx, household, week, offsets, now))) continue;
    if (week !== newest) continue;
    const about = { kind: 'weekly', week: week.monday } as const;
    const pushAt = now - week.to < WORTH_A_PUSH ? now : null;
    await notify(trx, household, { about, subject: week.monday, at: now, pushAt }, now);
    told = true;
  }
  return told;
}

/** Returns whether there was something to sum up that was not yet: a home with children and a router. */
async function makeWeek(
  trx: Trx,
  household: Id,
  week: Week,
  offsets: readonly ZoneOffset[],
  now: Instant,
): Promise<boolean> {
  const profiles = await trx
    .selectFrom('profile')
    .select(['id', 'rules'])
    .where('household', '=', household)
    .where('created_at', '<', week.to)
    .orderBy('id')
    .execute();
  const router = await trx
    .selectFrom('router')
    .select('id')
    .where('household', '=', household)
    .where('enrolled_at', '<', week.to)
    .executeTakeFirst();
  if (profiles.length === 0 || router === undefined) return false;
  const { numInsertedOrUpdatedRows } = await trx
    .insertInto('weekly')
    .values({
      household,
      week: week.monday,
      created_at: now,
      body: JSON.stringify(await summariseHome(trx, household, week)),
    })
    .onConflict((conflict) => conflict.columns(['household', 'week']).doNothing())
    .executeTakeFirst();
  if ((numInsertedOrUpdatedRows ?? 0n) === 0n) return false;
  for (const profile of profiles) {
    const body = JSON.stringify(await summariseChild(trx, household, profile, week, offsets));
    await trx
      .insertInto('weekly_child')
      .values({ household, week: week.monday, profile: profile.id, body })
      .execute();
  }
  return true;
}
