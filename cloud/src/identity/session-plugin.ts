import cookie from '@fastify/cookie';
import { KhienError } from '@khien/shared/error';
import type { FastifyReply, FastifyRequest } from 'fastify';
import fp from 'fastify-plugin';
import { cookieName, cookieOptions } from './cookies.ts';
import { SESSION_LIFETIME, type Session, useSession } from './sessions.ts';

declare module 'fastify' {
  interface FastifyRequest {
    /** Null when nobody is signed in. */
    session: Session | null;
  }
  interface FastifyContextConfig {
    /** Also for who has signed in with a recovery code and has no other way to sign in yet. */
    whileRecovering?: true;
  }
}

/** @throws KhienError `UNAUTHENTICATED` */
export function sessionOf(request: FastifyRequest): Session {
  if (request.session === null) throw new KhienError('UNAUTHENTICATED', 'there is no session');
  return request.session;
}

export function setSessionCookie(reply: FastifyReply, token: string): void {
  const { publicUrl } = reply.server.cloud;
  const maxAge = SESSION_LIFETIME / 1000;
  reply.setCookie(cookieName(publicUrl), token, { ...cookieOptions(publicUrl), maxAge });
}

export function clearSessionCookie(reply: FastifyReply): void {
  const { publicUrl } = reply.server.cloud;
  reply.clearCookie(cookieName(publicUrl), cookieOptions(publicUrl));
}

/** Finds out who is asking. Whether that is enough is for each feature to say. */
export const sessionPlugin = fp(
  async (app) => {
    await app.register(cookie);
    const name = cookieName(app.cloud.publicUrl);
    app.decorateRequest('session', null);
    app.addHook('onRequest', async (request, reply) => {
      // What depends on who asks is kept by nobody on the way (RFC 9111 §5.2.2.5).
      reply.header('cache-control', 'no-store');
      const token = request.cookies[name];
      if (token === undefined) return;
      const used = await useSession(app.cloud.store.db, token, app.cloud.now());
      if (used === undefined) return;
      const { right, whileRecovering } = request.routeOptions.config;
      if (used.session.recovering && right !== 'public' && whileRecovering !== true) {
        throw new KhienError('SIGN_IN_RENEWAL_NEEDED', 'make a passkey or set a password first');
      }
      request.session = used.session;
      if (used.renewed) setSessionCookie(reply, token);
    });
  },
  { name: 'session', dependencies: ['context'] },
);
