import { isKhienError, KhienError } from '@khien/shared/error';
import { newId } from '@khien/shared/id';
import type { FastifyInstance, FastifyRequest } from 'fastify';
import fp from 'fastify-plugin';
import type { ZodTypeProvider } from 'fastify-type-provider-zod';
import { z } from 'zod';
import { problems } from '../http/problem.ts';
import { changeAccount, loadAccount, lockAccount } from './accounts.ts';
import { clientOf } from './client.ts';
import { knownOf, setKnown } from './cookies.ts';
import { announceEnded } from './ended-sessions.ts';
import {
  isWithin,
  passwordLimits,
  SIGN_IN_LIMIT,
  SIGN_UP_LIMIT,
  spend,
  takenLimit,
  whileUntaken,
} from './limits.ts';
import { passkeyRoutes } from './passkey-routes.ts';
import { hashPassword, inTurn } from './password.ts';
import { accountOfPassword, isStill, setPassword } from './passwords.ts';
import { requireRecent } from './recent.ts';
import { accountChangeSchema, accountSchema, signInSchema, signUpSchema } from './schema.ts';
import { Seal } from './seal.ts';
import { securityRoutes } from './security-routes.ts';
import { clearSessionCookie, sessionOf, setSessionCookie } from './session-plugin.ts';
import { beginSession, endSession } from './sessions.ts';
import { signUp } from './sign-up.ts';

async function identity(app: FastifyInstance): Promise<void> {
  const { store, now } = app.cloud;
  const api = app.withTypeProvider<ZodTypeProvider>();
  const seal = await Seal.open(store.db, now());
  const limits = passwordLimits(app, emailOf);
  const taken = takenLimit(app);
  app.register(passkeyRoutes, { seal, taken });
  app.register(securityRoutes, { seal, taken });

  api.post(
    '/account',
    {
      config: { right: 'public', rateLimit: SIGN_UP_LIMIT },
      schema: {
        summary: 'Sign up with a password: an account, its household and a session',
        tags: ['identity'],
        body: signUpSchema,
        response: { 201: accountSchema, ...problems },
      },
    },
    async (request, reply) => {
      const { email, password, ...form } = request.body;
      await spend(taken, request, { increment: false });
      const hash = await inTurn('stranger', () => hashPassword(password));
      const account = newId(now());
      const keep = (trx: Parameters<typeof setPassword>[0]) => setPassword(trx, account, hash, now());
      const client = clientOf(request.headers['user-agent']);
      try {
        setSessionCookie(reply, await signUp(store, form, { account, email, client, keep }, now()));
      } catch (error) {
        if (isKhienError(error) && error.code === 'EMAIL_TAKEN') await spend(taken, request);
        throw error;
      }
      setKnown(reply, seal.sign('known', email));
      return reply.code(201).send(await loadAccount(store.db, { account, recovering: false }));
    },
  );

  api.get(
    '/account',
    {
      config: { right: 'account', whileRecovering: true },
      schema: {
        summary: 'Who is signed in',
        tags: ['identity'],
        response: { 200: accountSchema, ...problems },
      },
    },
    (request) => loadAccount(store.db, sessionOf(request)),
  );

  api.patch(
    '/account',
    {
      config: { right: 'account', rateLimit: SIGN_UP_LIMIT },
      schema: {
        summary: 'Change name, language or, after signing in again, the email',
        tags: ['identity'],
        body: accountChangeSchema,
        response: { 200: accountSchema, ...problems },
      },
    },
    async (request) => {
      const session = request.body.email === undefined ? sessionOf(request) : requireRecent(request);
      const change = () => changeAccount(store.db, session.account, request.body);
      await (request.body.email === undefined ? change() : whileUntaken(taken, request, change));
      return loadAccount(store.db, session);
    },
  );

  api.post(
    '/session',
    {
      config: { right: 'public', rateLimit: SIGN_IN_LIMIT },
      schema: {
        summary: 'Sign in with a password',
        tags: ['identity'],
        body: signInSchema,
        response: { 200: accountSchema, ...problems },
      },
    },
    async (request, reply) => {
      const { email, password } = request.body;
      // Whoever has signed in from this browser before is not kept out by what strangers try elsewhere.
      const known =
        seal.isSigned(knownOf(request), 'known', email) &&
        (await isWithin(limits.fromKnown, request, { increment: false }));
      const proved = await inTurn(known ? 'known' : 'stranger', async () => {
        // What is refused without a turn is no try.
        const asKnown = known && (await isWithin(limits.fromKnown, request));
        await spend(limits.fromAddress, request);
        if (!asKnown) await spend(limits.fromStrangers, request);
        return accountOfPassword(store.db, email, password);
      });
      if (proved === undefined) throw credentialsWrong();
      const { account } = proved;
      const client = clientOf(request.headers['user-agent']);
      const token = await store.transaction(async (trx) => {
        await lockAccount(trx, account, credentialsWrong);
        // A password that is changed meanwhile ends all sessions, and opens none after.
        if (!(await isStill(trx, proved))) throw credentialsWrong();
        return beginSession(trx, { account, verified: true, client }, now());
      });
      setSessionCookie(reply, token);
      setKnown(reply, seal.sign('known', email));
      return loadAccount(store.db, { account, recovering: false });
    },
  );

  api.delete(
    '/session',
    {
      config: { right: 'public' },
      schema: { summary: 'Sign out', tags: ['identity'], response: { 204: z.null(), ...problems } },
    },
    async (request, reply) => {
      if (request.session !== null) {
        await endSession(store.db, request.session);
        await announceEnded(app.cloud, request.session.account);
      }
      clearSessionCookie(reply);
      return reply.code(204).send(null);
    },
  );
}

function credentialsWrong(): KhienError {
  return new KhienError('CREDENTIALS_WRONG', 'the email or the password is wrong');
}

function emailOf(request: FastifyRequest): string {
  return signInSchema.safeParse(request.body).data?.email ?? '';
}

/** Accounts of parents, their ways to sign in, and their sessions. */
export const identityPlugin = fp(identity, {
  name: 'identity',
  dependencies: ['context', 'session', '@fastify/rate-limit'],
});
