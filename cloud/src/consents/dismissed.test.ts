import { afterAll, beforeAll, expect, test } from 'vitest';
import { type Parent, TestCloud } from '../cloud.fixture.ts';
import { makeAdministrator, makeOrganisation, makeWorker } from '../rights/people.fixture.ts';

let cloud: TestCloud;
let family: Parent;
let administrator: Parent;
beforeAll(async () => {
  cloud = await TestCloud.start();
  family = await cloud.signUp();
  administrator = await makeAdministrator(cloud);
});
afterAll(() => cloud.stop());

const ROUNDS = 12;

test('a duty that ends while consents to it are given and ended leaves none, and each is told of once', async () => {
  const organisation = await makeOrganisation(cloud);
  const codes = new Set<string>();
  for (let round = 0; round < ROUNDS; round += 1) {
    const { code, duty } = await makeWorker(cloud, organisation);
    const wanted = { code, scope: ['activity'], days: 30, childrenAgree: true };
    const earlier = round % 2 === 0 ? (await family.post('/consents', wanted)).json().id : undefined;
    const [changed, ended] = await Promise.all([
      earlier === undefined ? family.post('/consents', wanted) : family.delete(`/consents/${earlier}`),
      administrator.call('DELETE', `/api/v1/duties/${duty}`),
    ]);
    expect(ended.statusCode).toBe(204);
    codes.add(changed.statusCode < 300 ? 'done' : changed.json().code);
  }
  expect([...codes].filter((one) => !['done', 'NOT_FOUND', 'WORKER_CODE_UNKNOWN'].includes(one))).toEqual([]);
  expect(await cloud.store.db.selectFrom('consent').select('id').execute()).toEqual([]);
  const told = await cloud.store.db
    .selectFrom('audit')
    .select('kind')
    .where('household', '=', family.household)
    .execute();
  const count = (kind: string) => told.filter((line) => line.kind === kind).length;
  expect(count('consent-ended')).toBe(count('consent-given'));
});
