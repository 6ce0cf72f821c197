import { KhienError } from '@khien/shared/error';
import { MINUTE } from '@khien/shared/policy';
import type { FastifyInstance, FastifyRequest } from 'fastify';
import fp from 'fastify-plugin';
import type { ZodTypeProvider } from 'fastify-type-provider-zod';
import { z } from 'zod';
import { problems } from '../http/problem.ts';
import { createAccount, findByEmail, loadAccount } from './accounts.ts';
import { hashPassword, verifyPassword } from './password.ts';
import { accountSchema, signInSchema, signUpSchema } from './schema.ts';
import { clearSessionCookie, sessionOf, setSessionCookie } from './session-plugin.ts';
import { beginSession, endSession } from './sessions.ts';

/** By address: a household behind one router, or a few, but not a machine that guesses. */
const SIGN_UP_LIMIT = { max: 20, timeWindow: MINUTE };
const SIGN_IN_LIMIT = { max: 30, timeWindow: MINUTE };
/** By account, from whatever addresses the tries come. */
const ACCOUNT_LIMIT = { max: 20, timeWindow: 15 * MINUTE };

async function identity(app: FastifyInstance): Promise<void> {
  const { store, now } = app.cloud;
  const api = app.withTypeProvider<ZodTypeProvider>();
  const triesOfAccount = app.createRateLimit({ ...ACCOUNT_LIMIT, keyGenerator: emailOf });
  // Checking against this takes as long as checking a real one, so that time does not tell which emails are known.
  const decoy = await hashPassword('nobody signs in with this');

  api.post(
    '/account',
    {
      config: { right: 'public', rateLimit: SIGN_UP_LIMIT },
      schema: {
        summary: 'Sign up: an account, its household and a session',
        tags: ['identity'],
        body: signUpSchema,
        response: { 201: accountSchema, ...problems },
      },
    },
    async (request, reply) => {
      const passwordHash = await hashPassword(request.body.password);
      const { account, token } = await store.transaction(async (trx) => {
        const account = await createAccount(trx, request.body, passwordHash, now());
        return { account, token: await beginSession(trx, account, now()) };
      });
      setSessionCookie(reply, token);
      return reply.code(201).send(await loadAccount(store.db, account));
    },
  );

  api.get(
    '/account',
    {
      config: { right: 'account' },
      schema: {
        summary: 'Who is signed in',
        tags: ['identity'],
        response: { 200: accountSchema, ...problems },
      },
    },
    (request) => loadAccount(store.db, sessionOf(request).account),
  );

  api.post(
    '/session',
    {
      config: { right: 'public', rateLimit: SIGN_IN_LIMIT },
      schema: {
        summary: 'Sign in',
        tags: ['identity'],
        body: signInSchema,
        response: { 200: accountSchema, ...problems },
      },
    },
    async (request, reply) => {
      const { email, password } = request.body;
      const tries = await triesOfAccount(request);
      if (!tries.isAllowed && tries.isExceeded) {
        throw new KhienError('TOO_MANY_REQUESTS', 'too many tries for this account');
      }
      const account = await findByEmail(store.db, email);
      const right = await verifyPassword(account?.password_hash ?? decoy, password);
      if (account === undefined || !right) {
        throw new KhienError('CREDENTIALS_WRONG', 'the email or the password is wrong');
      }
      setSessionCookie(reply, await beginSession(store.db, account.id, now()));
      return loadAccount(store.db, account.id);
    },
  );

  api.delete(
    '/session',
    {
      config: { right: 'public' },
      schema: { summary: 'Sign out', tags: ['identity'], response: { 204: z.null(), ...problems } },
    },
    async (request, reply) => {
      if (request.session !== null) await endSession(store.db, request.session);
      clearSessionCookie(reply);
      return reply.code(204).send(null);
    },
  );
}

function emailOf(request: FastifyRequest): string {
  return signInSchema.safeParse(request.body).data?.email ?? '';
}

/** Accounts and sessions of parents. */
export const identityPlugin = fp(identity, {
  name: 'identity',
  dependencies: ['context', 'session', '@fastify/rate-limit'],
});
