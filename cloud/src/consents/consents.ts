import { normaliseClaimCode } from '@khien/shared/enrolment';
import { KhienError } from '@khien/shared/error';
import { type Id, type Instant, newId } from '@khien/shared/id';
import { DAY } from '@khien/shared/policy';
import type { z } from 'zod';
import { audit } from '../audit/audit.ts';
import type { ActingAs } from '../audit/schema.ts';
import { notFound } from '../http/problem.ts';
import type { Db, Trx } from '../store/open.ts';
import { type ConsentView, type consentRequestSchema, scopeListSchema, type WorkerView } from './schema.ts';

/** More helpers than a family can keep in mind are no help. */
const MAX_CONSENTS = 10;

function selectConsents(db: Db, household: Id) {
  return db
    .selectFrom('consent')
    .innerJoin('duty', 'duty.id', 'consent.duty')
    .innerJoin('account', 'account.id', 'duty.account')
    .innerJoin('organisation', 'organisation.id', 'duty.organisation')
    .leftJoin('account as giver', 'giver.id', 'consent.given_by')
    .select(['consent.id', 'consent.scope', 'consent.from_at', 'consent.until_at'])
    .select(['account.name as worker', 'organisation.name as organisation', 'giver.name as given_by'])
    .where('consent.household', '=', household);
}

type Row = Awaited<ReturnType<ReturnType<typeof selectConsents>['executeTakeFirstOrThrow']>>;

function consentView(row: Row): ConsentView {
  return {
    id: row.id,
    worker: row.worker,
    organisation: row.organisation,
    scope: scopeListSchema.parse(JSON.parse(row.scope)),
    from: row.from_at,
    until: row.until_at,
    givenBy: row.given_by ?? '',
  };
}

/** Those that hold at `now`, the one that ends first first. */
export async function listConsents(db: Db, household: Id, now: Instant): Promise<ConsentView[]> {
  const rows = await selectConsents(db, household)
    .where('consent.until_at', '>', now)
    .orderBy('consent.until_at')
    .orderBy('consent.id')
    .execute();
  return rows.map(consentView);
}

/** @throws KhienError `NOT_FOUND`, also for one of another household */
async function findConsent(db: Db, household: Id, id: Id): Promise<ConsentView> {
  const row = await selectConsents(db, household).where('consent.id', '=', id).executeTakeFirst();
  if (row === undefined) throw notFound('consent');
  return consentView(row);
}

/**
 * Whose code it is. Families find workers by what the worker tells them, and by nothing else.
 *
 * @throws KhienError `WORKER_CODE_INVALID`, `WORKER_CODE_UNKNOWN`
 */
export async function findWorker(db: Db, typed: string): Promise<WorkerView & { duty: Id }> {
  const code = normaliseClaimCode(typed);
  if (code === undefined) throw new KhienError('WORKER_CODE_INVALID', 'the code is mistyped');
  const row = await db
    .selectFrom('duty')
    .innerJoin('account', 'account.id', 'duty.account')
    .innerJoin('organisation', 'organisation.id', 'duty.organisation')
    .select(['duty.id as duty', 'account.name', 'organisation.name as organisation'])
    .where('duty.code', '=', code)
    .executeTakeFirst();
  if (row === undefined) throw workerUnknown();
  return row;
}

function workerUnknown(): KhienError {
  return new KhienError('WORKER_CODE_UNKNOWN', 'no worker has this code');
}

/**
 * Lets a worker see what the scope names, from now on. What was consented to with the same worker before is replaced.
 *
 * @throws KhienError `WORKER_CODE_INVALID`, `WORKER_CODE_UNKNOWN`, `LIMIT_REACHED`
 */
export async function giveConsent(
  trx: Trx,
  given: { readonly household: Id; readonly by: Id; readonly now: Instant },
  request: z.output<typeof consentRequestSchema>,
): Promise<ConsentView> {
  const { household, by, now } = given;
  const worker = await findWorker(trx, request.code);
  // Whoever ends the duty waits for this, and finds the consent; or the duty is gone.
  const duty = await trx
    .selectFrom('duty')
    .select('id')
    .where('id', '=', worker.duty)
    .forKeyShare()
    .executeTakeFirst();
  if (duty === undefined) throw workerUnknown();
  await trx
    .deleteFrom('consent')
    .where('household', '=', household)
    .where((is) => is.or([is('duty', '=', worker.duty), is('until_at', '<=', now)]))
    .execute();
  if ((await listConsents(trx, household, now)).length >= MAX_CONSENTS) {
    throw new KhienError('LIMIT_REACHED', `a household has ${MAX_CONSENTS} consents at most`);
  }
  const id = newId(now);
  await trx
    .insertInto('consent')
    .values({
      id,
      household,
      duty: worker.duty,
      scope: JSON.stringify(request.scope),
      from_at: now,
      until_at: now + request.days * DAY,
      given_by: by,
    })
    .execute();
  await audit(trx, household, { kind: 'consent-given', by, about: aboutOf(worker) }, now);
  return findConsent(trx, household, id);
}

/** @throws KhienError `NOT_FOUND`, also for one of another household */
export async function endConsent(
  trx: Trx,
  ended: {
    readonly household: Id;
    readonly by: Id | null;
    readonly actingAs?: ActingAs;
    readonly now: Instant;
  },
  id: Id,
): Promise<void> {
  const { household, now, ...who } = ended;
  const { worker, organisation } = await findConsent(trx, household, id);
  const { numDeletedRows } = await trx
    .deleteFrom('consent')
    .where('household', '=', household)
    .where('id', '=', id)
    .executeTakeFirst();
  // The duty may end at the same moment, which ends its consents without the household's lock.
  if (numDeletedRows === 0n) throw notFound('consent');
  const about = aboutOf({ name: worker, organisation });
  await audit(trx, household, { kind: 'consent-ended', ...who, about }, now);
}

function aboutOf({ name, organisation }: WorkerView): string {
  return `${name}, ${organisation}`;
}
