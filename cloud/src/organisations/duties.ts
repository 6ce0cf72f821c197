import { randomBytes } from 'node:crypto';
import { claimCodeFrom } from '@khien/shared/enrolment';
import { KhienError } from '@khien/shared/error';
import { type Id, type Instant, newId } from '@khien/shared/id';
import { audit } from '../audit/audit.ts';
import { invalidInput, notFound } from '../http/problem.ts';
import type { DutyKind } from '../rights/right.ts';
import type { Db, Trx } from '../store/open.ts';
import { recordDutyChange } from './duty-changes.ts';
import type { DutyPage, DutyView } from './schema.ts';

/** A duty as it is to be, for the account with this email. */
export type Appointment =
  | { readonly kind: 'administrator'; readonly email: string }
  | { readonly kind: 'worker'; readonly email: string; readonly organisation: Id }
  | { readonly kind: 'operator'; readonly email: string; readonly isp: string };

/** Who appoints or dismisses; `by` is null for a command on the server. */
export interface Appointing {
  readonly by: Id | null;
  readonly now: Instant;
}

function selectDuties(db: Db) {
  return db
    .selectFrom('duty')
    .innerJoin('account', 'account.id', 'duty.account')
    .leftJoin('organisation', 'organisation.id', 'duty.organisation')
    .select(['duty.id', 'duty.kind', 'duty.isp', 'duty.since', 'account.name', 'account.email'])
    .select('organisation.name as organisation');
}

type Row = Awaited<ReturnType<ReturnType<typeof selectDuties>['executeTakeFirstOrThrow']>>;

function dutyView({ organisation, isp, ...row }: Row): DutyView {
  return { ...row, of: organisation ?? isp };
}

/** Newest first. */
export async function listDuties(
  db: Db,
  { before, limit }: { readonly before?: Id | undefined; readonly limit: number },
): Promise<DutyPage> {
  let select = selectDuties(db);
  if (before !== undefined) select = select.where('duty.id', '<', before);
  const rows = await select
    .orderBy('duty.id', 'desc')
    .limit(limit + 1)
    .execute();
  const items = rows.slice(0, limit).map(dutyView);
  return { items, next: rows.length > limit ? (items.at(-1)?.id ?? null) : null };
}

/** The kinds, of one account. */
export async function dutiesOf(db: Db, account: Id): Promise<DutyKind[]> {
  const rows = await db
    .selectFrom('duty')
    .select('kind')
    .where('account', '=', account)
    .orderBy('kind')
    .execute();
  return rows.map(({ kind }) => kind);
}

async function findDutyView(db: Db, id: Id): Promise<DutyView> {
  const row = await selectDuties(db).where('duty.id', '=', id).executeTakeFirst();
  if (row === undefined) throw notFound('duty');
  return dutyView(row);
}

/** @throws KhienError `ACCOUNT_UNKNOWN`, `DUTY_TAKEN`, `INVALID_INPUT` for an organisation or a provider that is none */
export async function appoint(trx: Trx, wanted: Appointment, { by, now }: Appointing): Promise<DutyView> {
  const account = await trx
    .selectFrom('account')
    .select('id')
    .where('email', '=', wanted.email.toLowerCase())
    .executeTakeFirst();
  if (account === undefined) throw new KhienError('ACCOUNT_UNKNOWN', 'no account has this email');
  const id = newId(now);
  const inserted = await trx
    .insertInto('duty')
    .values({ id, account: account.id, kind: wanted.kind, since: now, ...(await whereOf(trx, wanted)) })
    .onConflict((conflict) => conflict.columns(['account', 'kind']).doNothing())
    .executeTakeFirst();
  if (inserted.numInsertedOrUpdatedRows !== 1n) {
    throw new KhienError('DUTY_TAKEN', 'the account has such a duty already');
  }
  const duty = await findDutyView(trx, id);
  await recordDutyChange(trx, { kind: 'duty-given', by }, duty, now);
  return duty;
}

async function whereOf(trx: Trx, wanted: Appointment) {
  if (wanted.kind === 'worker') {
    const { organisation } = wanted;
    const found = await trx
      .selectFrom('organisation')
      .select('id')
      .where('id', '=', organisation)
      .executeTakeFirst();
    if (found === undefined) throw invalidInput('/organisation', 'there is no such organisation');
    return { organisation, code: await freeCode(trx) };
  }
  if (wanted.kind !== 'operator') return {};
  const { isp } = wanted;
  const found = await trx.selectFrom('isp').select('name').where('name', '=', isp).executeTakeFirst();
  if (found === undefined) throw invalidInput('/isp', 'there is no such provider');
  return { isp };
}

/** What families type to name a worker: 35 random bits and a check digit. */
async function freeCode(trx: Trx): Promise<string> {
  for (;;) {
    const code = claimCodeFrom(randomBytes(7));
    const taken = await trx.selectFrom('duty').select('id').where('code', '=', code).executeTakeFirst();
    if (taken === undefined) return code;
  }
}

/**
 * Ends a duty, and with it every consent that a family gave to it.
 *
 * @returns the households whose consent ended, to be told after commit
 * @throws KhienError `NOT_FOUND`, `FORBIDDEN` for an administrator, who is dismissed on the server as he was appointed
 */
export async function dismiss(trx: Trx, id: Id, { by, now }: Appointing): Promise<Id[]> {
  const duty = await findDutyView(trx, id);
  if (duty.kind === 'administrator' && by !== null) {
    throw new KhienError('FORBIDDEN', 'administrators are dismissed by a command on the server');
  }
  // Consents that are given or ended meanwhile are waited for; each is ended, and told of, once.
  await trx.selectFrom('duty').select('id').where('id', '=', id).forUpdate().execute();
  const consents = await trx
    .deleteFrom('consent')
    .where('duty', '=', id)
    .where('until_at', '>', now)
    .returning('household')
    .execute();
  const about = `${duty.name}, ${duty.of ?? ''}`;
  for (const { household } of consents) {
    await audit(trx, household, { kind: 'consent-ended', by, actingAs: 'administrator', about }, now);
  }
  await trx.deleteFrom('duty').where('id', '=', id).execute();
  await recordDutyChange(trx, { kind: 'duty-ended', by }, duty, now);
  return consents.map(({ household }) => household);
}

/** @throws KhienError `ACCOUNT_UNKNOWN` where no administrator has this email */
export async function findAdministrator(db: Db, email: string): Promise<Id> {
  const row = await db
    .selectFrom('duty')
    .innerJoin('account', 'account.id', 'duty.account')
    .select('duty.id')
    .where('duty.kind', '=', 'administrator')
    .where('account.email', '=', email.toLowerCase())
    .executeTakeFirst();
  if (row === undefined) throw new KhienError('ACCOUNT_UNKNOWN', 'no administrator has this email');
  return row.id;
}
