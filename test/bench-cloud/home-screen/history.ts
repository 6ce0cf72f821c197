import { insertSet } from '@khien/cloud/store/insert-set';
import { openStore, type Store } from '@khien/cloud/store/open';
import type { Id, Instant } from '@khien/shared/id';
import { DAY } from '@khien/shared/policy';
import { sql } from 'kysely';
import { encodeTime } from 'ulid';
import type { FleetIdentity } from '../../fleet/identities.ts';

/** Far more than the ingest commits at once: what is measured is not the writing. */
const ROWS_AT_ONCE = 10_000;

interface Blocked {
  readonly id: Id;
  readonly of: FleetIdentity;
  readonly at: Instant;
}

/**
 * Writes events of blocked tries as the ingest would store them, each a burst of its own, evenly over the last days, a
 * tenth of them in the first household. They come in the order of their time, as in life: that decides how indexes grow.
 *
 * @param location as `openStore` takes it; of a store that others may read meanwhile
 */
export async function addHistory(
  location: string,
  fleet: readonly FleetIdentity[],
  { count, days }: { readonly count: number; readonly days: number },
): Promise<void> {
  const [first, ...others] = fleet;
  if (first === undefined) throw new Error('a fleet has a router');
  const until = Date.now();
  const step = (days * DAY) / count;
  const store = await openStore(location);
  try {
    // Of this connection alone: nobody misses what a bench loses, and whose the rows are is right. The nodes commit as ever.
    if (store.engine === 'sqlite') {
      await sql`pragma synchronous = off`.execute(store.db);
      await sql`pragma foreign_keys = off`.execute(store.db);
    }
    for (let done = 0; done < count; done += ROWS_AT_ONCE) {
      await write(
        store,
        Array.from({ length: Math.min(ROWS_AT_ONCE, count - done) }, (_, index): Blocked => {
          const n = done + index;
          const at = Math.floor(until - (count - n) * step);
          const of = n % 10 === 0 ? first : (others[n % others.length] ?? first);
          return { id: idOf(at, count, n), of, at };
        }),
      );
    }
  } finally {
    await store.close();
  }
}

/** As a router makes them, without asking for so much chance: of the time, and no two alike. */
function idOf(at: Instant, count: number, n: number): Id {
  return encodeTime(at, 10) + String(count).padStart(8, '0') + String(n).padStart(8, '0');
}

async function write(store: Store, tries: readonly Blocked[]): Promise<void> {
  const target = { kind: 'service', id: 'tiktok', name: 'tiktok.com' } as const;
  await store.transaction(async (trx) => {
    if (store.engine === 'postgres') {
      await sql`set local synchronous_commit = off`.execute(trx);
      // No triggers, which references are there.
      await sql`set local session_replication_role = replica`.execute(trx);
    }
    await insertSet(
      trx,
      'event',
      {
        texts: ['id', 'household', 'router', 'kind', 'time_source', 'payload'],
        numbers: ['at', 'received_at'],
      },
      tries.map(({ id, of: { household, router, profile, device }, at }) => ({
        ...{ id, household, router, kind: 'blocked', at, time_source: 'ntp', received_at: at },
        payload: JSON.stringify({ burst: id, profile, device, target, count: 1, firstAt: at, lastAt: at }),
      })),
    ).execute();
    await insertSet(
      trx,
      'burst',
      {
        texts: ['id', 'household', 'profile', 'device', 'target_kind', 'target_id', 'target_name'],
        numbers: ['tries', 'first_at', 'last_at'],
      },
      tries.map(({ id, of: { household, profile, device }, at }) => ({
        ...{ id, household, profile, device, tries: 1, first_at: at, last_at: at },
        ...{ target_kind: target.kind, target_id: target.id, target_name: target.name },
      })),
    ).execute();
  });
}
