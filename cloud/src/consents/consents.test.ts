import { newId } from '@khien/shared/id';
import { DAY, MINUTE } from '@khien/shared/policy';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { auditPageSchema } from '../audit/schema.ts';
import { type Parent, TestCloud } from '../cloud.fixture.ts';
import {
  join,
  makeAdministrator,
  makeOrganisation,
  makeWorker,
  type Worker,
} from '../rights/people.fixture.ts';
import { consentViewSchema, familyListSchema, sharedSchema } from './schema.ts';

let cloud: TestCloud;
let family: Parent;
let worker: Worker;
beforeEach(async () => {
  cloud = await TestCloud.start();
  family = await cloud.signUp();
  worker = await makeWorker(cloud, await makeOrganisation(cloud));
});
afterEach(() => cloud.stop());

const consenting = (more: object = {}) => ({
  code: worker.code,
  scope: ['activity'],
  days: 30,
  childrenAgree: true,
  ...more,
});
const give = async (more: object = {}) =>
  consentViewSchema.parse((await family.post('/consents', consenting(more))).json());
/** What a worker gets at the family's address. */
const asks = async (path: string, who: Parent = worker.person) => {
  const response = await who.call('GET', `/api/v1/households/${family.household}${path}`);
  return response.statusCode === 200 ? 'seen' : response.json().code;
};
const log = async () => auditPageSchema.parse((await family.get('/audit')).json()).items;

describe('a consent', () => {
  test('lets the worker see what it names, and the family sees to whom, what and until when', async () => {
    await family.addChild();
    expect((await family.post('/consents/worker', { code: worker.code.toLowerCase() })).json()).toEqual({
      name: 'Lan',
      organisation: 'Hội Bảo vệ quyền trẻ em',
    });
    expect(await asks('/shared')).toBe('NOT_FOUND');
    const given = await give({ scope: ['requests', 'activity', 'activity'] });
    expect(given).toMatchObject({ worker: 'Lan', scope: ['activity', 'requests'], givenBy: 'Lan' });
    expect(given.until - given.from).toBe(30 * DAY);
    expect((await family.get('/consents')).json()).toEqual({ items: [given] });

    for (const path of ['/shared', '/activity', '/requests']) expect(await asks(path)).toBe('seen');
    for (const path of ['', '/rules', '/holidays', '/consents', '/audit', '/proposals']) {
      expect(await asks(path), path).toBe('FORBIDDEN');
    }
    const shared = await worker.person.call('GET', `/api/v1/households/${family.household}/shared`);
    expect(sharedSchema.parse(shared.json())).toEqual({
      id: family.household,
      name: 'Nhà',
      zone: 'Asia/Ho_Chi_Minh',
      scope: ['activity', 'requests'],
      until: given.until,
      children: [{ id: expect.any(String), name: 'Mai', ageBand: '9-11' }],
    });
    const families = familyListSchema.parse((await worker.person.call('GET', '/api/v1/families')).json());
    expect(families).toEqual({
      organisation: 'Hội Bảo vệ quyền trẻ em',
      code: worker.code,
      items: [
        {
          household: family.household,
          name: 'Nhà',
          zone: 'Asia/Ho_Chi_Minh',
          scope: ['activity', 'requests'],
          until: given.until,
        },
      ],
    });
  });

  test('ends at its end, and nothing is left of it', async () => {
    await give({ days: 1 });
    cloud.now += DAY - 1;
    expect(await asks('/activity')).toBe('seen');
    cloud.now += 1;
    expect(await asks('/activity')).toBe('NOT_FOUND');
    expect((await family.get('/consents')).json()).toEqual({ items: [] });
    expect((await worker.person.call('GET', '/api/v1/families')).json().items).toEqual([]);
  });

  test('ends when the family says so, at once', async () => {
    const { id } = await give();
    expect((await family.delete(`/consents/${id}`)).statusCode).toBe(204);
    expect(await asks('/activity')).toBe('NOT_FOUND');
    expect((await family.delete(`/consents/${id}`)).json().code).toBe('NOT_FOUND');
    expect(
      cloud.announced.filter((change) => 'changed' in change && change.changed === 'rights'),
    ).toHaveLength(2);
  });

  test('with the same worker replaces the one before', async () => {
    await give({ scope: ['activity', 'rules'], days: 90 });
    const second = await give({ scope: ['requests'], days: 7 });
    expect((await family.get('/consents')).json().items).toEqual([second]);
    expect([await asks('/activity'), await asks('/requests')]).toEqual(['FORBIDDEN', 'seen']);
  });

  test('ends with the duty, and the log says so', async () => {
    await give();
    const administrator = await makeAdministrator(cloud);
    const ended = await administrator.call('DELETE', `/api/v1/duties/${worker.duty}`);
    expect(ended.statusCode).toBe(204);
    expect(await asks('/activity')).toBe('NOT_FOUND');
    expect(await log()).toMatchObject([
      { kind: 'consent-ended', actingAs: 'administrator', about: 'Lan, Hội Bảo vệ quyền trẻ em' },
      { kind: 'consent-given', actingAs: 'member' },
    ]);
    const again = await worker.person.call('GET', '/api/v1/families');
    expect(again.json().code).toBe('FORBIDDEN');
  });

  test('has a scope, an end of 90 days at most, and the children’s yes', async () => {
    for (const wrong of [
      { scope: [] },
      { scope: ['everything'] },
      { scope: ['care'] },
      { days: 0 },
      { days: 91 },
      { days: 1.5 },
      { childrenAgree: false },
      { childrenAgree: undefined },
    ]) {
      const response = await family.post('/consents', consenting(wrong));
      expect(response.json().code, JSON.stringify(wrong)).toBe('INVALID_INPUT');
    }
    const grown = consenting({ household: newId(), until: 9e15, role: 'owner', duty: worker.duty });
    expect((await family.post('/consents', grown)).statusCode).toBe(201);
    expect((await family.get('/consents')).json().items[0].until).toBe(cloud.now + 30 * DAY);
  });

  test('is with ten workers at most', async () => {
    const organisation = await makeOrganisation(cloud, 'Trung tâm công tác xã hội');
    for (let i = 0; i < 10; i += 1) {
      const { code } = await makeWorker(cloud, organisation);
      expect((await family.post('/consents', consenting({ code }))).statusCode).toBe(201);
    }
    expect((await family.post('/consents', consenting())).json().code).toBe('LIMIT_REACHED');
  });
});

