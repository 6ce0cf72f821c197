import { KhienError } from '@khien/shared/error';
import { type Id, idSchema } from '@khien/shared/id';
import type { Profile } from '@khien/shared/policy';
import fp from 'fastify-plugin';
import type { FastifyPluginCallbackZod } from 'fastify-type-provider-zod';
import { z } from 'zod';
import { problems } from '../http/problem.ts';
import type { Db, Trx } from '../store/open.ts';
import { type Household, householdOf, householdParamsSchema } from './access.ts';
import { changePolicy } from './policy-change.ts';
import { changedProfile, extendedProfile, newProfile, pausedProfile } from './profile-change.ts';
import {
  deleteProfile,
  findProfile,
  insertProfile,
  listProfiles,
  MAX_PROFILES,
  profileView,
  saveProfile,
} from './profiles.ts';
import {
  grantRequestSchema,
  newProfileSchema,
  type ProfileView,
  pauseRequestSchema,
  profileChangeSchema,
  profileViewSchema,
} from './schema.ts';

const paramsSchema = householdParamsSchema.extend({ profile: idSchema });
const response = { 200: profileViewSchema, ...problems };

const routes: FastifyPluginCallbackZod = (app, _options, done) => {
  const { cloud } = app;
  const { store, now } = cloud;

  async function viewOf(db: Db, household: Household, profile: Profile): Promise<ProfileView> {
    const devices = await db.selectFrom('device').select('id').where('profile', '=', profile.id).execute();
    const ids = devices.map((device) => device.id);
    return profileView(profile, ids, cloud.zones.around(household.zone, now()), now());
  }

  /** Reads, changes and writes one profile in one transaction. */
  async function change(
    household: Household,
    id: Id,
    to: (profile: Profile) => Profile,
  ): Promise<ProfileView> {
    const profile = await changePolicy(cloud, household.id, async (trx: Trx) => {
      const changed = to(await findProfile(trx, household.id, id));
      await saveProfile(trx, household.id, changed);
      return changed;
    });
    return viewOf(store.db, household, profile);
  }

  app.post(
    '/profiles',
    {
      schema: {
        summary: 'Add a child, with the preset of its age',
        tags: ['profiles'],
        params: householdParamsSchema,
        body: newProfileSchema,
        response: { 201: profileViewSchema, ...problems },
      },
    },
    async (request, reply) => {
      const household = householdOf(request);
      const profile = newProfile(request.body, household.language, now());
      await changePolicy(cloud, household.id, async (trx) => {
        if ((await listProfiles(trx, household.id)).length >= MAX_PROFILES) {
          throw new KhienError('LIMIT_REACHED', `a household has ${MAX_PROFILES} profiles at most`);
        }
        await insertProfile(trx, household.id, profile, now());
      });
      return reply.code(201).send(await viewOf(store.db, household, profile));
    },
  );

  app.patch(
    '/profiles/:profile',
    {
      schema: {
        summary: 'Change a child or its rules',
        tags: ['profiles'],
        params: paramsSchema,
        body: profileChangeSchema,
        response,
      },
    },
    (request) => {
      const household = householdOf(request);
      return change(household, request.params.profile, (profile) =>
        changedProfile(profile, request.body, household.language, now()),
      );
    },
  );

  app.delete(
    '/profiles/:profile',
    {
      schema: {
        summary: 'Remove a child and what was recorded of it',
        tags: ['profiles'],
        params: paramsSchema,
        response: { 204: z.null(), ...problems },
      },
    },
    async (request, reply) => {
      const household = householdOf(request).id;
      await changePolicy(cloud, household, (trx) => deleteProfile(trx, household, request.params.profile), [
        'home',
        'activity',
        'requests',
      ]);
      return reply.code(204).send(null);
    },
  );

  app.put(
    '/profiles/:profile/pause',
    {
      schema: {
        summary: 'Switch the network of a child off',
        tags: ['profiles'],
        params: paramsSchema,
        body: pauseRequestSchema,
        response,
      },
    },
    (request) =>
      change(householdOf(request), request.params.profile, (profile) =>
        pausedProfile(profile, now(), request.body.minutes),
      ),
  );

  app.delete(
    '/profiles/:profile/pause',
    { schema: { summary: 'Resume', tags: ['profiles'], params: paramsSchema, response } },
    (request) =>
      change(householdOf(request), request.params.profile, (profile) => ({ ...profile, pause: null })),
  );

  app.post(
    '/profiles/:profile/grant',
    {
      schema: {
        summary: 'Give so many minutes more',
        tags: ['profiles'],
        params: paramsSchema,
        body: grantRequestSchema,
        response,
      },
    },
    (request) => {
      const household = householdOf(request);
      const offsets = cloud.zones.around(household.zone, now());
      return change(household, request.params.profile, (profile) =>
        extendedProfile(profile, offsets, now(), request.body.minutes),
      );
    },
  );

  app.delete(
    '/profiles/:profile/grant',
    { schema: { summary: 'Take the extra time back', tags: ['profiles'], params: paramsSchema, response } },
    (request) =>
      change(householdOf(request), request.params.profile, (profile) => ({ ...profile, grant: null })),
  );
  done();
};

/** The children of a household, and switching their network off and on. */
export const profilesPlugin = fp(routes, { name: 'profiles', dependencies: ['context', 'household-access'] });
