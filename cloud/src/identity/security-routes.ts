import { KhienError } from '@khien/shared/error';
import { idSchema } from '@khien/shared/id';
import type { FastifyReply, FastifyRequest } from 'fastify';
import type { FastifyPluginCallbackZod } from 'fastify-type-provider-zod';
import { z } from 'zod';
import { invalidInput, problems } from '../http/problem.ts';
import { changeAccount, loadAccount, lockAccount } from './accounts.ts';
import { clientOf } from './client.ts';
import { setKnown } from './cookies.ts';
import { deleteAccount, householdsOwnedAlone } from './deletion.ts';
import { announceEnded, householdsSeenBy } from './ended-sessions.ts';
import { type Limit, passwordLimits, SIGN_IN_LIMIT, spend, whileUntaken } from './limits.ts';
import { listPasskeys } from './passkeys.ts';
import { hashPassword, inTurn } from './password.ts';
import { dropPassword, isPasswordOf, passwordOf, setPassword } from './passwords.ts';
import { requireRecent } from './recent.ts';
import { recoveryCodesOf, replaceRecoveryCodes, spendRecoveryCode } from './recovery-codes.ts';
import {
  accountSchema,
  confirmationSchema,
  deletionRequestSchema,
  deletionSchema,
  passwordRequestSchema,
  recoveryCodesSchema,
  recoverySchema,
  securitySchema,
  sessionViewSchema,
} from './schema.ts';
import type { Seal } from './seal.ts';
import { clearSessionCookie, sessionOf, setSessionCookie } from './session-plugin.ts';
import {
  beginSession,
  endOtherSessions,
  endSessionById,
  listSessions,
  markAuthenticated,
} from './sessions.ts';
import { keepWayIn } from './ways-in.ts';

const nothing = { 204: z.null(), ...problems };
const done204 = (reply: FastifyReply) => reply.code(204).send(null);

