import { afterEach, beforeEach, expect, test } from 'vitest';
import { type TemporaryStore, temporaryStore } from '../documents/home.fixture.ts';
import { queryOnce } from '../store/postgres-server.fixture.ts';
import { type Duty, Leadership } from './leadership.ts';
import { DatabaseSession } from './session.ts';

const silent = { info: () => undefined, warn: () => undefined, error: () => undefined };

let temporary: TemporaryStore;
let stops: (() => Promise<void>)[];
beforeEach(async () => {
  temporary = await temporaryStore();
  stops = [];
});
afterEach(async () => {
  for (const stop of stops) await stop();
  await temporary.remove();
});

async function node() {
  const session = new DatabaseSession(temporary.location);
  const work = { running: false, started: 0 };
  const duty: Duty = {
    start: () => {
      work.running = true;
      work.started += 1;
    },
    stop: () => {
      work.running = false;
      return Promise.resolve();
    },
  };
  const leadership = new Leadership(session, [duty]);
  await session.start(silent);
  leadership.start(silent);
  stops.push(async () => {
    await leadership.stop();
    await session.stop();
  });
  return { work, leadership, duty };
}

const WAIT = { timeout: 10_000 };

test('one of many does the work, and another goes on when it stops or loses its session', async () => {
  const all = [await node(), await node(), await node()];
  const running = () => all.filter(({ work }) => work.running);
  await expect.poll(running).toHaveLength(1);
  const [first] = running();

  await first?.leadership.again(first.duty);
  expect(first?.work).toEqual({ running: true, started: 2 });
  const idle = all.find(({ work }) => !work.running);
  await idle?.leadership.again(idle.duty);
  expect(idle?.work).toEqual({ running: false, started: 0 });

  await first?.leadership.stop();
  expect(first?.work.running).toBe(false);
  await expect.poll(running, WAIT).toHaveLength(1);
  const [second] = running();
  expect(second).not.toBe(first);

  await queryOnce(
    temporary.location,
    `select pg_terminate_backend(pid) from pg_locks where locktype = 'advisory'
     and database = (select oid from pg_database where datname = current_database())`,
  );
  await expect.poll(() => all.reduce((sum, { work }) => sum + work.started, 0), WAIT).toBeGreaterThan(3);
  await expect.poll(running, WAIT).toHaveLength(1);
});
