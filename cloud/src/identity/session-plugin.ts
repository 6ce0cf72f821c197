import cookie from '@fastify/cookie';
import { KhienError } from '@khien/shared/error';
import type { FastifyReply, FastifyRequest } from 'fastify';
import fp from 'fastify-plugin';
import { SESSION_LIFETIME, type Session, useSession } from './sessions.ts';

declare module 'fastify' {
  interface FastifyRequest {
    /** Null when nobody is signed in. */
    session: Session | null;
  }
}

/** @throws KhienError `UNAUTHENTICATED` */
export function sessionOf(request: FastifyRequest): Session {
  if (request.session === null) throw new KhienError('UNAUTHENTICATED', 'there is no session');
  return request.session;
}

// RFC 6265bis §4.1.3.2: a `__Host-` cookie is of this host, this path and TLS only; without TLS browsers refuse the prefix.
function cookieFor(publicUrl: URL) {
  const secure = publicUrl.protocol === 'https:';
  const options = { path: '/', httpOnly: true, sameSite: 'lax', secure } as const;
  return { name: secure ? '__Host-khien' : 'khien', options };
}

export function setSessionCookie(reply: FastifyReply, token: string): void {
  const { name, options } = cookieFor(reply.server.cloud.publicUrl);
  reply.setCookie(name, token, { ...options, maxAge: SESSION_LIFETIME / 1000 });
}

export function clearSessionCookie(reply: FastifyReply): void {
  const { name, options } = cookieFor(reply.server.cloud.publicUrl);
  reply.clearCookie(name, options);
}

/** Finds out who is asking. Whether that is enough is for each feature to say. */
export const sessionPlugin = fp(
  async (app) => {
    await app.register(cookie);
    const { name } = cookieFor(app.cloud.publicUrl);
    app.decorateRequest('session', null);
    app.addHook('onRequest', async (request, reply) => {
      // What depends on who asks is kept by nobody on the way (RFC 9111 §5.2.2.5).
      reply.header('cache-control', 'no-store');
      const token = request.cookies[name];
      if (token === undefined) return;
      const used = await useSession(app.cloud.store.db, token, app.cloud.now());
      if (used === undefined) return;
      request.session = used.session;
      if (used.renewed) setSessionCookie(reply, token);
    });
  },
  { name: 'session', dependencies: ['context'] },
);
