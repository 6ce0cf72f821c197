import { KhienError } from '@khien/shared/error';
import { MINUTE } from '@khien/shared/policy';
import type { FastifyRequest } from 'fastify';
import { sessionOf } from './session-plugin.ts';
import type { Session } from './sessions.ts';

/** For so long somebody who has shown a password or a verified passkey needs not show it again, milliseconds. */
export const RECENT = 15 * MINUTE;

/**
 * For what a child with a parent's unlocked phone must not do: who may sign in, who belongs to the family, what is erased.
 *
 * @throws KhienError `UNAUTHENTICATED`, `REAUTHENTICATION_NEEDED`
 */
export function requireRecent(request: FastifyRequest): Session {
  const session = sessionOf(request);
  // Recovery leads to nothing but a new way to sign in, for which there is no other proof.
  const known = session.recovering || request.server.cloud.now() - session.authenticatedAt <= RECENT;
  if (!known) {
    throw new KhienError('REAUTHENTICATION_NEEDED', 'show your passkey or your password again first');
  }
  return session;
}
