import { type Id, idSchema } from '@khien/shared/id';
import { MINUTE } from '@khien/shared/policy';
import fp from 'fastify-plugin';
import type { FastifyPluginCallbackZod } from 'fastify-type-provider-zod';
import { z } from 'zod';
import { audit, nameOf } from '../audit/audit.ts';
import { householdOf, householdParamsSchema } from '../households/access.ts';
import { problems } from '../http/problem.ts';
import { loadAccount } from '../identity/accounts.ts';
import { requireRecent } from '../identity/recent.ts';
import { accountSchema, householdRequestSchema, languageSchema } from '../identity/schema.ts';
import { sessionOf } from '../identity/session-plugin.ts';
import { inHousehold } from '../rights/household-write.ts';
import type { Trx } from '../store/open.ts';
import { foundHousehold } from './households.ts';
import {
  acceptInvitation,
  createInvitation,
  listInvitations,
  offerOf,
  revokeInvitation,
} from './invitations.ts';
import { changeRole, listMembers, removeMember } from './members.ts';
import {
  invitationMadeSchema,
  invitationOfferSchema,
  invitationRequestSchema,
  invitationTokenBodySchema,
  invitationViewSchema,
  memberChangeSchema,
  memberViewSchema,
} from './schema.ts';

/** A token has 256 bits, so this only keeps who tries from costing much. */
const TOKEN_LIMIT = { max: 30, timeWindow: MINUTE };

const memberParams = householdParamsSchema.extend({ account: idSchema });
const nothing = { 204: z.null(), ...problems };

const householdRoutes: FastifyPluginCallbackZod = (app, _options, done) => {
  const { store, now, changes } = app.cloud;

  const part = async (trx: Trx, household: Id, account: Id, by: Id): Promise<void> => {
    await removeMember(trx, household, account);
    const about = await nameOf(trx, account);
    await audit(trx, household, { kind: 'member-removed', by, about }, now());
  };

  app.get(
    '/members',
    {
      config: { right: 'household:view' },
      schema: {
        summary: 'Who belongs to the household',
        tags: ['members'],
        params: householdParamsSchema,
        response: { 200: z.object({ items: z.array(memberViewSchema) }), ...problems },
      },
    },
    async (request) => ({
      items: await listMembers(store.db, householdOf(request).id, sessionOf(request).account),
    }),
  );

  app.patch(
    '/members/:account',
    {
      config: { right: 'household:own' },
      schema: {
        summary: "Change somebody's role",
        tags: ['members'],
        params: memberParams,
        body: memberChangeSchema,
        response: nothing,
      },
    },
    async (request, reply) => {
      requireRecent(request);
      const household = householdOf(request).id;
      const { account } = request.params;
      const by = sessionOf(request).account;
      await inHousehold(request, async (trx) => {
        await changeRole(trx, household, account, request.body.role);
        const about = await nameOf(trx, account);
        await audit(trx, household, { kind: 'member-changed', by, about }, now());
      });
      changes.announce({ household, changed: 'rights' });
      return reply.code(204).send(null);
    },
  );

  app.delete(
    '/members/:account',
    {
      config: { right: 'household:own' },
      schema: {
        summary: 'Take somebody out of the household',
        tags: ['members'],
        params: memberParams,
        response: nothing,
      },
    },
    async (request, reply) => {
      requireRecent(request);
      const household = householdOf(request).id;
      const by = sessionOf(request).account;
      await inHousehold(request, async (trx) => {
        await part(trx, household, request.params.account, by);
      });
      changes.announce({ household, changed: 'rights' });
      return reply.code(204).send(null);
    },
  );

  app.delete(
    '/membership',
    {
      config: { right: 'household:view' },
      schema: {
        summary: 'Leave the household',
        tags: ['members'],
        params: householdParamsSchema,
        response: nothing,
      },
    },
    async (request, reply) => {
      const household = householdOf(request).id;
      const { account } = sessionOf(request);
      await inHousehold(request, (trx) => part(trx, household, account, account));
      changes.announce({ household, changed: 'rights' });
      return reply.code(204).send(null);
    },
  );

  app.get(
    '/invitations',
    {
      config: { right: 'household:own' },
      schema: {
        summary: 'Invitations that are open',
        tags: ['members'],
        params: householdParamsSchema,
        response: { 200: z.object({ items: z.array(invitationViewSchema) }), ...problems },
      },
    },
    async (request) => ({ items: await listInvitations(store.db, householdOf(request).id, now()) }),
  );

  app.post(
    '/invitations',
    {
      config: { right: 'household:own' },
      schema: {
        summary: 'Invite somebody; the token for the link is told this once',
        tags: ['members'],
        params: householdParamsSchema,
        body: invitationRequestSchema,
        response: { 201: invitationMadeSchema, ...problems },
      },
    },
    async (request, reply) => {
      const { account: by } = requireRecent(request);
      const household = householdOf(request).id;
      const { role, label = null } = request.body;
      const made = await inHousehold(request, async (trx) => {
        const { id, token } = await createInvitation(trx, { household, role, label, by }, now());
        const view = (await listInvitations(trx, household, now())).find((open) => open.id === id);
        return { view, token };
      });
      return reply.code(201).send(invitationMadeSchema.parse({ ...made.view, token: made.token }));
    },
  );

  app.delete(
    '/invitations/:invitation',
    {
      config: { right: 'household:own' },
      schema: {
        summary: 'Revoke an invitation',
        tags: ['members'],
        params: householdParamsSchema.extend({ invitation: idSchema }),
        response: nothing,
      },
    },
    async (request, reply) => {
      await inHousehold(request, (trx) =>
        revokeInvitation(trx, householdOf(request).id, request.params.invitation),
      );
      return reply.code(204).send(null);
    },
  );
  done();
};

