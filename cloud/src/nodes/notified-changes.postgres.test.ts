import { newId } from '@khien/shared/id';
import { afterEach, beforeEach, expect, test } from 'vitest';
import type { Change, HouseholdChange } from '../changes.ts';
import { type TemporaryStore, temporaryStore } from '../documents/home.fixture.ts';
import { queryOnce } from '../store/postgres-server.fixture.ts';
import { NotifiedChanges } from './notified-changes.ts';
import { DatabaseSession } from './session.ts';

const silent = { info: () => undefined, warn: () => undefined };

let temporary: TemporaryStore;
let sessions: DatabaseSession[];
beforeEach(async () => {
  temporary = await temporaryStore();
  sessions = [];
});
afterEach(async () => {
  for (const session of sessions) await session.stop();
  await temporary.remove();
});

async function node() {
  const session = new DatabaseSession(temporary.location);
  sessions.push(session);
  const changes = new NotifiedChanges(session, newId());
  const heard: Change[] = [];
  let missed = 0;
  changes.onRouter((change) => heard.push(change));
  changes.onConnected((change) => heard.push(change));
  changes.onMissed(() => {
    missed += 1;
  });
  await session.start(silent);
  return { changes, heard, missed: () => missed };
}

const cutListeners = () =>
  queryOnce(
    temporary.location,
    `select pg_terminate_backend(pid) from pg_stat_activity
     where datname = current_database() and (query ilike '%listen%' or query ilike '%notify%') and pid <> pg_backend_pid()`,
  );

test('what one node announces is heard once on each, at once on its own', async () => {
  const [a, b, c] = [await node(), await node(), await node()];
  const household = newId();
  const pages: HouseholdChange[] = [];
  b.changes.onHousehold(household, (change) => pages.push(change));
  const router: Change = { router: newId(), document: 'policy' };
  const connected: Change = { router: newId(), connection: 'x' };
  a.changes.announce(router);
  expect(a.heard).toEqual([router]);
  a.changes.announce(connected);
  a.changes.announce({ household, changed: 'home' });
  a.changes.announce({ household: newId(), changed: 'home' });
  a.changes.announce({ household, changed: 'home' });
  await expect.poll(() => pages).toEqual([{ household, changed: 'home' }]);
  await expect.poll(() => c.heard).toEqual([router, connected]);
  expect(b.heard).toEqual([router, connected]);
  expect(a.heard).toEqual([router, connected]);
});

test('thousands at once come in a few notifications, all of them', async () => {
  const [a, b] = [await node(), await node()];
  const routers = Array.from({ length: 3000 }, () => newId());
  for (const router of routers) a.changes.announce({ router, document: 'lists' });
  await a.changes.sent();
  await expect.poll(() => b.heard.length).toBe(3000);
  expect(b.heard).toEqual(routers.map((router) => ({ router, document: 'lists' })));
});

test('when the session is cut, what is announced meanwhile arrives, and every listener is told to read again', async () => {
  const [a, b] = [await node(), await node()];
  const household = newId();
  const pages: HouseholdChange[] = [];
  b.changes.onHousehold(household, (change) => pages.push(change));
  await cutListeners();
  const router: Change = { router: newId(), document: 'policy' };
  a.changes.announce(router);
  // Either it came after `b` listened again, or `b` knows that it may have missed it.
  await expect.poll(() => b.missed()).toBe(1);
  await expect.poll(() => a.missed()).toBe(1);
  expect(pages.map(({ changed }) => changed)).toEqual(
    expect.arrayContaining(['home', 'activity', 'requests']),
  );
  const later: Change = { router: newId(), document: 'policy' };
  a.changes.announce(later);
  await expect.poll(() => b.heard).toContainEqual(later);
});

test('more than is kept for a lost session is told as missed', async () => {
  const [a, b] = [await node(), await node()];
  for (let n = 0; n < 10_050; n += 1) a.changes.announce({ router: newId(), document: 'lists' });
  await expect.poll(() => b.heard.length, { timeout: 10_000 }).toBe(10_000);
  expect(b.missed()).toBe(1);
});

test('what is no announcement of this version makes everybody read again', async () => {
  const a = await node();
  await queryOnce(
    temporary.location,
    `select pg_notify('khien_changes', '{"node":"x","changes":[{"tenant":1}]}')`,
  );
  await expect.poll(() => a.missed()).toBe(1);
});
