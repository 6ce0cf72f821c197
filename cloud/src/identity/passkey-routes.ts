import { isKhienError } from '@khien/shared/error';
import { type Id, idSchema, newId } from '@khien/shared/id';
import { generateAuthenticationOptions, generateRegistrationOptions } from '@simplewebauthn/server';
import type { FastifyReply, FastifyRequest } from 'fastify';
import type { FastifyPluginCallbackZod } from 'fastify-type-provider-zod';
import { z } from 'zod';
import { problems } from '../http/problem.ts';
import { loadAccount, lockAccount } from './accounts.ts';
import { accountOf, beginCeremony, type Ceremony, resumeCeremony, spendChallenge } from './ceremony.ts';
import { clientName, clientOf } from './client.ts';
import { browserOf, ensureBrowser } from './cookies.ts';
import { announceEnded } from './ended-sessions.ts';
import { type Limit, SIGN_IN_LIMIT, SIGN_UP_LIMIT, spend } from './limits.ts';
import {
  answerSchema,
  ceremonySchema,
  passkeyAddSchema,
  passkeyChangeSchema,
  passkeySignUpSchema,
  passkeySignUpStartSchema,
} from './passkey-schema.ts';
import {
  addPasskey,
  countUse,
  describePasskeys,
  refused,
  removePasskey,
  renamePasskey,
  verifyAssertion,
  verifyRegistration,
} from './passkeys.ts';
import { requireRecent } from './recent.ts';
import { type RelyingParty, relyingPartyOf } from './relying-party.ts';
import { accountSchema } from './schema.ts';
import type { Seal } from './seal.ts';
import { sessionOf, setSessionCookie } from './session-plugin.ts';
import { beginSession, endOtherSessions, markAuthenticated } from './sessions.ts';
import { signUp } from './sign-up.ts';
import { keepWayIn } from './ways-in.ts';

interface Options {
  readonly seal: Seal;
  /** How many taken emails an address may find. */
  readonly taken: Limit;
}

/*
 * `userVerification: preferred` throughout: an old phone without a screen lock signs in too. What is then not verified
 * opens the app, and counts for nothing that `requireRecent` guards; for that the confirmation asks for `required`.
 */

