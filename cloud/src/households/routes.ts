import { idSchema } from '@khien/shared/id';
import type { FastifyRequest } from 'fastify';
import fp from 'fastify-plugin';
import type { FastifyPluginCallbackZod } from 'fastify-type-provider-zod';
import { problems } from '../http/problem.ts';
import { householdOf, householdParamsSchema } from './access.ts';
import { findDevice } from './devices.ts';
import { loadHome } from './home.ts';
import { changePolicy } from './policy-change.ts';
import { findProfile } from './profiles.ts';
import { deviceChangeSchema, deviceViewSchema, homeSchema, householdChangeSchema } from './schema.ts';

const deviceParamsSchema = householdParamsSchema.extend({ device: idSchema });

const routes: FastifyPluginCallbackZod = (app, _options, done) => {
  const { cloud } = app;
  const { store, now } = cloud;

  const home = (household: ReturnType<typeof householdOf>) =>
    loadHome(store.db, household, cloud.zones.around(household.zone, now()), now());

  app.get(
    '',
    {
      schema: {
        summary: 'All that the home screen shows',
        tags: ['households'],
        params: householdParamsSchema,
        response: { 200: homeSchema, ...problems },
      },
    },
    (request: FastifyRequest) => home(householdOf(request)),
  );

  app.patch(
    '',
    {
      schema: {
        summary: 'Change name, time zone or language',
        tags: ['households'],
        params: householdParamsSchema,
        body: householdChangeSchema,
        response: { 200: homeSchema, ...problems },
      },
    },
    async (request) => {
      const { id } = householdOf(request);
      const changed = await changePolicy(cloud, id, (trx) =>
        trx
          .updateTable('household')
          .set({ id, ...request.body })
          .where('id', '=', id)
          .returningAll()
          .executeTakeFirstOrThrow(),
      );
      return home(changed);
    },
  );

  app.patch(
    '/devices/:device',
    {
      schema: {
        summary: 'Name a device, or give it to a child',
        tags: ['devices'],
        params: deviceParamsSchema,
        body: deviceChangeSchema,
        response: { 200: deviceViewSchema, ...problems },
      },
    },
    (request) => {
      const household = householdOf(request).id;
      const { device } = request.params;
      const { name, profile } = request.body;
      return changePolicy(cloud, household, async (trx) => {
        await findDevice(trx, household, device);
        if (typeof profile === 'string') await findProfile(trx, household, profile);
        await trx
          .updateTable('device')
          .set({
            id: device,
            ...(name === undefined ? {} : { name }),
            ...(profile === undefined ? {} : { profile }),
          })
          .where('household', '=', household)
          .where('id', '=', device)
          .execute();
        return findDevice(trx, household, device);
      });
    },
  );
  done();
};

/** The household's home screen, its settings and its devices. */
export const householdsPlugin = fp(routes, {
  name: 'households',
  dependencies: ['context', 'household-access'],
});
