import type { EventOf } from '@khien/shared/event';
import { type Id, newId } from '@khien/shared/id';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { type Parent, TestCloud } from '../cloud.fixture.ts';

const PHONE = '3c:22:fb:00:00:01';

let cloud: TestCloud;
let parent: Parent;
let router: Id;
let phone: Id;
beforeEach(async () => {
  cloud = await TestCloud.start();
  parent = await cloud.signUp();
  router = await cloud.claimRouter(parent);
  phone = await cloud.findDevice(parent, router, PHONE);
  cloud.announced.length = 0;
});
afterEach(() => cloud.stop());

const changed = (change: Partial<EventOf<'device-changed'>> = {}) =>
  cloud.ingest.ingest(router, [
    {
      id: newId(),
      at: cloud.now,
      timeSource: 'ntp',
      kind: 'device-changed',
      mac: PHONE,
      evidence: ['fingerprint'],
      ...change,
    },
  ]);
const alerts = async () => (await parent.home()).alerts;

test('an address that something else uses is one alert, which grows', async () => {
  await changed();
  cloud.now += 1000;
  await changed({ evidence: ['two-places'] });
  expect(await alerts()).toEqual([
    {
      id: expect.any(String),
      kind: 'device-changed',
      mac: PHONE,
      device: phone,
      evidence: ['fingerprint', 'two-places'],
      at: cloud.now,
    },
  ]);
  cloud.announced.length = 0;
  await changed({ at: cloud.now - 500 });
  expect(cloud.announced).toEqual([]);
});

test('of addresses that the household does not have nothing is said', async () => {
  await changed({ mac: '02:00:00:00:00:99' });
  expect(await alerts()).toEqual([]);
});

test('it is dismissed by a parent of the household alone, and comes again when it happens again', async () => {
  await changed();
  const [alert] = await alerts();
  const theirs = await cloud.signUp();
  expect((await theirs.delete(`/alerts/${alert?.id}`)).statusCode).toBe(404);
  const both = await Promise.all([
    parent.delete(`/alerts/${alert?.id}`),
    parent.delete(`/alerts/${alert?.id}`),
  ]);
  expect(both.map(({ statusCode }) => statusCode).sort()).toEqual([204, 404]);
  expect(await alerts()).toEqual([]);
  await changed();
  expect(await alerts()).toHaveLength(1);
});
