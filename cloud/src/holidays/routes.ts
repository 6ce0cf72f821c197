import { idSchema } from '@khien/shared/id';
import fp from 'fastify-plugin';
import type { FastifyPluginCallbackZod } from 'fastify-type-provider-zod';
import { z } from 'zod';
import { householdOf, householdParamsSchema } from '../households/access.ts';
import { changePolicy } from '../households/policy-change.ts';
import { problems } from '../http/problem.ts';
import { addHoliday, changeHoliday, deleteHoliday, listHolidays } from './holidays.ts';
import { offeredHolidays } from './public-holidays.ts';
import { holidayListSchema, holidayRequestSchema, holidayViewSchema } from './schema.ts';

const paramsSchema = householdParamsSchema.extend({ holiday: idSchema });

const routes: FastifyPluginCallbackZod = (app, _options, done) => {
  const { cloud } = app;
  const { store, now } = cloud;

  app.get(
    '/holidays',
    {
      config: { right: 'household:view', scope: 'rules', forKeys: true, etag: true },
      schema: {
        summary: 'Days without school, and public holidays that may be added',
        tags: ['holidays'],
        params: householdParamsSchema,
        response: { 200: holidayListSchema, ...problems },
      },
    },
    async (request) => {
      const items = await listHolidays(store.db, householdOf(request).id, now());
      return { items, offered: offeredHolidays(items, now()) };
    },
  );

  app.post(
    '/holidays',
    {
      config: { right: 'household:care' },
      schema: {
        summary: 'Add a holiday',
        tags: ['holidays'],
        params: householdParamsSchema,
        body: holidayRequestSchema,
        response: { 201: holidayViewSchema, ...problems },
      },
    },
    async (request, reply) => {
      const { id } = householdOf(request);
      const holiday = await changePolicy(request, (trx) => addHoliday(trx, id, request.body, now()));
      return reply.code(201).send(holiday);
    },
  );

  app.put(
    '/holidays/:holiday',
    {
      config: { right: 'household:care' },
      schema: {
        summary: 'Change a holiday',
        tags: ['holidays'],
        params: paramsSchema,
        body: holidayRequestSchema,
        response: { 200: holidayViewSchema, ...problems },
      },
    },
    (request) => {
      const { id } = householdOf(request);
      return changePolicy(request, (trx) => changeHoliday(trx, id, request.params.holiday, request.body));
    },
  );

  app.delete(
    '/holidays/:holiday',
    {
      config: { right: 'household:care' },
      schema: {
        summary: 'Remove a holiday',
        tags: ['holidays'],
        params: paramsSchema,
        response: { 204: z.null(), ...problems },
      },
    },
    async (request, reply) => {
      const { id } = householdOf(request);
      await changePolicy(request, (trx) => deleteHoliday(trx, id, request.params.holiday));
      return reply.code(204).send(null);
    },
  );
  done();
};

/** Days without school: schedules say whether they hold on them. */
export const holidaysPlugin = fp(routes, { name: 'holidays', dependencies: ['context', 'rights'] });
