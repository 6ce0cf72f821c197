import { createHash, randomBytes } from 'node:crypto';

/*
 * `khien_`, 32 characters of 192 random bits, 6 characters that follow from them: scanners of public code know it by its
 * beginning, and a slip of the hand is told apart from a key that was revoked.
 */
const form = /^khien_([\w-]{32})([\w-]{6})$/;

function checkOf(random: string): string {
  return createHash('sha256').update(`khien_${random}`).digest('base64url').slice(0, 6);
}

export function newToken(): string {
  const random = randomBytes(24).toString('base64url');
  return `khien_${random}${checkOf(random)}`;
}

/** Whether it can ever have been a key. */
export function isToken(text: string): boolean {
  const [, random, check] = form.exec(text) ?? [];
  return random !== undefined && check === checkOf(random);
}

/** What the store holds of it. It has too many random bits to be guessed, so a slow hash would add nothing. */
export function tokenHash(token: string): string {
  return createHash('sha256').update(token).digest('hex');
}
