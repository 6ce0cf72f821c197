import { KhienError } from '@khien/shared/error';
import type { KhienEvent } from '@khien/shared/event';
import type { Id, Instant } from '@khien/shared/id';
import type { Selectable, Updateable } from 'kysely';
import type { Db, Trx } from '../store/open.ts';
import type { RouterTable } from '../store/tables.ts';

/** When a router was last heard of is written this often, milliseconds, if nothing else of it changes. */
const LAST_SEEN_STEP = 60_000;

/** The router that something came from, as the store knows it. */
export type Sender = Selectable<RouterTable>;

/** As much of a router as its events need. */
export type Origin = Pick<Sender, 'id' | 'household'>;

export interface Told<E extends KhienEvent = KhienEvent> {
  readonly by: Origin;
  readonly event: E;
}

/** The households of these routers, as far as they are enrolled. */
export async function householdsOf(db: Db, routers: readonly Id[]): Promise<ReadonlyMap<Id, Id>> {
  const rows = await db
    .selectFrom('router')
    .select(['id', 'household'])
    .where('id', 'in', [...new Set(routers)])
    .execute();
  return new Map(rows.map(({ id, household }) => [id, household]));
}

/**
 * Those of these routers that are still of the household whose lock this transaction has.
 *
 * @param households by router
 */
export async function findOrigins(
  trx: Trx,
  households: ReadonlyMap<Id, Id>,
): Promise<ReadonlyMap<Id, Origin>> {
  if (households.size === 0) return new Map();
  const rows = await trx
    .selectFrom('router')
    .select(['id', 'household'])
    .where('id', 'in', [...households.keys()])
    .execute();
  return new Map(
    rows.filter(({ id, household }) => households.get(id) === household).map((row) => [row.id, row]),
  );
}

/** A router that told something, and whether it is the only one of its home. */
export type Known<T> = T & { readonly sender: Sender; readonly isAlone: boolean };

/**
 * What these routers told with what the store knows of them. Those that are not, or no longer, of the household whose lock this
 * transaction has are left out.
 *
 * @param households by router
 */
export async function findSenders<T extends { readonly router: Id }>(
  trx: Trx,
  households: ReadonlyMap<Id, Id>,
  told: readonly T[],
): Promise<Known<T>[]> {
  const homes = new Set(told.flatMap(({ router }) => households.get(router) ?? []));
  if (homes.size === 0) return [];
  const rows = await trx
    .selectFrom('router')
    .selectAll()
    .where('household', 'in', [...homes])
    .execute();
  const senders = new Map(rows.map((row) => [row.id, row]));
  const routers = new Map<Id, number>();
  for (const { household } of rows) routers.set(household, (routers.get(household) ?? 0) + 1);
  return told.flatMap((one) => {
    const sender = senders.get(one.router);
    if (sender === undefined || sender.household !== households.get(one.router)) return [];
    return [{ ...one, sender, isAlone: routers.get(sender.household) === 1 }];
  });
}

export function routerUnknown(): KhienError {
  return new KhienError('ROUTER_UNKNOWN', 'no router has this id');
}

/** Writes what is different, and that the router was heard of. Returns whether a parent's page shows any of it. */
export async function updateRouter(
  trx: Trx,
  sender: Sender,
  now: Instant,
  told: Pick<
    Updateable<RouterTable>,
    | 'daemon'
    | 'time_source'
    | 'enforcement'
    | 'policy_in_force'
    | 'contacts_in_force'
    | 'lists_in_force'
    | 'lists_version'
    | 'lists_names'
    | 'lists_left_out'
  >,
): Promise<boolean> {
  const before: Readonly<Record<string, unknown>> = { ...sender };
  const changed = Object.entries(told).some(([column, value]) => before[column] !== value);
  if (!changed && now - (sender.last_seen_at ?? 0) < LAST_SEEN_STEP) return false;
  await trx
    .updateTable('router')
    .set({ ...told, last_seen_at: now })
    .where('id', '=', sender.id)
    .execute();
  return changed;
}
