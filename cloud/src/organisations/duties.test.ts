import { newId } from '@khien/shared/id';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { type Parent, TestCloud } from '../cloud.fixture.ts';
import { makeAdministrator, makeOrganisation, makeWorker } from '../rights/people.fixture.ts';
import { appoint, dismiss, findAdministrator } from './duties.ts';
import { dutyChangesPageSchema, dutyPageSchema, dutyViewSchema, organisationListSchema } from './schema.ts';

let cloud: TestCloud;
let administrator: Parent;
let person: Parent;
let organisation: string;
beforeEach(async () => {
  cloud = await TestCloud.start();
  administrator = await makeAdministrator(cloud);
  person = await cloud.signUp();
  organisation = await makeOrganisation(cloud);
  await cloud.store.db
    .insertInto('isp')
    .values({ name: 'VNPT', public_key: 'x', added_at: cloud.now })
    .execute();
});
afterEach(() => cloud.stop());

const give = (body: object, who = administrator) => who.call('POST', '/api/v1/duties', body);
const worker = () => ({ kind: 'worker', email: person.email, organisation });

describe('an administrator', () => {
  test('makes workers and operators, and ends their duty', async () => {
    const given = await give({ ...worker(), email: person.email.toUpperCase() });
    const duty = dutyViewSchema.parse(given.json());
    expect(duty).toMatchObject({
      kind: 'worker',
      name: 'Lan',
      email: person.email,
      of: 'Hội Bảo vệ quyền trẻ em',
    });
    expect((await give({ kind: 'operator', email: person.email, isp: 'VNPT' })).statusCode).toBe(201);
    expect((await person.call('GET', '/api/v1/account/duties')).json()).toEqual({
      items: ['operator', 'worker'],
    });
    expect((await person.call('GET', '/api/v1/families')).statusCode).toBe(200);
    expect((await give(worker())).json().code).toBe('DUTY_TAKEN');

    expect((await administrator.call('DELETE', `/api/v1/duties/${duty.id}`)).statusCode).toBe(204);
    expect((await person.call('GET', '/api/v1/families')).json().code).toBe('FORBIDDEN');
    expect((await person.call('GET', '/api/v1/fleet')).statusCode).toBe(200);
    const log = await administrator.call('GET', '/api/v1/duties/changes');
    expect(dutyChangesPageSchema.parse(log.json()).items).toMatchObject([
      { kind: 'duty-ended', duty: 'worker', name: 'Lan', about: 'Lan', of: 'Hội Bảo vệ quyền trẻ em' },
      { kind: 'duty-given', duty: 'operator', of: 'VNPT' },
      { kind: 'duty-given', duty: 'worker' },
    ]);
  });

  test('names organisations, each name once', async () => {
    const made = await administrator.call('POST', '/api/v1/organisations', { name: ' Trung tâm 111 ' });
    expect(made.statusCode).toBe(201);
    const { id } = made.json();
    for (const name of ['Trung tâm 111', 'Hội Bảo vệ quyền trẻ em']) {
      const again = await administrator.call('POST', '/api/v1/organisations', { name });
      expect(again.json().code).toBe('NAME_TAKEN');
    }
    const rename = (to: string, which = id) =>
      administrator.call('PATCH', `/api/v1/organisations/${which}`, { name: to });
    expect((await rename('Hội Bảo vệ quyền trẻ em')).json().code).toBe('NAME_TAKEN');
    expect((await rename('Trung tâm 112')).json()).toEqual({ id, name: 'Trung tâm 112' });
    expect((await rename('Trung tâm 113', newId())).json().code).toBe('NOT_FOUND');
    const list = await administrator.call('GET', '/api/v1/organisations');
    expect(organisationListSchema.parse(list.json())).toMatchObject({
      items: [{ name: 'Hội Bảo vệ quyền trẻ em' }, { name: 'Trung tâm 112' }],
      isps: ['VNPT'],
    });
  });

  test('is told when nobody has the email, or there is no such organisation or provider', async () => {
    expect((await give({ ...worker(), email: 'nobody@example.vn' })).json().code).toBe('ACCOUNT_UNKNOWN');
    expect((await give({ ...worker(), organisation: newId() })).json().code).toBe('INVALID_INPUT');
    expect((await give({ kind: 'operator', email: person.email, isp: 'X' })).json().code).toBe(
      'INVALID_INPUT',
    );
    expect((await administrator.call('DELETE', `/api/v1/duties/${newId()}`)).json().code).toBe('NOT_FOUND');
  });

  test('makes no administrator, dismisses none, and sees no household', async () => {
    for (const body of [
      { kind: 'administrator', email: person.email },
      { ...worker(), kind: 'administrator' },
      { ...worker(), kind: ['worker', 'administrator'] },
    ]) {
      expect((await give(body)).json().code).toBe('INVALID_INPUT');
    }
    const other = await makeAdministrator(cloud);
    const duties = dutyPageSchema.parse((await administrator.call('GET', '/api/v1/duties')).json());
    for (const { id, kind } of duties.items.filter((duty) => duty.kind === 'administrator')) {
      const response = await administrator.call('DELETE', `/api/v1/duties/${id}`);
      expect(response.json().code, kind).toBe('FORBIDDEN');
    }
    expect((await other.call('GET', '/api/v1/duties')).statusCode).toBe(200);
    const household = await administrator.call('GET', `/api/v1/households/${person.household}`);
    expect(household.json().code).toBe('NOT_FOUND');
    expect((await administrator.call('GET', '/api/v1/fleet')).json().code).toBe('FORBIDDEN');
    expect((await administrator.call('GET', '/api/v1/families')).json().code).toBe('FORBIDDEN');
  });

  test('reads duties page by page', async () => {
    for (let i = 0; i < 3; i += 1) await makeWorker(cloud, organisation);
    const first = dutyPageSchema.parse((await administrator.call('GET', '/api/v1/duties?limit=3')).json());
    const rest = await administrator.call('GET', `/api/v1/duties?limit=3&before=${first.next}`);
    const second = dutyPageSchema.parse(rest.json());
    expect([first.items.length, second.items.length, second.next]).toEqual([3, 1, null]);
  });
});

