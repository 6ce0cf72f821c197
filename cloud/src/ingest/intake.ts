import type { KhienEvent } from '@khien/shared/event';
import type { Id, Instant } from '@khien/shared/id';
import { DAY } from '@khien/shared/policy';
import type { Db, Trx } from '../store/open.ts';

/** What one household's routers may tell on one UTC day: far above what a home does, far below what fills a disk. */
export const MAX_EVENTS = 20_000;
/** Of them, wishes of children, which parents read one by one and which others must not crowd out. */
export const MAX_REQUESTS = 500;
/** Children's calls for help have a room of their own, which nothing else takes away. */
export const MAX_HELP = 500;

/** The events of a batch that are kept, and how many are not. */
interface Admitted {
  readonly events: readonly KhienEvent[];
  readonly dropped: number;
}

/** Takes as many as the household has left of the day, in their order. What is over is acknowledged and let go. */
export async function admit(
  trx: Trx,
  household: Id,
  events: readonly KhienEvent[],
  now: Instant,
): Promise<Admitted> {
  const today = await trx
    .selectFrom('intake')
    .select(['events', 'requests', 'helps'])
    .where('household', '=', household)
    .where('day', '=', dayOf(now))
    .executeTakeFirst();
  let room = MAX_EVENTS - (today?.events ?? 0);
  let requestRoom = MAX_REQUESTS - (today?.requests ?? 0);
  let helpRoom = MAX_HELP - (today?.helps ?? 0);
  const admitted = events.filter((event) => {
    if (isHelp(event)) {
      helpRoom -= 1;
      return helpRoom >= 0;
    }
    if (event.kind === 'request') {
      requestRoom -= 1;
      return requestRoom >= 0;
    }
    room -= 1;
    return room >= 0;
  });
  return { events: admitted, dropped: events.length - admitted.length };
}

/** Counts what was new of a batch; repeats cost nothing. */
export async function countIntake(
  trx: Trx,
  household: Id,
  fresh: readonly KhienEvent[],
  dropped: number,
  now: Instant,
): Promise<void> {
  const helps = fresh.filter(isHelp).length;
  const requests = fresh.filter(({ kind }) => kind === 'request').length - helps;
  const events = fresh.length - requests - helps;
  if (fresh.length + dropped === 0) return;
  await trx
    .insertInto('intake')
    .values({ household, day: dayOf(now), events, requests, helps, dropped })
    .onConflict((conflict) =>
      conflict.columns(['household', 'day']).doUpdateSet((eb) => ({
        events: eb('intake.events', '+', events),
        requests: eb('intake.requests', '+', requests),
        helps: eb('intake.helps', '+', helps),
        dropped: eb('intake.dropped', '+', dropped),
      })),
    )
    .execute();
}

/** Events of the household's routers that were over the limit, on the newest of the last two days that had any. */
export async function droppedLately(db: Db, household: Id, now: Instant): Promise<number> {
  const row = await db
    .selectFrom('intake')
    .select('dropped')
    .where('household', '=', household)
    .where('day', '>=', dayOf(now) - 1)
    .where('dropped', '>', 0)
    .orderBy('day', 'desc')
    .limit(1)
    .executeTakeFirst();
  return Number(row?.dropped ?? 0);
}

function isHelp(event: KhienEvent): boolean {
  return event.kind === 'request' && event.ask === 'help';
}

function dayOf(now: Instant): number {
  return Math.floor(now / DAY);
}
