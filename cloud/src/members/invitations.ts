import { createHash, randomBytes } from 'node:crypto';
import { KhienError } from '@khien/shared/error';
import { type Id, type Instant, newId } from '@khien/shared/id';
import { DAY } from '@khien/shared/policy';
import { audit, nameOf } from '../audit/audit.ts';
import { notFound } from '../http/problem.ts';
import type { Role } from '../rights/right.ts';
import type { Db, Store, Trx } from '../store/open.ts';
import { addMember } from './households.ts';
import type { InvitationOffer, InvitationView } from './schema.ts';

export const INVITATION_LIFETIME = 7 * DAY;
/** Open at the same time, of one household. */
export const OPEN_INVITATIONS = 20;

/** The link holds 256 random bits; the store holds only their hash. */
function hashOf(token: string): string {
  return createHash('sha256').update(token).digest('hex');
}

function selectOpen(db: Db, now: Instant) {
  return db
    .selectFrom('invitation')
    .innerJoin('account', 'account.id', 'invitation.invited_by')
    .where('invitation.expires_at', '>', now);
}

/** Newest first. */
export async function listInvitations(db: Db, household: Id, now: Instant): Promise<InvitationView[]> {
  const rows = await selectOpen(db, now)
    .select(['invitation.id', 'invitation.role', 'invitation.label', 'account.name as invitedBy'])
    .select(['invitation.created_at as createdAt', 'invitation.expires_at as expiresAt'])
    .where('invitation.household', '=', household)
    .orderBy('invitation.id', 'desc')
    .execute();
  return rows;
}

/**
 * To be called while nobody else changes the household.
 *
 * @returns the token for the link, which is not kept
 * @throws KhienError `LIMIT_REACHED`
 */
export async function createInvitation(
  trx: Trx,
  invited: { household: Id; role: Role; label: string | null; by: Id },
  now: Instant,
): Promise<{ id: Id; token: string }> {
  const { household, role, label, by } = invited;
  await trx
    .deleteFrom('invitation')
    .where('household', '=', household)
    .where('expires_at', '<=', now)
    .execute();
  const open = await trx
    .selectFrom('invitation')
    .select('id')
    .where('household', '=', household)
    .limit(OPEN_INVITATIONS)
    .execute();
  if (open.length >= OPEN_INVITATIONS) {
    throw new KhienError('LIMIT_REACHED', 'there are as many open invitations as there can be');
  }
  const id = newId(now);
  const token = randomBytes(32).toString('base64url');
  const span = { created_at: now, expires_at: now + INVITATION_LIFETIME };
  await trx
    .insertInto('invitation')
    .values({ id, household, token_hash: hashOf(token), role, label, invited_by: by, ...span })
    .execute();
  return { id, token };
}

/** @throws KhienError `NOT_FOUND`, also for an invitation of another household */
export async function revokeInvitation(trx: Trx, household: Id, id: Id): Promise<void> {
  const { numDeletedRows } = await trx
    .deleteFrom('invitation')
    .where('household', '=', household)
    .where('id', '=', id)
    .executeTakeFirst();
  if (numDeletedRows === 0n) throw notFound('invitation');
}

/**
 * What somebody who holds the link may know before accepting.
 *
 * @throws KhienError `INVITATION_OVER`, the same for one that was used, revoked, has expired or never was
 */
export async function offerOf(db: Db, token: string, now: Instant): Promise<InvitationOffer> {
  const offer = await selectOpen(db, now)
    .innerJoin('household', 'household.id', 'invitation.household')
    .select(['household.name as household', 'account.name as invitedBy', 'invitation.role'])
    .select('invitation.expires_at as expiresAt')
    .where('invitation.token_hash', '=', hashOf(token))
    .executeTakeFirst();
  if (offer === undefined) throw over();
  return offer;
}

/**
 * A transaction in which `work` makes sure of the account, which then becomes a member. An invitation is good for one
 * account; if anything of it fails it stays open.
 *
 * @throws KhienError `INVITATION_OVER`, `ALREADY_MEMBER`, `LIMIT_REACHED`, and what `work` throws
 */
export async function acceptInvitation<T extends { account: Id }>(
  store: Store,
  token: string,
  now: Instant,
  work: (trx: Trx) => Promise<T>,
): Promise<T & { household: Id }> {
  const token_hash = hashOf(token);
  const found = await store.db
    .selectFrom('invitation')
    .select('household')
    .where('token_hash', '=', token_hash)
    .executeTakeFirst();
  if (found === undefined) throw over();
  return store.ofHousehold(found.household, async (trx) => {
    const invitation = await trx
      .deleteFrom('invitation')
      .where('token_hash', '=', token_hash)
      .where('expires_at', '>', now)
      .returning(['household', 'role'])
      .executeTakeFirst();
    if (invitation === undefined) throw over();
    const done = await work(trx);
    await addMember(trx, { ...invitation, account: done.account }, now);
    const about = await nameOf(trx, done.account);
    await audit(trx, invitation.household, { kind: 'member-added', by: done.account, about }, now);
    return { ...done, household: invitation.household };
  });
}

function over(): KhienError {
  return new KhienError('INVITATION_OVER', 'the invitation was used or revoked, or has expired');
}
