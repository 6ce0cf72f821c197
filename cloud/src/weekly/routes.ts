import type { Id } from '@khien/shared/id';
import fp from 'fastify-plugin';
import type { FastifyPluginCallbackZod } from 'fastify-type-provider-zod';
import { householdOf, householdParamsSchema } from '../households/access.ts';
import { problems } from '../http/problem.ts';
import type { Db } from '../store/open.ts';
import { type Weekly, weeklyListSchema, weekOfChildSchema, weekOfHomeSchema } from './schema.ts';

/** As many weeks as a page shows. */
const NEWEST = 8;

async function listWeeks(db: Db, household: Id): Promise<Weekly[]> {
  const weeks = await db
    .selectFrom('weekly')
    .selectAll()
    .where('household', '=', household)
    .orderBy('week', 'desc')
    .limit(NEWEST)
    .execute();
  const oldest = weeks.at(-1);
  if (oldest === undefined) return [];
  const children = await db
    .selectFrom('weekly_child')
    .selectAll()
    .where('household', '=', household)
    .where('week', '>=', oldest.week)
    .orderBy('profile')
    .execute();
  return weeks.map(({ week, created_at, body }) => ({
    week,
    createdAt: created_at,
    ...weekOfHomeSchema.parse(JSON.parse(body)),
    children: children
      .filter((child) => child.week === week)
      .map((child) => ({ profile: child.profile, ...weekOfChildSchema.parse(JSON.parse(child.body)) })),
  }));
}

const routes: FastifyPluginCallbackZod = (app, _options, done) => {
  app.get(
    '/weekly',
    {
      // No scope: its sums are of requests, bonuses and new devices too, which no one consent names.
      config: { right: 'household:view', forKeys: true, etag: true },
      schema: {
        summary: 'What the last weeks were like, newest first',
        tags: ['activity'],
        params: householdParamsSchema,
        response: { 200: weeklyListSchema, ...problems },
      },
    },
    async (request) => ({ items: await listWeeks(app.cloud.store.db, householdOf(request).id) }),
  );
  done();
};

/** Summaries of weeks: sums, never what was visited. */
export const weeklyPlugin = fp(routes, { name: 'weekly', dependencies: ['context', 'rights'] });
