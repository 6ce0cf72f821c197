import { randomBytes } from 'node:crypto';
import { claimCodeFrom } from '@khien/shared/enrolment';
import { type Id, newId } from '@khien/shared/id';
import { DAY } from '@khien/shared/policy';
import type { Parent, TestCloud } from '../cloud.fixture.ts';
import type { Role, Scope } from './right.ts';

/** Makes the account a member of somebody else's household, too. */
export async function join(cloud: TestCloud, person: Parent, household: Id, role: Role): Promise<void> {
  await cloud.store.db.insertInto('member').values({ household, account: person.account, role }).execute();
}

export async function makeOrganisation(cloud: TestCloud, name = 'Hội Bảo vệ quyền trẻ em'): Promise<Id> {
  const id = newId(cloud.now);
  await cloud.store.db.insertInto('organisation').values({ id, name, created_at: cloud.now }).execute();
  return id;
}

export interface Worker {
  readonly person: Parent;
  readonly duty: Id;
  readonly code: string;
}

export async function makeWorker(cloud: TestCloud, organisation: Id): Promise<Worker> {
  const person = await cloud.signUp();
  const code = claimCodeFrom(randomBytes(7));
  const duty = newId(cloud.now);
  const row = {
    id: duty,
    account: person.account,
    kind: 'worker',
    organisation,
    code,
    since: cloud.now,
  } as const;
  await cloud.store.db.insertInto('duty').values(row).execute();
  return { person, duty, code };
}

export async function makeOperator(cloud: TestCloud, isp: string): Promise<Parent> {
  const person = await cloud.signUp();
  const row = {
    id: newId(cloud.now),
    account: person.account,
    kind: 'operator',
    isp,
    since: cloud.now,
  } as const;
  await cloud.store.db.insertInto('duty').values(row).execute();
  return person;
}

export async function makeAdministrator(cloud: TestCloud): Promise<Parent> {
  const person = await cloud.signUp();
  await appointAdministrator(cloud, person);
  return person;
}

export async function appointAdministrator(cloud: TestCloud, person: Parent): Promise<void> {
  const row = {
    id: newId(cloud.now),
    account: person.account,
    kind: 'administrator',
    since: cloud.now,
  } as const;
  await cloud.store.db.insertInto('duty').values(row).execute();
}

/** As if the family had typed the worker's code. */
export async function consent(
  cloud: TestCloud,
  family: Parent,
  worker: Worker,
  scope: readonly Scope[],
  days = 30,
): Promise<Id> {
  const id = newId(cloud.now);
  await cloud.store.db
    .insertInto('consent')
    .values({
      id,
      household: family.household,
      duty: worker.duty,
      scope: JSON.stringify(scope),
      from_at: cloud.now,
      until_at: cloud.now + days * DAY,
      given_by: family.account,
    })
    .execute();
  return id;
}
