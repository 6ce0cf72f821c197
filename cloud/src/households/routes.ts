import { type Id, idSchema, macSchema } from '@khien/shared/id';
import type { Pause } from '@khien/shared/policy';
import type { FastifyRequest } from 'fastify';
import fp from 'fastify-plugin';
import type { FastifyPluginCallbackZod } from 'fastify-type-provider-zod';
import { actorOf } from '../api-keys/key-plugin.ts';
import { problems } from '../http/problem.ts';
import { reopenProposals, settleProposals } from '../proposals/proposals.ts';
import { retimeAllDigests } from '../push/fan-out.ts';
import { replanWeek } from '../weekly/rounds.ts';
import { householdOf, householdParamsSchema } from './access.ts';
import { findDevice } from './devices.ts';
import { loadHome } from './home.ts';
import { setNewDevices } from './new-devices.ts';
import { changePolicy } from './policy-change.ts';
import { periodFrom } from './profile-change.ts';
import { findProfile } from './profiles.ts';
import {
  type DeviceView,
  deviceChangeSchema,
  deviceViewSchema,
  homeSchema,
  householdChangeSchema,
  periodRequestSchema,
} from './schema.ts';
import { splitDevice } from './split-device.ts';

const deviceParamsSchema = householdParamsSchema.extend({ device: idSchema });

const routes: FastifyPluginCallbackZod = (app, _options, done) => {
  const { cloud } = app;
  const { store, now } = cloud;

  const home = (household: ReturnType<typeof householdOf>) =>
    loadHome(store.db, household, cloud.zones.around(household.zone, now()), now());

  app.get(
    '',
    {
      config: { right: 'household:view', forKeys: true },
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
      config: { right: 'household:care' },
      schema: {
        summary: 'Change name, time zone, language, or what becomes of new devices',
        tags: ['households'],
        params: householdParamsSchema,
        body: householdChangeSchema,
        response: { 200: homeSchema, ...problems },
      },
    },
    async (request) => {
      const { id } = householdOf(request);
      const { newDevices, ...change } = request.body;
      const changed = await changePolicy(request, async (trx) => {
        if (newDevices !== undefined) await setNewDevices(trx, id, newDevices);
        if (change.zone !== undefined) {
          await replanWeek(trx, id);
          await retimeAllDigests(trx, id, cloud.zones.around(change.zone, now()), now());
        }
        return trx
          .updateTable('household')
          .set({ id, ...change })
          .where('id', '=', id)
          .returningAll()
          .executeTakeFirstOrThrow();
      });
      return home(changed);
    },
  );

  app.patch(
    '/devices/:device',
    {
      config: { right: 'household:care' },
      schema: {
        summary: 'Name a device, give it to a child, or say that it is known',
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
      const known = request.body.known ?? (profile === null ? true : undefined);
      return changePolicy(request, async (trx) => {
        await findDevice(trx, household, device, now());
        if (typeof profile === 'string') await findProfile(trx, household, profile, now());
        if (known === false) await reopenProposals(trx, household, device);
        else if (profile !== undefined || known !== undefined) {
          await settleProposals(trx, household, device, actorOf(request), now());
        }
        await trx
          .updateTable('device')
          .set({
            id: device,
            ...(name === undefined ? {} : { name }),
            ...(profile === undefined ? {} : { profile }),
            ...(known === undefined ? {} : { known: known ? (1 as const) : (0 as const) }),
          })
          .where('household', '=', household)
          .where('id', '=', device)
          .execute();
        return findDevice(trx, household, device, now());
      });
    },
  );

  app.delete(
    '/devices/:device/macs/:mac',
    {
      config: { right: 'household:care' },
      schema: {
        summary: 'Take an address out of a device: it is a known device of nobody then',
        tags: ['devices'],
        params: deviceParamsSchema.extend({ mac: macSchema }),
        response: { 200: deviceViewSchema, ...problems },
      },
    },
    (request) => {
      const household = householdOf(request).id;
      const { device, mac } = request.params;
      return changePolicy(request, async (trx) => {
        const made = await splitDevice(trx, household, device, mac, now());
        return findDevice(trx, household, made, now());
      });
    },
  );

  const devicePauseResponse = { 200: deviceViewSchema, ...problems };

  function setPause(request: FastifyRequest, device: Id, pause: Pause | null): Promise<DeviceView> {
    const household = householdOf(request).id;
    return changePolicy(request, async (trx) => {
      await trx
        .updateTable('device')
        .set({ pause: pause === null ? null : JSON.stringify(pause) })
        .where('household', '=', household)
        .where('id', '=', device)
        .execute();
      return findDevice(trx, household, device, now());
    });
  }

  app.put(
    '/devices/:device/pause',
    {
      config: { right: 'household:care' },
      schema: {
        summary: 'Switch the network of one device off',
        tags: ['devices'],
        params: deviceParamsSchema,
        body: periodRequestSchema,
        response: devicePauseResponse,
      },
    },
    (request) => setPause(request, request.params.device, periodFrom(now(), request.body.minutes)),
  );

  app.delete(
    '/devices/:device/pause',
    {
      config: { right: 'household:care' },
      schema: {
        summary: 'Resume a device',
        tags: ['devices'],
        params: deviceParamsSchema,
        response: devicePauseResponse,
      },
    },
    (request) => setPause(request, request.params.device, null),
  );
  done();
};

/** The household's home screen, its settings and its devices. */
export const householdsPlugin = fp(routes, {
  name: 'households',
  dependencies: ['context', 'rights'],
});
