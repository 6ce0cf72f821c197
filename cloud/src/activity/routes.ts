import type { Id } from '@khien/shared/id';
import fp from 'fastify-plugin';
import type { FastifyPluginCallbackZod } from 'fastify-type-provider-zod';
import type { Selectable } from 'kysely';
import type { z } from 'zod';
import { householdOf, householdParamsSchema } from '../households/access.ts';
import { problems } from '../http/problem.ts';
import type { Db } from '../store/open.ts';
import type { BurstTable } from '../store/tables.ts';
import { type ActivityItem, type ActivityPage, activityPageSchema, activityQuerySchema } from './schema.ts';

/** Newest first, by the id of the burst, which sorts by when it began. */
async function loadPage(
  db: Db,
  household: Id,
  query: z.output<typeof activityQuerySchema>,
): Promise<ActivityPage> {
  const { profile, before, limit } = query;
  let select = db.selectFrom('burst').selectAll().where('household', '=', household);
  if (profile !== undefined) select = select.where('profile', '=', profile);
  if (before !== undefined) select = select.where('id', '<', before);
  const rows = await select
    .orderBy('id', 'desc')
    .limit(limit + 1)
    .execute();
  const items = rows.slice(0, limit).map(activityItem);
  return { items, next: rows.length > limit ? (items.at(-1)?.burst ?? null) : null };
}

function activityItem(row: Selectable<BurstTable>): ActivityItem {
  return {
    burst: row.id,
    profile: row.profile,
    device: row.device,
    target: { kind: row.target_kind, id: row.target_id, name: row.target_name },
    count: row.tries,
    firstAt: row.first_at,
    lastAt: row.last_at,
  };
}

const routes: FastifyPluginCallbackZod = (app, _options, done) => {
  app.get(
    '/activity',
    {
      config: { right: 'household:view' },
      schema: {
        summary: 'What was blocked, and tries to get round the rules, newest first',
        tags: ['activity'],
        params: householdParamsSchema,
        querystring: activityQuerySchema,
        response: { 200: activityPageSchema, ...problems },
      },
    },
    (request) => loadPage(app.cloud.store.db, householdOf(request).id, request.query),
  );
  done();
};

/** What was blocked, and how often: never what was visited. */
export const activityPlugin = fp(routes, { name: 'activity', dependencies: ['context', 'rights'] });
