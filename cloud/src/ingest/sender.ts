import { KhienError } from '@khien/shared/error';
import type { KhienEvent } from '@khien/shared/event';
import type { Id, Instant } from '@khien/shared/id';
import type { Selectable } from 'kysely';
import type { RouterHello, RouterState } from '../ports.ts';
import { type Columns, updateSet } from '../store/insert-set.ts';
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

type OfRouter = Partial<Selectable<RouterTable>>;

const ofHello: Columns<'router'> = {
  texts: ['id', 'daemon', 'time_source'],
  numbers: ['policy_in_force', 'contacts_in_force', 'lists_in_force', 'last_seen_at'],
};
const ofState: Columns<'router'> = {
  texts: [...ofHello.texts, 'enforcement', 'lists_version', 'lists_left_out'],
  numbers: [...ofHello.numbers, 'lists_names'],
};

/** What routers said when they connected. Returns the homes of which a parent's page shows any of what changed. */
export function updateByHellos(
  trx: Trx,
  told: readonly (RouterHello & { readonly sender: Sender })[],
  now: Instant,
): Promise<ReadonlySet<Id>> {
  const said = told.map(({ sender, hello }) => ({
    sender,
    of: {
      daemon: hello.daemon,
      time_source: hello.timeSource,
      policy_in_force: hello.have.policy,
      contacts_in_force: hello.have.contacts,
      lists_in_force: hello.have.lists,
    },
  }));
  return updateRouters(trx, ofHello, said, now);
}

/** The same of what they are like. */
export function updateByStates(
  trx: Trx,
  told: readonly (RouterState & { readonly sender: Sender })[],
  now: Instant,
): Promise<ReadonlySet<Id>> {
  const said = told.map(({ sender, state }) => ({
    sender,
    of: {
      daemon: state.daemon,
      time_source: state.timeSource,
      enforcement: state.enforcement,
      policy_in_force: state.inForce.policy,
      contacts_in_force: state.inForce.contacts,
      lists_in_force: state.inForce.lists,
      lists_version: state.lists?.version ?? null,
      lists_names: state.lists?.names ?? null,
      lists_left_out: state.lists === null ? null : JSON.stringify(state.lists.leftOut),
    },
  }));
  return updateRouters(trx, ofState, said, now);
}

/** Writes what is different, and that the routers were heard of, with one statement for all; each of them once. */
async function updateRouters(
  trx: Trx,
  columns: Columns<'router'>,
  told: readonly { readonly sender: Sender; readonly of: OfRouter }[],
  now: Instant,
): Promise<ReadonlySet<Id>> {
  const homes = new Set<Id>();
  const rows: OfRouter[] = [];
  for (const { sender, of } of told) {
    const before: Readonly<Record<string, unknown>> = { ...sender };
    const changed = Object.entries(of).some(([column, value]) => before[column] !== value);
    if (changed) homes.add(sender.household);
    if (changed || now - (sender.last_seen_at ?? 0) >= LAST_SEEN_STEP) {
      rows.push({ id: sender.id, ...of, last_seen_at: now });
    }
  }
  if (rows.length > 0) await updateSet(trx, 'router', columns, rows);
  return homes;
}
