import type { KhienEvent } from '@khien/shared/event';
import type { Instant } from '@khien/shared/id';
import { insertSet } from '../store/insert-set.ts';
import type { Trx } from '../store/open.ts';
import { byOurClock } from './clock.ts';
import type { Told } from './sender.ts';

/**
 * Inserts what is not there yet, keyed by router and event id, so that a repeat is harmless and no router can take an
 * id of another's. Returns the events that were new, in their order.
 */
export async function insertEvents(trx: Trx, told: readonly Told[], now: Instant): Promise<Told[]> {
  const byKey = new Map<string, Told>();
  for (const one of told) {
    const key = keyOf(one.by.id, one.event.id);
    if (!byKey.has(key)) byKey.set(key, one);
  }
  if (byKey.size === 0) return [];
  const inserted = await insertSet(
    trx,
    'event',
    {
      texts: ['id', 'household', 'router', 'kind', 'time_source', 'payload'],
      numbers: ['at', 'told_at', 'received_at'],
    },
    [...byKey.values()].map(({ by, event: { id, at, timeSource, kind, ...payload } }) => ({
      id,
      household: by.household,
      router: by.id,
      kind,
      ...stampOf({ at, timeSource }, now),
      time_source: timeSource,
      received_at: now,
      payload: JSON.stringify(payload),
    })),
  )
    .onConflict((conflict) => conflict.columns(['router', 'id']).doNothing())
    .returning(['router', 'id'])
    .execute();
  if (inserted.length === byKey.size) return [...byKey.values()];
  const fresh = new Set(inserted.map(({ router, id }) => keyOf(router, id)));
  return [...byKey].filter(([key]) => fresh.has(key)).map(([, one]) => one);
}

function keyOf(router: string, id: string): string {
  return `${router} ${id}`;
}

/** When it was by our clock; and where the router's clock cannot be right, what that said. */
function stampOf(
  said: Pick<KhienEvent, 'at' | 'timeSource'>,
  now: Instant,
): { at: Instant; told_at: Instant | null } {
  const at = byOurClock(said.at, said, now);
  return { at, told_at: at === said.at ? null : said.at };
}