describe('a code', () => {
  test('that is mistyped or nobody’s names nobody', async () => {
    for (const [code, problem] of [
      ['7GQ2-M0XX', 'WORKER_CODE_INVALID'],
      ['x', 'WORKER_CODE_INVALID'],
      ['0000-0000', 'WORKER_CODE_UNKNOWN'],
    ]) {
      expect((await family.post('/consents/worker', { code })).json().code).toBe(problem);
      expect((await family.post('/consents', consenting({ code }))).json().code).toBe(problem);
    }
  });

  test('is not to be found by trying', async () => {
    let last = '';
    for (let i = 0; i < 21; i += 1) {
      last = (await family.post('/consents/worker', { code: '0000-0000' })).json().code;
    }
    expect(last).toBe('TOO_MANY_REQUESTS');
    expect((await family.post('/consents', consenting())).json().code).toBe('TOO_MANY_REQUESTS');
  });

  test('is typed by owners alone', async () => {
    for (const role of ['carer', 'viewer'] as const) {
      const person = await cloud.signUp();
      await join(cloud, person, family.household, role);
      const at = `/api/v1/households/${family.household}/consents`;
      expect((await person.call('POST', at, consenting())).json().code).toBe('FORBIDDEN');
      expect((await person.call('POST', `${at}/worker`, { code: worker.code })).json().code).toBe(
        'FORBIDDEN',
      );
      expect((await person.call('GET', at)).statusCode).toBe(200);
    }
  });
});

