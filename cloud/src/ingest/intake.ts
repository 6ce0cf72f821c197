import type { KhienEvent } from '@khien/shared/event';
import type { Id, Instant } from '@khien/shared/id';
import { DAY } from '@khien/shared/policy';
import type { Selectable } from 'kysely';
import { insertSet } from '../store/insert-set.ts';
import type { Db, Trx } from '../store/open.ts';
import type { IntakeTable } from '../store/tables.ts';

/** What one household's routers may tell on one UTC day: far above what a home does, far below what fills a disk. */
export const MAX_EVENTS = 20_000;
/** Of them, wishes of children, which parents read one by one and which others must not crowd out. */
export const MAX_REQUESTS = 500;
/** Children's calls for help have a room of their own, which nothing else takes away. */
export const MAX_HELP = 500;

type Counts = Pick<Selectable<IntakeTable>, 'events' | 'requests' | 'helps' | 'dropped'>;

const nothing: Counts = { events: 0, requests: 0, helps: 0, dropped: 0 };

/** How much households have told today, with what the transaction that is under way adds. */
export class Intake {
  readonly #day: number;
  readonly #before: ReadonlyMap<Id, Counts>;
  readonly #added = new Map<Id, Counts>();

  private constructor(day: number, before: ReadonlyMap<Id, Counts>) {
    this.#day = day;
    this.#before = before;
  }

  static async open(trx: Trx, households: Iterable<Id>, now: Instant): Promise<Intake> {
    const day = dayOf(now);
    const all = [...new Set(households)];
    if (all.length === 0) return new Intake(day, new Map());
    const rows = await trx
      .selectFrom('intake')
      .select(['household', 'events', 'requests', 'helps', 'dropped'])
      .where('household', 'in', all)
      .where('day', '=', day)
      .execute();
    return new Intake(day, new Map(rows.map(({ household, ...counts }) => [household, counts])));
  }

  /** As many as the household has left of the day, in their order. */
  admit(household: Id, events: readonly KhienEvent[]): readonly KhienEvent[] {
    const before = this.#before.get(household) ?? nothing;
    const added = this.#addedBy(household);
    const room = {
      events: MAX_EVENTS - before.events - added.events,
      requests: MAX_REQUESTS - before.requests - added.requests,
      helps: MAX_HELP - before.helps - added.helps,
    };
    return events.filter((event) => {
      const share = shareOf(event);
      room[share] -= 1;
      return room[share] >= 0;
    });
  }

  /** Counts one that was new; repeats cost nothing. */
  count(household: Id, event: KhienEvent): void {
    this.#addedBy(household)[shareOf(event)] += 1;
  }

  /** Counts those that are acknowledged and let go. */
  drop(household: Id, count: number): void {
    this.#addedBy(household).dropped += count;
  }

  async save(trx: Trx): Promise<void> {
    const rows = [...this.#added]
      .filter(([, { events, requests, helps, dropped }]) => events + requests + helps + dropped > 0)
      .map(([household, counts]) => ({ household, day: this.#day, ...counts }));
    if (rows.length === 0) return;
    const numbers = ['day', 'events', 'requests', 'helps', 'dropped'] as const;
    await insertSet(trx, 'intake', { texts: ['household'], numbers }, rows)
      .onConflict((conflict) =>
        conflict.columns(['household', 'day']).doUpdateSet((eb) => ({
          events: eb('intake.events', '+', eb.ref('excluded.events')),
          requests: eb('intake.requests', '+', eb.ref('excluded.requests')),
          helps: eb('intake.helps', '+', eb.ref('excluded.helps')),
          dropped: eb('intake.dropped', '+', eb.ref('excluded.dropped')),
        })),
      )
      .execute();
  }

  #addedBy(household: Id): Counts {
    let added = this.#added.get(household);
    if (added === undefined) {
      added = { ...nothing };
      this.#added.set(household, added);
    }
    return added;
  }
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

function shareOf(event: KhienEvent): 'events' | 'requests' | 'helps' {
  if (event.kind !== 'request') return 'events';
  return event.ask === 'help' ? 'helps' : 'requests';
}

function dayOf(now: Instant): number {
  return Math.floor(now / DAY);
}
