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

/** Newest first, by when there was the last try: a burst that grows moves up. */
async function loadPage(
  db: Db,
  household: Id,
  query: z.output<typeof activityQuerySchema>,
): Promise<ActivityPage> {
  const { profile, before, limit } = query;
  let select = db.selectFrom('burst').selectAll().where('household', '=', household);
  if (profile !== undefined) select = select.where('profile', '=', profile);
  if (before !== undefined) {
    const [at = '', id = ''] = before.split('.');
    select = select.where((eb) =>
      eb.or([eb('last_at', '<', Number(at)), eb.and([eb('last_at', '=', Number(at)), eb('id', '<', id)])]),
    );
  }
  const rows = await select
    .orderBy('last_at', 'desc')
    .orderBy('id', 'desc')
    .limit(limit + 1)
    .execute();
  const items = rows.slice(0, limit).map(activityItem);
  const last = items.at(-1);
  return { items, next: rows.length > limit && last !== undefined ? `${last.lastAt}.${last.burst}` : null };
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
    guessed: row.at_guessed === 1,
  };
}

const routes: FastifyPluginCallbackZod = (app, _options, done) => {
  app.get(
    '/activity',
    {
      config: { right: 'household:view', scope: 'activity', forKeys: true },
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
