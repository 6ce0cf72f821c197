import { expect, test } from 'vitest';
import { TestCloud } from '../cloud.fixture.ts';
import { join } from '../rights/people.fixture.ts';
import { auditPageSchema } from './schema.ts';

test('what members change of who may is in the log that all of them read', async () => {
  const cloud = await TestCloud.start();
  const owner = await cloud.signUp();
  const [carer, invited] = [await cloud.signUp(), await cloud.signUp()];
  await join(cloud, carer, owner.household, 'viewer');
  const router = await cloud.claimRouter(owner);
  await owner.patch(`/members/${carer.account}`, { role: 'carer' });
  const { token } = (await owner.post('/invitations', { role: 'viewer' })).json();
  await invited.call('POST', '/api/v1/invitations/acceptance', { token });
  await owner.delete(`/members/${invited.account}`);
  await owner.delete(`/routers/${router}`);

  const log = await carer.call('GET', `/api/v1/households/${owner.household}/audit`);
  const { items } = auditPageSchema.parse(log.json());
  expect(items.map(({ kind, actingAs }) => `${kind} by a ${actingAs}`)).toEqual([
    'router-removed by a member',
    'member-removed by a member',
    'member-added by a member',
    'member-changed by a member',
    'router-added by a member',
  ]);
  expect(items.every(({ name, about }) => name === 'Lan' && about !== null)).toBe(true);
  await cloud.stop();
});
