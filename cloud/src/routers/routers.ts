import type { Id, Instant } from '@khien/shared/id';
import { timeSourceSchema } from '@khien/shared/topic';
import { z } from 'zod';
import { notFound } from '../http/problem.ts';
import type { Db, Trx } from '../store/open.ts';
import type { RouterView } from './schema.ts';

const leftOutSchema = z.array(z.string());

/** A home has one, a large one a few. */
export const MAX_ROUTERS = 8;

function selectRouters(db: Db, household: Id) {
  return db
    .selectFrom('router')
    .leftJoin('document', (join) =>
      join.onRef('document.router', '=', 'router.id').on('document.kind', '=', 'policy'),
    )
    .selectAll('router')
    .select('document.version as policy_wanted')
    .where('router.household', '=', household)
    .orderBy('router.id');
}

type Row = Awaited<ReturnType<ReturnType<typeof selectRouters>['executeTakeFirstOrThrow']>>;

/** Oldest first. */
export async function listRouters(db: Db, household: Id): Promise<RouterView[]> {
  const rows = await selectRouters(db, household).execute();
  return rows.map(routerView);
}

/** @throws KhienError `NOT_FOUND`, also for a router of another household */
export async function findRouter(db: Db, household: Id, id: Id): Promise<RouterView> {
  const row = await selectRouters(db, household).where('router.id', '=', id).executeTakeFirst();
  if (row === undefined) throw notFound('router');
  return routerView(row);
}

/**
 * Takes a router out of the household, with the documents that were made for it.
 *
 * @returns what it was
 * @throws KhienError `NOT_FOUND`
 */
export async function deleteRouter(
  trx: Trx,
  household: Id,
  id: Id,
): Promise<{ public_key: string; model: string; name: string }> {
  const row = await trx
    .deleteFrom('router')
    .where('household', '=', household)
    .where('id', '=', id)
    .returning(['public_key', 'model', 'name'])
    .executeTakeFirst();
  if (row === undefined) throw notFound('router');
  return row;
}

function routerView(row: Row): RouterView {
  const policyWanted = row.policy_wanted ?? 0;
  return {
    id: row.id,
    name: row.name,
    model: row.model,
    online: row.connection !== null,
    lastSeenAt: row.last_seen_at,
    daemon: row.daemon,
    timeSource: row.time_source === null ? null : timeSourceSchema.parse(row.time_source),
    enforcement: row.enforcement,
    policyInForce: row.policy_in_force,
    policyWanted,
    lists: listsOf(row),
    refusal: refusalOf(row, policyWanted),
  };
}

function listsOf(row: Row): RouterView['lists'] {
  if (row.lists_version === null) return null;
  return {
    version: row.lists_version,
    names: row.lists_names ?? 0,
    leftOut: leftOutSchema.parse(JSON.parse(row.lists_left_out ?? '[]')),
  };
}

/** A refusal is of interest as long as what was refused is not in force. */
function refusalOf(row: Row, policyWanted: number): { code: string; at: Instant } | null {
  if (row.refusal_code === null || row.refusal_at === null || row.policy_in_force === policyWanted)
    return null;
  return { code: row.refusal_code, at: row.refusal_at };
}