/** Ways to sign in without a password (WebAuthn Level 3). */
export const passkeyRoutes: FastifyPluginCallbackZod<Options> = (app, { seal, taken }, done) => {
  const { store, now, publicUrl } = app.cloud;
  const party = (): RelyingParty => relyingPartyOf(publicUrl);

  const begin = (
    request: FastifyRequest,
    reply: FastifyReply,
    purpose: Ceremony['purpose'],
    account: Id | null,
  ) => beginCeremony(seal, ensureBrowser(request, reply), { purpose, account }, now());
  const resume = (request: FastifyRequest, purpose: Ceremony['purpose'], token: string) =>
    resumeCeremony(seal, browserOf(request), purpose, token, now());

  async function registrationOptions(challenge: Uint8Array<ArrayBuffer>, account: Id, userName: string) {
    const { id: rpID, name: rpName } = party();
    return {
      ...(await generateRegistrationOptions({
        rpID,
        rpName,
        challenge,
        userName,
        userDisplayName: userName,
        userID: new Uint8Array(Buffer.from(account)),
        attestationType: 'none',
        excludeCredentials: await describePasskeys(store.db, account),
        authenticatorSelection: { residentKey: 'required', userVerification: 'preferred' },
      })),
    };
  }

  async function assertionOptions(
    challenge: Uint8Array<ArrayBuffer>,
    userVerification: 'preferred' | 'required',
    account?: Id,
  ) {
    return {
      ...(await generateAuthenticationOptions({
        rpID: party().id,
        challenge,
        userVerification,
        // Without an account any discoverable passkey of this site will do.
        ...(account === undefined ? {} : { allowCredentials: await describePasskeys(store.db, account) }),
      })),
    };
  }

  app.post(
    '/account/passkey/options',
    {
      config: { right: 'public', rateLimit: SIGN_UP_LIMIT },
      schema: {
        summary: 'Begin to sign up with a passkey',
        tags: ['passkeys'],
        body: passkeySignUpStartSchema,
        response: { 200: ceremonySchema, ...problems },
      },
    },
    async (request, reply) => {
      party();
      const account = newId(now());
      const { challenge, token } = begin(request, reply, 'sign-up', account);
      return { ceremony: token, options: await registrationOptions(challenge, account, request.body.name) };
    },
  );

  app.post(
    '/account/passkey',
    {
      config: { right: 'public', rateLimit: SIGN_UP_LIMIT },
      schema: {
        summary: 'Sign up with a passkey: an account, its household and a session',
        tags: ['passkeys'],
        body: passkeySignUpSchema,
        response: { 201: accountSchema, ...problems },
      },
    },
    async (request, reply) => {
      const { ceremony: token, registration, email = null, ...form } = request.body;
      if (email !== null) await spend(taken, request, { increment: false });
      const ceremony = resume(request, 'sign-up', token);
      const account = accountOf(ceremony);
      const made = await verifyRegistration(party(), ceremony, registration);
      const client = clientOf(request.headers['user-agent']);
      const keep = async (trx: Parameters<typeof addPasskey>[0]) => {
        await spendChallenge(trx, ceremony);
        await addPasskey(trx, account, made, clientName(client) || 'Passkey', now());
      };
      try {
        setSessionCookie(reply, await signUp(store, form, { account, email, client, keep }, now()));
      } catch (error) {
        if (isKhienError(error) && error.code === 'EMAIL_TAKEN') await spend(taken, request);
        throw error;
      }
      return reply.code(201).send(await loadAccount(store.db, { account, recovering: false }));
    },
  );

  app.post(
    '/session/passkey/options',
    {
      config: { right: 'public', rateLimit: SIGN_IN_LIMIT },
      schema: {
        summary: 'Begin to sign in with a passkey',
        tags: ['passkeys'],
        response: { 200: ceremonySchema, ...problems },
      },
    },
    async (request, reply) => {
      party();
      const { challenge, token } = begin(request, reply, 'sign-in', null);
      return { ceremony: token, options: await assertionOptions(challenge, 'preferred') };
    },
  );

  app.post(
    '/session/passkey',
    {
      config: { right: 'public', rateLimit: SIGN_IN_LIMIT },
      schema: {
        summary: 'Sign in with a passkey',
        tags: ['passkeys'],
        body: answerSchema,
        response: { 200: accountSchema, ...problems },
      },
    },
    async (request, reply) => {
      const ceremony = resume(request, 'sign-in', request.body.ceremony);
      const used = await verifyAssertion(store.db, party(), ceremony, request.body.assertion);
      const client = clientOf(request.headers['user-agent']);
      const opened = await store.transaction(async (trx) => {
        await spendChallenge(trx, ceremony);
        if (!(await countUse(trx, used, now()))) return null;
        return beginSession(trx, { account: used.account, verified: used.userVerified, client }, now());
      });
      if (opened === null) throw refused();
      setSessionCookie(reply, opened);
      return loadAccount(store.db, { account: used.account, recovering: false });
    },
  );

  app.post(
    '/session/confirmation/passkey/options',
    {
      config: { right: 'account', rateLimit: SIGN_IN_LIMIT },
      schema: {
        summary: 'Begin to show a passkey again, before what needs it',
        tags: ['passkeys'],
        response: { 200: ceremonySchema, ...problems },
      },
    },
    async (request, reply) => {
      const { account } = sessionOf(request);
      party();
      const { challenge, token } = begin(request, reply, 'confirm', account);
      return { ceremony: token, options: await assertionOptions(challenge, 'required', account) };
    },
  );

  app.post(
    '/session/confirmation/passkey',
    {
      config: { right: 'account', rateLimit: SIGN_IN_LIMIT },
      schema: {
        summary: 'Show a passkey again',
        tags: ['passkeys'],
        body: answerSchema,
        response: { 204: z.null(), ...problems },
      },
    },
    async (request, reply) => {
      const session = sessionOf(request);
      const ceremony = resume(request, 'confirm', request.body.ceremony);
      if (accountOf(ceremony) !== session.account) throw refused();
      const used = await verifyAssertion(store.db, party(), ceremony, request.body.assertion);
      const fine = await store.transaction(async (trx) => {
        await spendChallenge(trx, ceremony);
        const counted = await countUse(trx, used, now());
        if (counted && used.userVerified) await markAuthenticated(trx, session, now());
        return counted && used.userVerified;
      });
      if (!fine) throw refused();
      return reply.code(204).send(null);
    },
  );

  app.post(
    '/account/passkeys/options',
    {
      config: { right: 'account', whileRecovering: true, rateLimit: SIGN_IN_LIMIT },
      schema: {
        summary: 'Begin to add a passkey',
        tags: ['passkeys'],
        response: { 200: ceremonySchema, ...problems },
      },
    },
    async (request, reply) => {
      const { account } = requireRecent(request);
      party();
      const { email, name } = await loadAccount(store.db, sessionOf(request));
      const { challenge, token } = begin(request, reply, 'add', account);
      return { ceremony: token, options: await registrationOptions(challenge, account, email ?? name) };
    },
  );

  app.post(
    '/account/passkeys',
    {
      config: { right: 'account', whileRecovering: true, rateLimit: SIGN_IN_LIMIT },
      schema: {
        summary: 'Add a passkey',
        tags: ['passkeys'],
        body: passkeyAddSchema,
        response: { 204: z.null(), ...problems },
      },
    },
    async (request, reply) => {
      const session = sessionOf(request);
      // It was asked before the challenge was given; whoever is slow with the authenticator is not asked again.
      const ceremony = resume(request, 'add', request.body.ceremony);
      if (accountOf(ceremony) !== session.account) throw refused();
      const made = await verifyRegistration(party(), ceremony, request.body.registration);
      const name = clientName(clientOf(request.headers['user-agent'])) || 'Passkey';
      await store.transaction(async (trx) => {
        await lockAccount(trx, session.account);
        await spendChallenge(trx, ceremony);
        await addPasskey(trx, session.account, made, name, now());
        if (!session.recovering) return;
        await markAuthenticated(trx, session, now());
        await endOtherSessions(trx, session.account, session);
      });
      if (session.recovering) await announceEnded(app.cloud, session.account);
      return reply.code(204).send(null);
    },
  );

  const passkeyParams = z.object({ passkey: idSchema });

  app.patch(
    '/account/passkeys/:passkey',
    {
      config: { right: 'account' },
      schema: {
        summary: 'Name a passkey',
        tags: ['passkeys'],
        params: passkeyParams,
        body: passkeyChangeSchema,
        response: { 204: z.null(), ...problems },
      },
    },
    async (request, reply) => {
      await renamePasskey(store.db, sessionOf(request).account, request.params.passkey, request.body.name);
      return reply.code(204).send(null);
    },
  );

  app.delete(
    '/account/passkeys/:passkey',
    {
      config: { right: 'account' },
      schema: {
        summary: 'Remove a passkey, unless it is the only way to sign in',
        tags: ['passkeys'],
        params: passkeyParams,
        response: { 204: z.null(), ...problems },
      },
    },
    async (request, reply) => {
      const { account } = requireRecent(request);
      await store.transaction(async (trx) => {
        await lockAccount(trx, account);
        await removePasskey(trx, account, request.params.passkey);
        await keepWayIn(trx, account);
      });
      return reply.code(204).send(null);
    },
  );
  done();
};
