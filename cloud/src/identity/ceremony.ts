import { createHash, randomBytes } from 'node:crypto';
import { KhienError } from '@khien/shared/error';
import { type Id, type Instant, idSchema, instantSchema } from '@khien/shared/id';
import { MINUTE } from '@khien/shared/policy';
import { z } from 'zod';
import type { Db } from '../store/open.ts';
import type { Seal } from './seal.ts';

/** As long as a person may take to find a phone and unlock it, milliseconds. */
export const CEREMONY_LIFETIME = 5 * MINUTE;

const ceremonySchema = z.object({
  purpose: z.enum(['sign-up', 'add', 'sign-in', 'confirm']),
  challenge: z.string(),
  /** Who is to be signed up, or is signed in; null where the passkey is to tell. */
  account: z.nullable(idSchema),
  expiresAt: instantSchema,
});
export type Ceremony = z.infer<typeof ceremonySchema>;

/** What a browser sends back with the authenticator's answer. */
export const ceremonyTokenSchema = z.string().max(1024);

/**
 * A new challenge. The store keeps nothing of it, so that asking for many makes nothing grow: the browser keeps it,
 * sealed together with the secret of its cookie, without which nobody can answer it.
 */
export function beginCeremony(
  seal: Seal,
  browser: string,
  { purpose, account }: Pick<Ceremony, 'purpose' | 'account'>,
  now: Instant,
): { challenge: Uint8Array<ArrayBuffer>; token: string } {
  const challenge = new Uint8Array(randomBytes(32));
  const ceremony: Ceremony = {
    purpose,
    challenge: Buffer.from(challenge).toString('base64url'),
    account,
    expiresAt: now + CEREMONY_LIFETIME,
  };
  const payload = Buffer.from(JSON.stringify(ceremony)).toString('base64url');
  return { challenge, token: `${payload}.${seal.sign('ceremony', browser, payload)}` };
}

/**
 * The ceremony that this browser was given for this purpose.
 *
 * @throws KhienError `CHALLENGE_EXPIRED`, also for one of another browser or that was never given
 */
export function resumeCeremony(
  seal: Seal,
  browser: string | undefined,
  purpose: Ceremony['purpose'],
  token: string,
  now: Instant,
): Ceremony {
  const [payload = '', signature = ''] = token.split('.');
  if (browser === undefined || !seal.isSigned(signature, 'ceremony', browser, payload)) throw expired();
  const ceremony = ceremonySchema.parse(JSON.parse(Buffer.from(payload, 'base64url').toString()));
  if (ceremony.purpose !== purpose || ceremony.expiresAt <= now) throw expired();
  return ceremony;
}

/**
 * To be called once the answer is known to be right, in the transaction of what it does.
 *
 * @throws KhienError `CHALLENGE_EXPIRED` when it was answered before
 */
export async function spendChallenge(
  db: Db,
  { challenge, expiresAt }: Pick<Ceremony, 'challenge' | 'expiresAt'>,
): Promise<void> {
  const hash = createHash('sha256').update(challenge).digest('hex');
  const { numInsertedOrUpdatedRows } = await db
    .insertInto('answered_challenge')
    .values({ hash, expires_at: expiresAt })
    .onConflict((conflict) => conflict.column('hash').doNothing())
    .executeTakeFirstOrThrow();
  if (numInsertedOrUpdatedRows !== 1n) throw expired();
}

/** Whose account the ceremony is for. @throws KhienError `CHALLENGE_EXPIRED` for one that is for nobody's */
export function accountOf({ account }: Ceremony): Id {
  if (account === null) throw expired();
  return account;
}

function expired(): KhienError {
  return new KhienError(
    'CHALLENGE_EXPIRED',
    'the challenge has expired, was answered, or is of another browser',
  );
}
