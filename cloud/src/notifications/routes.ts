import { MINUTE } from '@khien/shared/policy';
import type { FastifyRequest } from 'fastify';
import fp from 'fastify-plugin';
import type { FastifyPluginCallbackZod } from 'fastify-type-provider-zod';
import { z } from 'zod';
import { actorOf } from '../api-keys/key-plugin.ts';
import { householdOf, householdParamsSchema } from '../households/access.ts';
import { problems } from '../http/problem.ts';
import { sessionOf } from '../identity/session-plugin.ts';
import { retimeDigests } from '../push/fan-out.ts';
import { queueTest } from '../push/subscriptions.ts';
import { inHousehold } from '../rights/household-write.ts';
import { findPerson, loadFeed, markRead } from './feed.ts';
import {
  notificationPageSchema,
  notificationQuerySchema,
  notificationSettingsSchema,
  readSchema,
  settingsChangeSchema,
} from './schema.ts';
import { loadSettings, type Person, saveSettings } from './settings.ts';

/** A person tries out pushes a few times, not all the time. */
const TEST_LIMIT = { max: 5, timeWindow: MINUTE };

const routes: FastifyPluginCallbackZod = (app, _options, done) => {
  const { cloud } = app;
  const { store, changes, now } = cloud;
  const personOf = (request: FastifyRequest): Promise<Person> =>
    findPerson(store.db, householdOf(request).id, actorOf(request));

  app.get(
    '/notifications',
    {
      config: { right: 'household:view', forKeys: true },
      schema: {
        summary: 'What people of the household are told, newest first',
        tags: ['notifications'],
        params: householdParamsSchema,
        querystring: notificationQuerySchema,
        response: { 200: notificationPageSchema, ...problems },
      },
    },
    async (request) => loadFeed(store.db, await personOf(request), request.query),
  );

  app.post(
    '/notifications/read',
    {
      config: { right: 'household:view' },
      schema: {
        summary: 'Say up to where the notifications were seen',
        tags: ['notifications'],
        params: householdParamsSchema,
        body: readSchema,
        response: { 204: z.null(), ...problems },
      },
    },
    async (request, reply) => {
      const person = await personOf(request);
      await markRead(store.db, person, request.body.sequence);
      changes.announce({ household: person.household, changed: 'notifications' });
      return reply.code(204).send(null);
    },
  );

  app.post(
    '/notifications/test',
    {
      config: { right: 'household:view', rateLimit: TEST_LIMIT },
      schema: {
        summary: 'Push a word to this browser, to see whether that works',
        tags: ['notifications'],
        params: householdParamsSchema,
        response: { 202: z.null(), ...problems },
      },
    },
    async (request, reply) => {
      await queueTest(store.db, await personOf(request), sessionOf(request), now());
      return reply.code(202).send(null);
    },
  );

  app.get(
    '/notification-settings',
    {
      config: { right: 'household:view' },
      schema: {
        summary: 'How the one who asks is told',
        tags: ['notifications'],
        params: householdParamsSchema,
        response: { 200: notificationSettingsSchema, ...problems },
      },
    },
    async (request) => loadSettings(store.db, await personOf(request)),
  );

  app.patch(
    '/notification-settings',
    {
      config: { right: 'household:view' },
      schema: {
        summary: 'Choose how to be told',
        tags: ['notifications'],
        params: householdParamsSchema,
        body: settingsChangeSchema,
        response: { 200: notificationSettingsSchema, ...problems },
      },
    },
    async (request) => {
      const { zone } = householdOf(request);
      const person = await personOf(request);
      await inHousehold(request, async (trx) => {
        await saveSettings(trx, person, request.body);
        await retimeDigests(trx, person, cloud.zones.around(zone, now()), now());
      });
      changes.announce({ household: person.household, changed: 'notifications' });
      return loadSettings(store.db, person);
    },
  );
  done();
};

/** What people are told, and how they want to be. */
export const notificationsPlugin = fp(routes, { name: 'notifications', dependencies: ['context', 'rights'] });
