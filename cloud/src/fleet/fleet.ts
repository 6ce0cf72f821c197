import type { Id } from '@khien/shared/id';
import { type RawBuilder, sql } from 'kysely';
import type { z } from 'zod';
import type { Db } from '../store/open.ts';
import type { Fleet, FleetPage, FleetRouter, fleetQuerySchema } from './schema.ts';

type Standing = NonNullable<z.output<typeof fleetQuerySchema>['standing']>;

const isOffline = sql<boolean>`router.connection is null`;
const policyIsBehind = sql<boolean>`coalesce(router.policy_in_force, 0) < coalesce(policy.version, 0)`;
const isOutdated = sql<boolean>`(${policyIsBehind}
  or coalesce(router.contacts_in_force, 0) < coalesce(contacts.version, 0)
  or coalesce(router.lists_in_force, 0) < coalesce(lists.version, 0))`;
const isFailing = sql<boolean>`(coalesce(router.enforcement, 'enforcing') <> 'enforcing'
  or (router.refusal_code is not null and ${policyIsBehind}))`;

const conditions: Readonly<Record<Standing, RawBuilder<boolean>>> = {
  offline: isOffline,
  outdated: isOutdated,
  failing: isFailing,
};

/** The routers of a provider, each with the documents that were issued to it last. */
function selectFleet(db: Db, isp: string) {
  return db
    .selectFrom('router')
    .leftJoin('document as policy', (join) =>
      join.onRef('policy.router', '=', 'router.id').on('policy.kind', '=', 'policy'),
    )
    .leftJoin('document as contacts', (join) =>
      join.onRef('contacts.router', '=', 'router.id').on('contacts.kind', '=', 'contacts'),
    )
    .leftJoin('document as lists', (join) =>
      join.onRef('lists.router', '=', 'router.id').on('lists.kind', '=', 'lists'),
    )
    .where('router.isp', '=', isp);
}

const sumOf = (condition: RawBuilder<boolean>) =>
  sql<number | string | null>`sum(case when ${condition} then 1 else 0 end)`;

export async function countFleet(db: Db, isp: string): Promise<Fleet> {
  const counts = await selectFleet(db, isp)
    .select((rows) => rows.fn.countAll<number | string>().as('routers'))
    .select([
      sumOf(isOffline).as('offline'),
      sumOf(isOutdated).as('outdated'),
      sumOf(isFailing).as('failing'),
    ])
    .executeTakeFirstOrThrow();
  const daemons = await db
    .selectFrom('router')
    .select('daemon')
    .select((rows) => rows.fn.countAll<number | string>().as('routers'))
    .where('isp', '=', isp)
    .groupBy('daemon')
    .orderBy('routers', 'desc')
    .orderBy('daemon')
    .execute();
  return {
    isp,
    routers: Number(counts.routers),
    offline: Number(counts.offline),
    outdated: Number(counts.outdated),
    failing: Number(counts.failing),
    daemons: daemons.map(({ daemon, routers }) => ({ daemon, routers: Number(routers) })),
  };
}

function standingOf(inForce: number | null, issued: number | null): FleetRouter['documents']['policy'] {
  if ((inForce ?? 0) >= (issued ?? 0)) return 'newest';
  return inForce === null ? 'none' : 'outdated';
}

/** A page of routers, and whose they are, which the operator is not told: for the log of those households. */
export async function loadFleetPage(
  db: Db,
  isp: string,
  { standing, daemon, after, limit }: z.output<typeof fleetQuerySchema>,
): Promise<{ page: FleetPage; households: Id[] }> {
  let select = selectFleet(db, isp)
    .select(['router.id', 'router.household', 'router.model', 'router.daemon', 'router.connection'])
    .select(['router.last_seen_at', 'router.enforcement', 'router.refusal_code'])
    .select(['router.policy_in_force', 'router.contacts_in_force', 'router.lists_in_force'])
    .select(['policy.version as policy', 'contacts.version as contacts', 'lists.version as lists']);
  if (standing !== undefined) select = select.where(conditions[standing]);
  if (daemon !== undefined) select = select.where('router.daemon', '=', daemon);
  if (after !== undefined) select = select.where('router.id', '>', after);
  const rows = await select
    .orderBy('router.id')
    .limit(limit + 1)
    .execute();
  const shown = rows.slice(0, limit);
  const items = shown.map((row): FleetRouter => {
    const policy = standingOf(row.policy_in_force, row.policy);
    return {
      id: row.id,
      model: row.model,
      daemon: row.daemon,
      online: row.connection !== null,
      lastSeenAt: row.last_seen_at,
      enforcement: row.enforcement,
      documents: {
        policy,
        contacts: { inForce: row.contacts_in_force, issued: row.contacts },
        lists: { inForce: row.lists_in_force, issued: row.lists },
      },
      refusal: policy === 'newest' ? null : row.refusal_code,
    };
  });
  const next = rows.length > limit ? (items.at(-1)?.id ?? null) : null;
  return { page: { items, next }, households: shown.map(({ household }) => household) };
}
