import { randomBytes } from 'node:crypto';
import { DAY } from '@khien/shared/policy';
import type { FastifyReply, FastifyRequest } from 'fastify';

/** Beside the session's own. */
interface Kept {
  readonly name: 'browser' | 'known';
  /** Seconds; null for as long as the browser runs. */
  readonly maxAge: number | null;
}

/** Which browser asked for a challenge. */
const browser: Kept = { name: 'browser', maxAge: null };
/** Whose account was signed in to from here. */
const known: Kept = { name: 'known', maxAge: (365 * DAY) / 1000 };

// RFC 6265bis §4.1.3.2: a `__Host-` cookie is of this host, this path and TLS only; without TLS browsers refuse the prefix.
export function cookieName(publicUrl: URL, name?: Kept['name']): string {
  const full = name === undefined ? 'khien' : `khien-${name}`;
  return publicUrl.protocol === 'https:' ? `__Host-${full}` : full;
}

export function cookieOptions(publicUrl: URL) {
  const secure = publicUrl.protocol === 'https:';
  return { path: '/', httpOnly: true, sameSite: 'lax', secure } as const;
}

function setCookie(reply: FastifyReply, { name, maxAge }: Kept, value: string): void {
  const { publicUrl } = reply.server.cloud;
  reply.setCookie(cookieName(publicUrl, name), value, {
    ...cookieOptions(publicUrl),
    ...(maxAge === null ? {} : { maxAge }),
  });
}

/** The secret of the browser that asks; a new one where it has none. */
export function ensureBrowser(request: FastifyRequest, reply: FastifyReply): string {
  const secret = browserOf(request);
  if (secret !== undefined) return secret;
  const made = randomBytes(32).toString('base64url');
  setCookie(reply, browser, made);
  return made;
}

export function browserOf(request: FastifyRequest): string | undefined {
  const value = request.cookies[cookieName(request.server.cloud.publicUrl, browser.name)];
  return value !== undefined && /^[\w-]{43}$/.test(value) ? value : undefined;
}

export function setKnown(reply: FastifyReply, signature: string): void {
  setCookie(reply, known, signature);
}

export function knownOf(request: FastifyRequest): string {
  return request.cookies[cookieName(request.server.cloud.publicUrl, known.name)] ?? '';
}
