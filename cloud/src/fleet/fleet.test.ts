import { newId } from '@khien/shared/id';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { auditPageSchema } from '../audit/schema.ts';
import { type Parent, TestCloud } from '../cloud.fixture.ts';
import { makeOperator } from '../rights/people.fixture.ts';
import { fleetPageSchema } from './schema.ts';

let cloud: TestCloud;
let operator: Parent;
beforeEach(async () => {
  cloud = await TestCloud.start();
  operator = await makeOperator(cloud, 'VNPT');
});
afterEach(() => cloud.stop());

/** A family with a router of a provider, or with one that it bought. */
async function familyWith(
  isp: string | null,
  health: object = {},
): Promise<{ family: Parent; router: string }> {
  const family = await cloud.signUp();
  const router = await cloud.claimRouter(family);
  await cloud.store.db
    .updateTable('router')
    .set({ isp, ...health })
    .where('id', '=', router)
    .execute();
  return { family, router };
}

const pageOf = async (query = '', who = operator) =>
  fleetPageSchema.parse((await who.call('GET', `/api/v1/fleet/routers${query}`)).json());
const idsOf = async (query: string) => (await pageOf(query)).items.map(({ id }) => id);

test('an operator sees how the own provider’s routers are, and nothing of whose they are', async () => {
  const { family, router } = await familyWith('VNPT');
  await family.addChild();
  await cloud.findDevice(family, router, '3c:22:fb:00:00:01', 'ipad-cua-mai');
  const { router: foreign } = await familyWith('FPT');
  const { router: bought } = await familyWith(null);

  const response = await operator.call('GET', '/api/v1/fleet/routers');
  for (const secret of [
    family.household,
    'Nhà',
    'Mai',
    'Lan',
    'ipad',
    '3c:22',
    family.email,
    foreign,
    bought,
  ]) {
    expect(response.body.includes(secret), secret).toBe(false);
  }
  expect(fleetPageSchema.parse(response.json())).toEqual({
    items: [
      {
        id: router,
        model: 'Test router',
        daemon: '0.1.0',
        online: false,
        lastSeenAt: null,
        enforcement: null,
        documents: {
          policy: 'none',
          contacts: { inForce: null, issued: 1 },
          lists: { inForce: null, issued: 1 },
        },
        refusal: null,
      },
    ],
    next: null,
  });
  expect((await operator.call('GET', '/api/v1/fleet')).json()).toEqual({
    isp: 'VNPT',
    routers: 1,
    offline: 1,
    outdated: 1,
    failing: 0,
    daemons: [{ daemon: '0.1.0', routers: 1 }],
  });
});

test('an operator who looks again and again does not see that a family changes its rules', async () => {
  const { family, router } = await familyWith('VNPT');
  const child = await family.addChild();
  const { db } = cloud.store;
  /** Once the router has what was issued. */
  const seen = async () => {
    const policy = db.selectFrom('document').select('version').where('router', '=', router);
    const inForce = policy.where('kind', '=', 'policy');
    await db.updateTable('router').set({ policy_in_force: inForce }).where('id', '=', router).execute();
    return (await operator.call('GET', '/api/v1/fleet/routers')).body;
  };
  const before = await seen();
  for (const minutes of [5, 10]) {
    await family.put(`/profiles/${child}/pause`, { minutes });
    expect(await seen()).toBe(before);
  }
});

test('the family reads that its router was looked at, once an hour', async () => {
  const { family } = await familyWith('VNPT');
  await pageOf();
  await pageOf();
  const { items } = auditPageSchema.parse((await family.get('/audit')).json());
  expect(items.filter(({ kind }) => kind === 'looked')).toMatchObject([
    { actingAs: 'operator', look: 'router', organisation: 'VNPT', name: 'Lan' },
  ]);
});

test('filters find the offline, the outdated and the failing, and a version', async () => {
  const inForce = { policy_in_force: 1, contacts_in_force: 1, lists_in_force: 1 };
  const well = { connection: 'x', enforcement: 'enforcing', ...inForce };
  const { router: fine } = await familyWith('VNPT', well);
  const { router: offline } = await familyWith('VNPT', { ...well, connection: null });
  const { router: outdated } = await familyWith('VNPT', { ...well, policy_in_force: 0, daemon: '0.0.9' });
  const { router: broken } = await familyWith('VNPT', { ...well, enforcement: 'KERNEL_TOO_OLD' });
  const refused = { policy_in_force: 0, refusal_code: 'POLICY_TOO_LARGE', refusal_at: cloud.now };
  const { router: refusing } = await familyWith('VNPT', { ...well, ...refused });
  expect(await idsOf('')).toEqual([fine, offline, outdated, broken, refusing]);
  expect(await idsOf('?standing=offline')).toEqual([offline]);
  expect(await idsOf('?standing=outdated')).toEqual([outdated, refusing]);
  expect(await idsOf('?standing=failing')).toEqual([broken, refusing]);
  expect(await idsOf('?daemon=0.0.9')).toEqual([outdated]);
  expect((await pageOf('?standing=failing')).items.map(({ refusal }) => refusal)).toEqual([
    null,
    'POLICY_TOO_LARGE',
  ]);
  expect((await operator.call('GET', '/api/v1/fleet')).json()).toMatchObject({
    routers: 5,
    offline: 1,
    outdated: 2,
    failing: 2,
    daemons: [
      { daemon: '0.1.0', routers: 4 },
      { daemon: '0.0.9', routers: 1 },
    ],
  });
});

test('pages follow each other, each router once', async () => {
  for (let i = 0; i < 5; i += 1) await familyWith('VNPT');
  const seen: string[] = [];
  let next: string | null = '';
  while (next !== null) {
    const page = await pageOf(`?limit=2${next === '' ? '' : `&after=${next}`}`);
    seen.push(...page.items.map(({ id }) => id));
    next = page.next;
  }
  expect(seen).toHaveLength(5);
  expect(seen).toEqual([...new Set(seen)].sort());
});

test('an operator who guesses a household, or asks for another provider, gets nothing', async () => {
  const { family, router } = await familyWith('VNPT');
  await familyWith('FPT');
  for (const path of ['', '/activity', '/rules', '/shared', '/requests', '/audit', '/stream', '/consents']) {
    const response = await operator.call('GET', `/api/v1/households/${family.household}${path}`);
    expect(response.json(), path).toMatchObject({ code: 'NOT_FOUND', detail: 'there is no such household' });
  }
  const removal = await operator.call('DELETE', `/api/v1/households/${family.household}/routers/${router}`);
  expect(removal.json().code).toBe('NOT_FOUND');
  expect(await idsOf('?isp=FPT')).toEqual([router]);
  for (const query of ['?standing=x', '?after=x', '?limit=0', '?limit=101', `?daemon=${'x'.repeat(40)}`]) {
    const response = await operator.call('GET', `/api/v1/fleet/routers${query}`);
    expect(response.json().code, query).toBe('INVALID_INPUT');
  }
  expect(await idsOf(`?after=${newId()}`)).toEqual([]);
});

test('an operator of a provider without routers has an empty fleet', async () => {
  const other = await makeOperator(cloud, 'Viettel');
  expect(await pageOf('', other)).toEqual({ items: [], next: null });
  expect((await other.call('GET', '/api/v1/fleet')).json()).toEqual({
    isp: 'Viettel',
    routers: 0,
    offline: 0,
    outdated: 0,
    failing: 0,
    daemons: [],
  });
});