const accountRoutes: FastifyPluginCallbackZod = (app, _options, done) => {
  const { store, now, changes } = app.cloud;

  app.post(
    '/households',
    {
      config: { right: 'account', rateLimit: TOKEN_LIMIT },
      schema: {
        summary: 'Make a household of which one is the owner',
        tags: ['members'],
        body: householdRequestSchema.extend({ language: languageSchema }),
        response: { 201: accountSchema, ...problems },
      },
    },
    async (request, reply) => {
      const session = sessionOf(request);
      await store.transaction((trx) => foundHousehold(trx, session.account, request.body, now()));
      return reply.code(201).send(await loadAccount(store.db, session));
    },
  );

  app.post(
    '/invitations/offer',
    {
      config: { right: 'public', rateLimit: TOKEN_LIMIT },
      schema: {
        summary: 'What an invitation is to; nothing else of the household is told before it is accepted',
        tags: ['members'],
        body: invitationTokenBodySchema,
        response: { 200: invitationOfferSchema, ...problems },
      },
    },
    (request) => offerOf(store.db, request.body.token, now()),
  );

  app.post(
    '/invitations/acceptance',
    {
      config: { right: 'account', rateLimit: TOKEN_LIMIT },
      schema: {
        summary: 'Accept an invitation',
        tags: ['members'],
        body: invitationTokenBodySchema,
        response: { 200: z.object({ household: idSchema }), ...problems },
      },
    },
    async (request) => {
      const { account } = sessionOf(request);
      const accepted = await acceptInvitation(store, request.body.token, now(), () =>
        Promise.resolve({ account }),
      );
      changes.announce({ household: accepted.household, changed: 'rights' });
      return { household: accepted.household };
    },
  );
  done();
};

/** Who belongs to a household, and who is invited to. */
export const membersPlugin = fp(householdRoutes, { name: 'members', dependencies: ['context', 'rights'] });

/** Ways into a household, below no household. */
export const joiningPlugin = fp(accountRoutes, {
  name: 'joining',
  dependencies: ['context', 'session', 'rights', '@fastify/rate-limit'],
});
