import type { KhienEvent } from '@khien/shared/event';
import type { Id, Instant } from '@khien/shared/id';
import type { Trx } from '../store/open.ts';
import { byOurClock } from './clock.ts';
import type { Sender } from './sender.ts';

/**
 * Inserts what is not there yet, keyed by router and event id, so that a repeat is harmless and no router can take an
 * id of another's. Returns the events that were new, in their order.
 */
export async function insertEvents(
  trx: Trx,
  sender: Sender,
  events: readonly KhienEvent[],
  now: Instant,
): Promise<KhienEvent[]> {
  const byId = new Map<Id, KhienEvent>();
  for (const event of events) if (!byId.has(event.id)) byId.set(event.id, event);
  if (byId.size === 0) return [];
  const inserted = await trx
    .insertInto('event')
    .values(
      [...byId.values()].map(({ id, at, timeSource, kind, ...payload }) => ({
        id,
        household: sender.household,
        router: sender.id,
        kind,
        ...stampOf({ at, timeSource }, now),
        time_source: timeSource,
        received_at: now,
        payload: JSON.stringify(payload),
      })),
    )
    .onConflict((conflict) => conflict.columns(['router', 'id']).doNothing())
    .returning('id')
    .execute();
  const fresh = new Set(inserted.map((row) => row.id));
  return [...byId.values()].filter((event) => fresh.has(event.id));
}

/** When it was by our clock; and where the router's clock cannot be right, what that said. */
function stampOf(
  said: Pick<KhienEvent, 'at' | 'timeSource'>,
  now: Instant,
): { at: Instant; told_at: Instant | null } {
  const at = byOurClock(said.at, said, now);
  return { at, told_at: at === said.at ? null : said.at };
}
