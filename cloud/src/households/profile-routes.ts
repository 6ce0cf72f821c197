import { KhienError } from '@khien/shared/error';
import { type Id, idSchema } from '@khien/shared/id';
import type { Profile } from '@khien/shared/policy';
import type { FastifyRequest } from 'fastify';
import fp from 'fastify-plugin';
import type { FastifyPluginCallbackZod } from 'fastify-type-provider-zod';
import { z } from 'zod';
import { actorOf } from '../api-keys/key-plugin.ts';
import { ifMatchSchema, requireMatch } from '../http/etag.ts';
import { invalidInput, problems } from '../http/problem.ts';
import type { Db, Trx } from '../store/open.ts';
import { type Household, householdOf, householdParamsSchema } from './access.ts';
import { addBonus, deleteBonus } from './bonuses.ts';
import { giveMoreTime } from './more-time.ts';
import { changePolicy } from './policy-change.ts';
import { changedProfile, newProfile, pausedProfile, periodFrom } from './profile-change.ts';
import { loadBasis, profileDocument, profileEtag, profileView } from './profile-view.ts';
import {
  deleteProfile,
  findProfile,
  insertProfile,
  listProfiles,
  MAX_PROFILES,
  saveProfile,
} from './profiles.ts';
import {
  bonusRequestSchema,
  grantRequestSchema,
  newProfileSchema,
  type ProfileView,
  periodRequestSchema,
  profileChangeSchema,
  profileDocumentSchema,
  profileViewSchema,
} from './schema.ts';

const paramsSchema = householdParamsSchema.extend({ profile: idSchema });
const response = { 200: profileViewSchema, ...problems };