/** What keeps an account its owner's: password, recovery codes, sessions; and its end. */
export const securityRoutes: FastifyPluginCallbackZod<{ seal: Seal; taken: Limit }> = (
  app,
  { seal, taken },
  done,
) => {
  const { store, now, changes } = app.cloud;
  const limits = passwordLimits(app, (request) => request.session?.account ?? '');

  app.get(
    '/account/security',
    {
      config: { right: 'account' },
      schema: {
        summary: 'The ways to sign in',
        tags: ['security'],
        response: { 200: securitySchema, ...problems },
      },
    },
    async (request) => {
      const { account } = sessionOf(request);
      return {
        passkeys: await listPasskeys(store.db, account),
        password: await passwordOf(store.db, account),
        recoveryCodes: await recoveryCodesOf(store.db, account),
      };
    },
  );

  app.post(
    '/session/confirmation/password',
    {
      config: { right: 'account', rateLimit: SIGN_IN_LIMIT },
      schema: {
        summary: 'Show the password again, before what needs it',
        tags: ['security'],
        body: confirmationSchema,
        response: nothing,
      },
    },
    async (request, reply) => {
      const session = sessionOf(request);
      const right = await inTurn('known', async () => {
        await spend(limits.fromAddress, request);
        await spend(limits.fromKnown, request);
        return isPasswordOf(store.db, session.account, request.body.password);
      });
      if (!right) {
        throw new KhienError('CREDENTIALS_WRONG', 'the password is wrong');
      }
      await markAuthenticated(store.db, session, now());
      return done204(reply);
    },
  );

  app.put(
    '/account/password',
    {
      config: { right: 'account', whileRecovering: true, rateLimit: SIGN_IN_LIMIT },
      schema: {
        summary: 'Set or change the password; every other session ends',
        tags: ['security'],
        body: passwordRequestSchema,
        response: { 200: accountSchema, ...problems },
      },
    },
    async (request, reply) => {
      const session = requireRecent(request);
      const { password, email } = request.body;
      const hash = await inTurn('known', async () => {
        await spend(limits.fromKnown, request);
        return hashPassword(password);
      });
      const set = () =>
        store.transaction(async (trx) => {
          const known = await lockAccount(trx, session.account);
          const address = email ?? known.email;
          if (address === null) throw invalidInput('/email', 'a password needs an email');
          if (email !== undefined) await changeAccount(trx, session.account, { email });
          await setPassword(trx, session.account, hash, now());
          await markAuthenticated(trx, session, now());
          await endOtherSessions(trx, session.account, session);
          return address;
        });
      const asked = await (email === undefined ? set() : whileUntaken(taken, request, set));
      await announceEnded(app.cloud, session.account);
      setKnown(reply, seal.sign('known', asked));
      return loadAccount(store.db, { account: session.account, recovering: false });
    },
  );

  app.delete(
    '/account/password',
    {
      config: { right: 'account' },
      schema: {
        summary: 'Remove the password, unless it is the only way to sign in',
        tags: ['security'],
        response: nothing,
      },
    },
    async (request, reply) => {
      const { account } = requireRecent(request);
      await store.transaction(async (trx) => {
        await lockAccount(trx, account);
        await dropPassword(trx, account);
        await keepWayIn(trx, account);
      });
      return done204(reply);
    },
  );

  app.post(
    '/account/recovery-codes',
    {
      config: { right: 'account', rateLimit: SIGN_IN_LIMIT },
      schema: {
        summary: 'New recovery codes in place of all earlier ones; they are told this once',
        tags: ['security'],
        response: { 201: recoveryCodesSchema, ...problems },
      },
    },
    async (request, reply) => {
      const { account } = requireRecent(request);
      const codes = await store.transaction(async (trx) => {
        await lockAccount(trx, account);
        return replaceRecoveryCodes(trx, account, now());
      });
      return reply.code(201).send({ codes });
    },
  );

  app.post(
    '/session/recovery',
    {
      config: { right: 'public', rateLimit: SIGN_IN_LIMIT },
      schema: {
        summary:
          'Sign in with a recovery code: every other session ends, and a new way to sign in must be made',
        tags: ['security'],
        body: recoverySchema,
        response: { 200: accountSchema, ...problems },
      },
    },
    async (request, reply) => {
      const client = clientOf(request.headers['user-agent']);
      const opened = await store.transaction(async (trx) => {
        const account = await spendRecoveryCode(trx, request.body.code);
        if (account === undefined) return null;
        await endOtherSessions(trx, account);
        const signedIn = { account, verified: true, recovering: true, client };
        return { account, token: await beginSession(trx, signedIn, now()) };
      });
      if (opened === null) throw new KhienError('RECOVERY_CODE_WRONG', 'the code is wrong or was used');
      await announceEnded(app.cloud, opened.account);
      setSessionCookie(reply, opened.token);
      return loadAccount(store.db, { account: opened.account, recovering: true });
    },
  );

  app.get(
    '/account/sessions',
    {
      config: { right: 'account' },
      schema: {
        summary: 'Where the account is signed in',
        tags: ['security'],
        response: { 200: z.object({ items: z.array(sessionViewSchema) }), ...problems },
      },
    },
    async (request) => ({ items: await listSessions(store.db, sessionOf(request), now()) }),
  );

  app.delete(
    '/account/sessions',
    {
      config: { right: 'account' },
      schema: { summary: 'End every other session', tags: ['security'], response: nothing },
    },
    async (request, reply) => {
      const session = sessionOf(request);
      await endOtherSessions(store.db, session.account, session);
      await announceEnded(app.cloud, session.account);
      return done204(reply);
    },
  );

  app.delete(
    '/account/sessions/:session',
    {
      config: { right: 'account' },
      schema: {
        summary: 'End a session',
        tags: ['security'],
        params: z.object({ session: idSchema }),
        response: nothing,
      },
    },
    async (request, reply) => {
      const { account } = sessionOf(request);
      await endSessionById(store.db, account, request.params.session);
      await announceEnded(app.cloud, account);
      return done204(reply);
    },
  );

  app.get(
    '/account/deletion',
    {
      config: { right: 'account' },
      schema: {
        summary: 'What would be deleted with the account',
        tags: ['identity'],
        response: { 200: deletionSchema, ...problems },
      },
    },
    async (request: FastifyRequest) => ({
      households: await householdsOwnedAlone(store.db, sessionOf(request).account),
    }),
  );

  app.post(
    '/account/deletion',
    {
      config: { right: 'account' },
      schema: {
        summary: 'Delete the account, and the named households that nobody else owns',
        tags: ['identity'],
        body: deletionRequestSchema,
        response: nothing,
      },
    },
    async (request, reply) => {
      const { account } = requireRecent(request);
      const seen = await householdsSeenBy(store.db, account);
      const routers = await deleteAccount(store, account, request.body.households);
      for (const household of seen) changes.announce({ household, changed: 'rights' });
      for (const router of routers) changes.announce({ router, document: null });
      clearSessionCookie(reply);
      return done204(reply);
    },
  );
  done();
};