describe('the log', () => {
  test('says who looked at what, once an hour, and not that members did', async () => {
    await give({ scope: ['activity', 'rules'] });
    for (let i = 0; i < 3; i += 1) await asks('/activity');
    await family.get('/activity');
    await asks('/requests');
    cloud.now += 60 * MINUTE;
    await asks('/activity');
    await asks('/rules');
    expect(
      (await log()).map(({ kind, look, actingAs, at }) => [kind, look, actingAs, cloud.now - at]),
    ).toEqual([
      ['looked', 'rules', 'worker', 0],
      ['looked', 'activity', 'worker', 0],
      ['looked', 'activity', 'worker', 60 * MINUTE],
      ['consent-given', null, 'member', 60 * MINUTE],
    ]);
    const [first] = await log();
    expect(first).toMatchObject({ name: 'Lan', organisation: 'Hội Bảo vệ quyền trẻ em', about: null });
  });

  test('has that a worker was shown the list of families, in which each one’s name is', async () => {
    await give();
    const stranger = await cloud.signUp();
    for (let i = 0; i < 2; i += 1) await worker.person.call('GET', '/api/v1/families');
    expect(await log()).toMatchObject([
      { kind: 'looked', look: 'family', actingAs: 'worker', name: 'Lan' },
      { kind: 'consent-given' },
    ]);
    expect((await stranger.get('/audit')).json().items).toEqual([]);
  });

  test('is read page by page', async () => {
    for (let i = 0; i < 5; i += 1) await give();
    const seen: string[] = [];
    let next: string | null = '';
    while (next !== null) {
      const response = await family.get(`/audit?limit=2${next === '' ? '' : `&before=${next}`}`);
      const page = auditPageSchema.parse(response.json());
      seen.push(...page.items.map(({ id }) => id));
      next = page.next;
    }
    expect(seen).toHaveLength(5);
    expect(seen).toEqual([...new Set(seen)].sort().reverse());
  });

  test('nothing is shown when it cannot be written', async () => {
    await give();
    const { schema } = cloud.store.db;
    await schema.alterTable('audit').renameColumn('about', 'gone').execute();
    expect(await asks('/activity')).toBe('UNEXPECTED');
    // The database may be used for another test.
    await schema.alterTable('audit').renameColumn('gone', 'about').execute();
  });
});

describe('a worker', () => {
  test('finds no family by guessing, and none in the answer', async () => {
    const other = await cloud.signUp();
    await give();
    for (const household of [other.household, newId(), 'x', worker.person.household.toLowerCase()]) {
      const response = await worker.person.call('GET', `/api/v1/households/${household}/shared`);
      expect(response.json()).toMatchObject({ code: 'NOT_FOUND', detail: 'there is no such household' });
    }
    for (const query of ['?household=x', '?q=Nhà', '?limit=100']) {
      const response = await worker.person.call('GET', `/api/v1/families${query}`);
      expect(response.json().items).toHaveLength(1);
    }
  });

  test('sees nothing of a child of another family below a family that consented', async () => {
    const other = await cloud.signUp();
    const child = await other.addChild();
    await give();
    expect(await asks(`/profiles/${child}/usage`)).toBe('NOT_FOUND');
    expect(await asks(`/activity?profile=${child}`)).toBe('seen');
  });

  test('cannot consent for the family, nor make the consent longer', async () => {
    const { id } = await give();
    const at = `/api/v1/households/${family.household}/consents`;
    const all = { scope: ['activity', 'rules', 'requests'], days: 90 };
    expect((await worker.person.call('POST', at, consenting(all))).json().code).toBe('FORBIDDEN');
    expect((await worker.person.call('DELETE', `${at}/${id}`)).json().code).toBe('FORBIDDEN');
    expect((await worker.person.delete(`/consents/${id}`)).json().code).toBe('NOT_FOUND');
  });

  test('who is a member of the family is asked as a member', async () => {
    await join(cloud, worker.person, family.household, 'viewer');
    await give();
    expect(await asks('')).toBe('seen');
    expect(await log()).toMatchObject([{ kind: 'consent-given' }]);
  });
});

test('erasing a household takes its consents and its log along', async () => {
  await give();
  await asks('/activity');
  const { db } = cloud.store;
  await db.deleteFrom('household').where('id', '=', family.household).execute();
  expect(await db.selectFrom('consent').selectAll().execute()).toEqual([]);
  expect(await db.selectFrom('audit').selectAll().execute()).toEqual([]);
});