const routes: FastifyPluginCallbackZod = (app, _options, done) => {
  const { cloud } = app;
  const { store, now } = cloud;

  async function viewOf(db: Db, household: Household, id: Id): Promise<ProfileView> {
    const at = now();
    const profile = await findProfile(db, household.id, id, at);
    const devices = await db.selectFrom('device').select('id').where('profile', '=', id).execute();
    const basis = await loadBasis(db, household.id, cloud.zones.around(household.zone, at), [profile], at);
    return profileView(
      profile,
      devices.map((device) => device.id),
      basis,
      at,
    );
  }

  /** Reads and changes one profile in one transaction. */
  async function work(
    request: FastifyRequest,
    id: Id,
    on: (trx: Trx, profile: Profile) => Promise<void>,
  ): Promise<ProfileView> {
    const household = householdOf(request);
    await changePolicy(request, async (trx: Trx) => on(trx, await findProfile(trx, household.id, id, now())));
    return viewOf(store.db, household, id);
  }

  const change = (request: FastifyRequest, id: Id, to: (profile: Profile) => Profile): Promise<ProfileView> =>
    work(request, id, (trx, profile) => saveProfile(trx, householdOf(request).id, to(profile)));

  app.post(
    '/profiles',
    {
      config: { right: 'household:care' },
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
      await changePolicy(request, async (trx) => {
        if ((await listProfiles(trx, household.id, now())).length >= MAX_PROFILES) {
          throw new KhienError('LIMIT_REACHED', `a household has ${MAX_PROFILES} profiles at most`);
        }
        await insertProfile(trx, household.id, profile, now());
      });
      return reply.code(201).send(await viewOf(store.db, household, profile.id));
    },
  );

  app.get(
    '/profiles/:profile',
    {
      config: { right: 'household:view', forKeys: true, etag: true },
      schema: {
        summary: 'What parents set of a child, to be changed as it was seen',
        tags: ['profiles'],
        params: paramsSchema,
        response: { 200: profileDocumentSchema, ...problems },
      },
    },
    async (request) =>
      profileDocument(await findProfile(store.db, householdOf(request).id, request.params.profile, now())),
  );

  app.patch(
    '/profiles/:profile',
    {
      config: { right: 'household:care' },
      schema: {
        summary: 'Change a child or its rules; with If-Match only as they were seen',
        tags: ['profiles'],
        params: paramsSchema,
        headers: ifMatchSchema,
        body: profileChangeSchema,
        response,
      },
    },
    async (request, reply) => {
      const household = householdOf(request);
      const view = await change(request, request.params.profile, (profile) => {
        requireMatch(request, profileEtag(profile));
        return changedProfile(profile, request.body, household.language, now());
      });
      reply.header('etag', view.etag);
      return view;
    },
  );

  app.delete(
    '/profiles/:profile',
    {
      config: { right: 'household:own' },
      schema: {
        summary: 'Remove a child and what was recorded of it',
        tags: ['profiles'],
        params: paramsSchema,
        response: { 204: z.null(), ...problems },
      },
    },
    async (request, reply) => {
      const household = householdOf(request).id;
      await changePolicy(request, (trx) => deleteProfile(trx, household, request.params.profile), [
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
      config: { right: 'household:care' },
      schema: {
        summary: 'Switch the network of a child off',
        tags: ['profiles'],
        params: paramsSchema,
        body: periodRequestSchema,
        response,
      },
    },
    (request) =>
      change(request, request.params.profile, (profile) =>
        pausedProfile(profile, now(), request.body.minutes),
      ),
  );

  app.delete(
    '/profiles/:profile/pause',
    {
      config: { right: 'household:care' },
      schema: { summary: 'Resume', tags: ['profiles'], params: paramsSchema, response },
    },
    (request) => change(request, request.params.profile, (profile) => ({ ...profile, pause: null })),
  );

  app.post(
    '/profiles/:profile/grant',
    {
      config: { right: 'household:care' },
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
      const given = { by: actorOf(request), now: now() };
      return work(request, request.params.profile, async (trx, profile) => {
        const to = { household: household.id, profile, offsets };
        if (!(await giveMoreTime(trx, to, request.body.minutes, given))) {
          throw new KhienError('NOTHING_TO_EXTEND', 'the network does not end by itself');
        }
      });
    },
  );

  app.delete(
    '/profiles/:profile/grant',
    {
      config: { right: 'household:care' },
      schema: { summary: 'Take the extra time back', tags: ['profiles'], params: paramsSchema, response },
    },
    (request) => change(request, request.params.profile, (profile) => ({ ...profile, grant: null })),
  );

  app.put(
    '/profiles/:profile/learning',
    {
      config: { right: 'household:care' },
      schema: {
        summary: 'Allow only what study needs',
        tags: ['profiles'],
        params: paramsSchema,
        body: periodRequestSchema,
        response,
      },
    },
    (request) =>
      change(request, request.params.profile, (profile) => ({
        ...profile,
        learning: periodFrom(now(), request.body.minutes),
      })),
  );

  app.delete(
    '/profiles/:profile/learning',
    {
      config: { right: 'household:care' },
      schema: {
        summary: 'End the learning mode',
        tags: ['profiles'],
        params: paramsSchema,
        response,
      },
    },
    (request) => change(request, request.params.profile, (profile) => ({ ...profile, learning: null })),
  );

  app.post(
    '/profiles/:profile/bonuses',
    {
      config: { right: 'household:care' },
      schema: {
        summary: 'Add minutes to a quota of today, as a reward',
        tags: ['profiles'],
        params: paramsSchema,
        body: bonusRequestSchema,
        response,
      },
    },
    (request) => {
      const { id: household } = householdOf(request);
      const given = { by: actorOf(request), now: now() };
      return work(request, request.params.profile, async (trx, profile) => {
        if (!profile.rules.quotas.some(({ id }) => id === request.body.quota)) {
          throw invalidInput('/quota', 'the child has no such quota');
        }
        await addBonus(trx, { household, profile: profile.id }, request.body, given);
      });
    },
  );

  app.delete(
    '/profiles/:profile/bonuses/:bonus',
    {
      config: { right: 'household:care' },
      schema: {
        summary: 'Take a bonus back',
        tags: ['profiles'],
        params: paramsSchema.extend({ bonus: idSchema }),
        response,
      },
    },
    (request) => {
      const { profile, bonus } = request.params;
      const { id: household } = householdOf(request);
      return work(request, profile, (trx) => deleteBonus(trx, household, profile, bonus));
    },
  );
  done();
};

/** The children of a household, and switching their network off and on. */
export const profilesPlugin = fp(routes, { name: 'profiles', dependencies: ['context', 'rights'] });
