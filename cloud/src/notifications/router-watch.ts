import type { Id, Instant } from '@khien/shared/id';
import { DAY, MINUTE } from '@khien/shared/policy';
import type { ExpressionBuilder } from 'kysely';
import type { Changes } from '../changes.ts';
import type { Store, Trx } from '../store/open.ts';
import type { Tables } from '../store/tables.ts';
import { notify, settle } from './notify.ts';

/** A router that is not connected for this long is told of: long enough for its restart, or the provider's. */
export const OFFLINE_AFTER = 10 * MINUTE;
/** An outage that soon follows another is the same line, and wakes nobody up again. */
const SAME_OUTAGE = 60 * MINUTE;
/** Newer lists that a connected router does not take for this long. */
export const LISTS_OLD_AFTER = 7 * DAY;
/** Routers of one round. */
const AT_ONCE = 200;

export interface RouterWatchDeps {
  readonly store: Store;
  readonly changes: Changes;
  readonly now: () => Instant;
}

interface Watched {
  readonly id: Id;
  readonly household: Id;
}

/** Tells of routers that are gone, that are back, and whose lists are old: each once, on whatever node. */
export class RouterWatch {
  readonly #deps: RouterWatchDeps;
  readonly #since: Instant;

  /** Who starts has seen no router yet: none is gone before it had the time to come. */
  constructor(deps: RouterWatchDeps) {
    this.#deps = deps;
    this.#since = deps.now();
  }

  async round(): Promise<void> {
    await this.#tellGone();
    await this.#tellBack();
    await this.#tellOldLists();
  }

  async #tellGone(): Promise<void> {
    const { store, now } = this.#deps;
    const before = now() - OFFLINE_AFTER;
    if (this.#since > before) return;
    const gone = await store.db
      .selectFrom('router')
      .select(['id', 'household'])
      .where('offline_told', '=', 0)
      .where('connection', 'is', null)
      .where('last_seen_at', '<=', before)
      .orderBy('last_seen_at')
      .limit(AT_ONCE)
      .execute();
    await this.#each(gone, async (trx, router) => {
      const row = await trx
        .updateTable('router')
        .set({ offline_told: 1 })
        .where('id', '=', router.id)
        .where('household', '=', router.household)
        .where('offline_told', '=', 0)
        .where('connection', 'is', null)
        .returning('last_seen_at')
        .executeTakeFirst();
      if (row?.last_seen_at == null) return false;
      await notify(
        trx,
        router.household,
        {
          about: { kind: 'router-offline' },
          subject: router.id,
          router: router.id,
          at: row.last_seen_at,
          pushAt: now(),
          joins: ({ settled_at }) => settled_at !== null && now() - settled_at < SAME_OUTAGE,
        },
        now(),
      );
      return true;
    });
  }

  async #tellBack(): Promise<void> {
    const { store, now } = this.#deps;
    const back = await store.db
      .selectFrom('router')
      .select(['id', 'household'])
      .where('offline_told', '=', 1)
      .where('connection', 'is not', null)
      .orderBy('id')
      .limit(AT_ONCE)
      .execute();
    await this.#each(back, async (trx, { id, household }) => {
      const { numUpdatedRows } = await trx
        .updateTable('router')
        .set({ offline_told: 0 })
        .where('id', '=', id)
        .where('offline_told', '=', 1)
        .executeTakeFirst();
      if (numUpdatedRows === 0n) return false;
      // Of the second outage within an hour nobody was woken up.
      const once = ({ count }: { count: number }) => (count === 1 ? now() : null);
      return settle(trx, household, { kind: 'router-offline', subject: id }, now(), once);
    });
  }

  async #tellOldLists(): Promise<void> {
    const { store, now } = this.#deps;
    const { db } = store;
    await db
      .updateTable('router')
      .set({ lists_behind_since: now() })
      .where('lists_behind_since', 'is', null)
      .where((eb) => eb.exists(newerLists(eb)))
      .execute();
    const old = await db
      .selectFrom('router')
      .select(['id', 'household'])
      .where('lists_behind_since', '<=', now() - LISTS_OLD_AFTER)
      .where('connection', 'is not', null)
      .where(({ not, exists, selectFrom }) =>
        not(
          exists(
            selectFrom('notification')
              .select('notification.id')
              .whereRef('notification.household', '=', 'router.household')
              .where('notification.kind', '=', 'list-old')
              .whereRef('notification.subject', '=', 'router.id')
              .where('notification.settled_at', 'is', null),
          ),
        ),
      )
      .orderBy('id')
      .limit(AT_ONCE)
      .execute();
    await this.#each(old, async (trx, { id, household }) => {
      const about = { kind: 'list-old' } as const;
      const joins = ({ settled_at }: { settled_at: number | null }) => settled_at === null;
      await notify(
        trx,
        household,
        { about, subject: id, router: id, at: now(), pushAt: now(), joins },
        now(),
      );
      return true;
    });
    const newest = await db
      .selectFrom('router')
      .select(['id', 'household'])
      .where('lists_behind_since', 'is not', null)
      .where((eb) => eb.not(eb.exists(newerLists(eb))))
      .orderBy('id')
      .limit(AT_ONCE)
      .execute();
    await this.#each(newest, async (trx, { id, household }) => {
      await trx.updateTable('router').set({ lists_behind_since: null }).where('id', '=', id).execute();
      return settle(trx, household, { kind: 'list-old', subject: id }, now());
    });
  }

  async #each(
    routers: readonly Watched[],
    task: (trx: Trx, router: Watched) => Promise<boolean>,
  ): Promise<void> {
    const { store, changes } = this.#deps;
    for (const router of routers) {
      const told = await store.ofHouseholds([router.household], (trx) => task(trx, router));
      if (told) changes.announce({ household: router.household, changed: 'notifications' });
    }
  }
}

/** Lists for a router that it has not in force. */
function newerLists(eb: ExpressionBuilder<Tables, 'router'>) {
  return eb
    .selectFrom('document')
    .select('document.version')
    .whereRef('document.router', '=', 'router.id')
    .where('document.kind', '=', 'lists')
    .where((of) =>
      of.or([
        of('router.lists_in_force', 'is', null),
        of('document.version', '>', of.ref('router.lists_in_force')),
      ]),
    );
}
