import type { Id, Instant } from '@khien/shared/id';
import type { Selectable } from 'kysely';
import { scopeListSchema } from '../consents/schema.ts';
import type { Db } from '../store/open.ts';
import type { HouseholdTable } from '../store/tables.ts';
import type { DutyKind, Role, Scope } from './right.ts';

/** What an account is to a household: its member, or a worker whom it consented to. */
export type Standing =
  | { readonly as: 'member'; readonly role: Role }
  | {
      readonly as: 'worker';
      readonly name: string;
      readonly organisation: string;
      readonly scope: readonly Scope[];
      readonly until: Instant;
    };

export type Found = { readonly household: Selectable<HouseholdTable>; readonly standing: Standing };

/** Undefined where the account is nothing to it: also where there is no such household. Who is both is a member. */
export async function findStanding(
  db: Db,
  household: Id,
  account: Id,
  now: Instant,
): Promise<Found | undefined> {
  const member = await db
    .selectFrom('household')
    .innerJoin('member', 'member.household', 'household.id')
    .selectAll('household')
    .select('member.role')
    .where('household.id', '=', household)
    .where('member.account', '=', account)
    .executeTakeFirst();
  if (member === undefined) return findWorkersStanding(db, household, account, now);
  const { role, ...row } = member;
  return { household: row, standing: { as: 'member', role } };
}

async function findWorkersStanding(
  db: Db,
  household: Id,
  account: Id,
  now: Instant,
): Promise<Found | undefined> {
  const worker = await db
    .selectFrom('household')
    .innerJoin('consent', 'consent.household', 'household.id')
    .innerJoin('duty', 'duty.id', 'consent.duty')
    .innerJoin('organisation', 'organisation.id', 'duty.organisation')
    .innerJoin('account', 'account.id', 'duty.account')
    .selectAll('household')
    .select([
      'consent.scope',
      'consent.until_at',
      'organisation.name as organisation',
      'account.name as worker',
    ])
    .where('household.id', '=', household)
    .where('duty.account', '=', account)
    .where('duty.kind', '=', 'worker')
    .where('consent.until_at', '>', now)
    .executeTakeFirst();
  if (worker === undefined) return undefined;
  const { scope, until_at: until, organisation, worker: name, ...row } = worker;
  const consented = scopeListSchema.parse(JSON.parse(scope));
  return { household: row, standing: { as: 'worker', name, organisation, scope: consented, until } };
}

/** What an account does for others. */
export interface Duty {
  readonly id: Id;
  readonly kind: DutyKind;
  /** Of the person. */
  readonly name: string;
  /** Of an operator: the provider's name. */
  readonly isp: string | null;
  /** Of a worker: the organisation's name. */
  readonly organisation: string | null;
  /** Of a worker. */
  readonly code: string | null;
}

export function findDuty(db: Db, account: Id, kind: DutyKind): Promise<Duty | undefined> {
  return db
    .selectFrom('duty')
    .innerJoin('account', 'account.id', 'duty.account')
    .leftJoin('organisation', 'organisation.id', 'duty.organisation')
    .select([
      'duty.id',
      'duty.kind',
      'account.name',
      'duty.isp',
      'organisation.name as organisation',
      'duty.code',
    ])
    .where('duty.account', '=', account)
    .where('duty.kind', '=', kind)
    .executeTakeFirst();
}
