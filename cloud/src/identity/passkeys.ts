import { KhienError } from '@khien/shared/error';
import { type Id, type Instant, newId } from '@khien/shared/id';
import { verifyAuthenticationResponse, verifyRegistrationResponse } from '@simplewebauthn/server';
import { z } from 'zod';
import { notFound } from '../http/problem.ts';
import { isDuplicate } from '../store/duplicate.ts';
import type { Db, Trx } from '../store/open.ts';
import type { Ceremony } from './ceremony.ts';
import type { Assertion, RegistrationResponse } from './passkey-schema.ts';
import type { RelyingParty } from './relying-party.ts';
import type { Security } from './schema.ts';

/** More than a person has devices. */
const PASSKEYS_OF_AN_ACCOUNT = 20;

const transportsSchema = z.array(z.string());

/** A passkey that an authenticator has just made. */
export interface NewPasskey {
  readonly credential: string;
  readonly publicKey: string;
  readonly counter: number;
  readonly transports: readonly string[];
  readonly backedUp: boolean;
}

/** What is thrown for an answer that proves nothing. */
export function refused(cause?: unknown): KhienError {
  return new KhienError('PASSKEY_REFUSED', 'the passkey is not known here, or its answer is not right', {
    cause,
  });
}

/**
 * Checks what the authenticator made. Which maker it is of is not asked (attestation `none`).
 *
 * @throws KhienError `PASSKEY_REFUSED`
 */
export async function verifyRegistration(
  party: RelyingParty,
  ceremony: Ceremony,
  response: RegistrationResponse,
): Promise<NewPasskey> {
  const { transports = [], ...made } = response.response;
  const { registrationInfo } = await verifyRegistrationResponse({
    response: { ...response, response: { ...made, transports }, clientExtensionResults: {} },
    expectedChallenge: ceremony.challenge,
    expectedOrigin: party.origin,
    expectedRPID: party.id,
    requireUserVerification: false,
  }).catch((error: unknown) => {
    throw refused(error);
  });
  if (registrationInfo === undefined) throw refused();
  const { credential, credentialBackedUp } = registrationInfo;
  return {
    credential: credential.id,
    publicKey: Buffer.from(credential.publicKey).toString('base64url'),
    counter: credential.counter,
    transports,
    backedUp: credentialBackedUp,
  };
}

/** To be called with the account locked. @throws KhienError `PASSKEY_KNOWN`, `LIMIT_REACHED` */
export async function addPasskey(
  trx: Trx,
  account: Id,
  passkey: NewPasskey,
  name: string,
  now: Instant,
): Promise<void> {
  const known = await trx.selectFrom('passkey').select('id').where('account', '=', account).execute();
  if (known.length >= PASSKEYS_OF_AN_ACCOUNT) {
    throw new KhienError('LIMIT_REACHED', 'the account has as many passkeys as it can have');
  }
  try {
    await trx
      .insertInto('passkey')
      .values({
        id: newId(now),
        account,
        credential: passkey.credential,
        public_key: passkey.publicKey,
        counter: passkey.counter,
        transports: JSON.stringify(passkey.transports),
        backed_up: passkey.backedUp ? 1 : 0,
        name,
        created_at: now,
      })
      .execute();
  } catch (error) {
    throw isDuplicate(error) ? new KhienError('PASSKEY_KNOWN', 'the passkey is in use already') : error;
  }
}

/** What an answer that is right tells. */
export interface Verified {
  readonly passkey: Id;
  readonly account: Id;
  readonly counter: number;
  readonly backedUp: boolean;
  /** By a finger, a face or the code of the screen: not only somebody who holds the device. */
  readonly userVerified: boolean;
}

/**
 * Checks an authenticator's answer; whether its counter went on is for {@link countUse} to say.
 *
 * @throws KhienError `PASSKEY_REFUSED`
 */
