import { KhienError } from '@khien/shared/error';
import type { Id, Instant } from '@khien/shared/id';
import type { z } from 'zod';
import { foundHousehold } from '../members/households.ts';
import { acceptInvitation } from '../members/invitations.ts';
import type { Store, Trx } from '../store/open.ts';
import { createAccount } from './accounts.ts';
import type { Client } from './client.ts';
import type { newcomerSchema } from './schema.ts';
import { beginSession } from './sessions.ts';

export interface SignUpParts {
  readonly account: Id;
  readonly email: string | null;
  readonly client: Client;
  /** Keeps what the account will be signed in to with. */
  readonly keep: (trx: Trx) => Promise<void>;
}

/**
 * All or nothing: the account, its way to sign in, its household or its place in another, and its first session.
 *
 * @returns the session's token
 * @throws KhienError `EMAIL_TAKEN`, `INVITATION_OVER`, `LIMIT_REACHED`, and what `keep` throws
 */
export async function signUp(
  store: Store,
  form: z.output<typeof newcomerSchema>,
  { account, email, client, keep }: SignUpParts,
  now: Instant,
): Promise<string> {
  const enrol = async (trx: Trx) => {
    await createAccount(trx, account, { name: form.name, language: form.language, email }, now);
    await keep(trx);
    return { account, token: await beginSession(trx, { account, verified: true, client }, now) };
  };
  const { household, invitation, language } = form;
  if (invitation !== undefined) return (await acceptInvitation(store, invitation, now, enrol)).token;
  if (household === undefined) throw new KhienError('INVALID_INPUT', 'a household or an invitation');
  return store.transaction(async (trx) => {
    const { token } = await enrol(trx);
    await foundHousehold(trx, account, { ...household, language }, now);
    return token;
  });
}
