import type { EventOf } from '@khien/shared/event';
import type { Id, Instant } from '@khien/shared/id';
import type { Insertable } from 'kysely';
import { insertSet } from '../store/insert-set.ts';
import type { Trx } from '../store/open.ts';
import type { BurstTable } from '../store/tables.ts';
import { byOurClock, isGuess } from './clock.ts';
import type { Told } from './sender.ts';

export type Try = Told<EventOf<'blocked' | 'bypass'>>;
type Row = Insertable<BurstTable>;

/**
 * Later events of a burst say more of it; when they come out of order, the larger count and the wider span stay. Returns
 * the households of whose bursts any changed.
 */
export async function saveBursts(trx: Trx, tries: readonly Try[], now: Instant): Promise<ReadonlySet<Id>> {
  const rows = new Map<string, Row>();
  for (const one of tries) {
    const key = keyOf(one);
    const row = rowOf(one, now);
    const before = rows.get(key);
    rows.set(key, before === undefined ? row : grown(before, row));
  }
  if (rows.size === 0) return new Set();
  const changed = await insertSet(
    trx,
    'burst',
    {
      texts: ['id', 'household', 'profile', 'device', 'target_kind', 'target_id', 'target_name'],
      numbers: ['tries', 'first_at', 'last_at', 'at_guessed'],
    },
    [...rows.values()],
  )
    .onConflict((conflict) =>
      conflict
        .columns(['household', 'id'])
        .doUpdateSet((eb) => ({
          tries: eb
            .case()
            .when('excluded.tries', '>', eb.ref('burst.tries'))
            .then(eb.ref('excluded.tries'))
            .else(eb.ref('burst.tries'))
            .end(),
          last_at: eb
            .case()
            .when('excluded.last_at', '>', eb.ref('burst.last_at'))
            .then(eb.ref('excluded.last_at'))
            .else(eb.ref('burst.last_at'))
            .end(),
          at_guessed: eb
            .case()
            .when('excluded.last_at', '>', eb.ref('burst.last_at'))
            .then(eb.ref('excluded.at_guessed'))
            .else(eb.ref('burst.at_guessed'))
            .end(),
        }))
        .where((eb) =>
          eb.or([
            eb('excluded.tries', '>', eb.ref('burst.tries')),
            eb('excluded.last_at', '>', eb.ref('burst.last_at')),
          ]),
        ),
    )
    .returning('household')
    .execute();
  return new Set(changed.map(({ household }) => household));
}

/** How many tries of each burst are known, by `keyOf`. */
export async function triesKnown(trx: Trx, tries: readonly Try[]): Promise<Map<string, number>> {
  if (tries.length === 0) return new Map();
  const rows = await trx
    .selectFrom('burst')
    .select(['household', 'id', 'tries'])
    .where('household', 'in', [...new Set(tries.map(({ by }) => by.household))])
    .where('id', 'in', [...new Set(tries.map(({ event }) => event.burst))])
    .execute();
  return new Map(rows.map(({ household, id, tries }) => [`${household} ${id}`, tries]));
}

export function keyOf({ by, event }: Try): string {
  return `${by.household} ${event.burst}`;
}

function grown(before: Row, later: Row): Row {
  return {
    ...before,
    tries: Math.max(before.tries, later.tries),
    last_at: Math.max(before.last_at, later.last_at),
    at_guessed: (later.last_at > before.last_at ? later : before).at_guessed,
  };
}

function rowOf({ by, event }: Try, now: Instant): Row {
  return {
    id: event.burst,
    household: by.household,
    profile: event.profile,
    device: event.device,
    ...targetOf(event),
    tries: event.count,
    first_at: byOurClock(event.firstAt, event, now),
    last_at: byOurClock(event.lastAt, event, now),
    at_guessed: isGuess(event.lastAt, event, now) ? 1 : 0,
  };
}

function targetOf(event: Try['event']): Pick<Row, 'target_kind' | 'target_id' | 'target_name'> {
  if (event.kind === 'bypass') {
    return { target_kind: 'bypass', target_id: event.method, target_name: event.service ?? '' };
  }
  const { kind, id, name } = event.target;
  return { target_kind: kind, target_id: id, target_name: name };
}