export async function verifyAssertion(
  db: Db,
  party: RelyingParty,
  ceremony: Ceremony,
  assertion: Assertion,
): Promise<Verified> {
  const passkey = await db
    .selectFrom('passkey')
    .select(['id', 'account', 'public_key'])
    .where('credential', '=', assertion.id)
    .executeTakeFirst();
  if (passkey === undefined) throw refused();
  const { userHandle, ...answer } = assertion.response;
  const owner = userHandle === undefined ? passkey.account : Buffer.from(userHandle, 'base64url').toString();
  if (owner !== passkey.account || (ceremony.account ?? passkey.account) !== passkey.account) throw refused();
  const { verified, authenticationInfo } = await verifyAuthenticationResponse({
    response: { ...assertion, response: answer, clientExtensionResults: {} },
    expectedChallenge: ceremony.challenge,
    expectedOrigin: party.origin,
    expectedRPID: party.id,
    requireUserVerification: false,
    credential: {
      id: assertion.id,
      publicKey: new Uint8Array(Buffer.from(passkey.public_key, 'base64url')),
      // The library compares before it has checked the signature; here that is done after, and is remembered.
      counter: 0,
    },
  }).catch((error: unknown) => {
    throw refused(error);
  });
  if (!verified) throw refused();
  return {
    passkey: passkey.id,
    account: passkey.account,
    counter: authenticationInfo.newCounter,
    backedUp: authenticationInfo.credentialBackedUp,
    userVerified: authenticationInfo.userVerified,
  };
}

/**
 * Notes a use. A counter that did not go on means that two authenticators have this key (WebAuthn Level 3 §6.1.1):
 * that use is refused, and the passkey is marked for its owner to see.
 *
 * @returns whether it went on
 */
export async function countUse(db: Db, used: Verified, now: Instant): Promise<boolean> {
  const { numUpdatedRows } = await db
    .updateTable('passkey')
    .set({ counter: used.counter, used_at: now, backed_up: used.backedUp ? 1 : 0 })
    .where('id', '=', used.passkey)
    // Most passkeys of phones do not count: they say 0 always.
    .where('counter', used.counter === 0 ? '=' : '<', used.counter)
    .executeTakeFirst();
  if (numUpdatedRows === 1n) return true;
  await db.updateTable('passkey').set({ copied_at: now }).where('id', '=', used.passkey).execute();
  return false;
}

/** Oldest first. */
export async function listPasskeys(db: Db, account: Id): Promise<Security['passkeys']> {
  const rows = await db
    .selectFrom('passkey')
    .select(['id', 'name', 'created_at', 'used_at', 'backed_up', 'copied_at'])
    .where('account', '=', account)
    .orderBy('id')
    .execute();
  return rows.map((row) => ({
    id: row.id,
    name: row.name,
    createdAt: row.created_at,
    usedAt: row.used_at,
    backedUp: row.backed_up === 1,
    copied: row.copied_at !== null,
  }));
}

/** What a browser needs to find an account's passkeys, or not to make a second on the same authenticator. */
export async function describePasskeys(db: Db, account: Id): Promise<{ id: string; transports: string[] }[]> {
  const rows = await db
    .selectFrom('passkey')
    .select(['credential', 'transports'])
    .where('account', '=', account)
    .orderBy('id')
    .execute();
  return rows.map(({ credential, transports }) => ({
    id: credential,
    transports: transportsSchema.parse(JSON.parse(transports)),
  }));
}

/** @throws KhienError `NOT_FOUND`, also for a passkey of another account */
export async function renamePasskey(db: Db, account: Id, id: Id, name: string): Promise<void> {
  const { numUpdatedRows } = await db
    .updateTable('passkey')
    .set({ name })
    .where('account', '=', account)
    .where('id', '=', id)
    .executeTakeFirst();
  if (numUpdatedRows === 0n) throw notFound('passkey');
}

/** @throws KhienError `NOT_FOUND`, also for a passkey of another account */
export async function removePasskey(db: Db, account: Id, id: Id): Promise<void> {
  const { numDeletedRows } = await db
    .deleteFrom('passkey')
    .where('account', '=', account)
    .where('id', '=', id)
    .executeTakeFirst();
  if (numDeletedRows === 0n) throw notFound('passkey');
}