test('nobody becomes more by what they send', async () => {
  const more = {
    role: 'administrator',
    kind: 'administrator',
    duty: 'administrator',
    duties: ['administrator'],
  };
  await person.patch('', { name: 'Nhà', ...more });
  await person.call('PATCH', '/api/v1/account', { name: 'Lan', ...more });
  expect((await give(worker(), person)).json().code).toBe('FORBIDDEN');
  expect((await person.call('GET', '/api/v1/account/duties')).json()).toEqual({ items: [] });
  const duties = await cloud.store.db.selectFrom('duty').select('account').execute();
  expect(duties).toEqual([{ account: administrator.account }]);
});

describe('the command on the server', () => {
  const onServer = () => ({ by: null, now: cloud.now });

  test('makes the first administrator and dismisses any', async () => {
    const email = person.email;
    await cloud.store.transaction((trx) => appoint(trx, { kind: 'administrator', email }, onServer()));
    const log = await person.call('GET', '/api/v1/duties/changes');
    expect(dutyChangesPageSchema.parse(log.json()).items).toMatchObject([
      { duty: 'administrator', name: '' },
    ]);
    await cloud.store.transaction(async (trx) =>
      dismiss(trx, await findAdministrator(trx, email), onServer()),
    );
    expect((await person.call('GET', '/api/v1/duties')).json().code).toBe('FORBIDDEN');
  });

  test('knows accounts by their email', async () => {
    const nobody = { kind: 'administrator', email: 'nobody@example.vn' } as const;
    await expect(cloud.store.transaction((trx) => appoint(trx, nobody, onServer()))).rejects.toMatchObject({
      code: 'ACCOUNT_UNKNOWN',
    });
    await expect(findAdministrator(cloud.store.db, person.email)).rejects.toMatchObject({
      code: 'ACCOUNT_UNKNOWN',
    });
  });
});
