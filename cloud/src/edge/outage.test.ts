import { noDocuments } from '@khien/shared/document';
import { KhienError } from '@khien/shared/error';
import type { Instant } from '@khien/shared/id';
import { type State, topics } from '@khien/shared/topic';
import { afterEach, expect, test, vi } from 'vitest';
import {
  documentsOf,
  helloOf,
  outcome,
  publish,
  publishEvents,
  routerEvent,
  type TestEdge,
  testEdge,
} from './edge.fixture.ts';

/** A store that does not answer for a while. */
let home: TestEdge;
let gone: boolean;
/** Of the states that were written. */
let applied: Instant[];
afterEach(() => home.stop());

const unavailable = () => Promise.reject(new KhienError('STORE_UNAVAILABLE', 'the database does not answer'));

async function start(): Promise<void> {
  gone = false;
  applied = [];
  home = await testEdge({
    ingest: (real) => ({
      ingest: (...args) => real.ingest(...args),
      ingestMany: (batches) => (gone ? unavailable() : real.ingestMany(batches)),
      applyStates: (told) => {
        if (gone) return unavailable();
        applied.push(...told.map(({ state }) => state.at));
        return real.applyStates(told);
      },
      applyHellos: (told) => (gone ? unavailable() : real.applyHellos(told)),
    }),
  });
}

const stored = async () => (await home.store.db.selectFrom('event').select('id').execute()).length;
const settled = () => new Promise((resolve) => setTimeout(resolve, 300));

test('what routers publish meanwhile is not acknowledged, and is within seconds of its return, on the same connection', async () => {
  await start();
  const routers = await Promise.all(Array.from({ length: 5 }, () => home.enrolled()));
  const clients = await Promise.all(routers.map((router) => home.connected(router)));
  gone = true;
  let acknowledged = 0;
  const done = routers.map(async (router, index) => {
    const client = clients[index];
    if (client === undefined) return;
    await publishEvents(client, router.id, [routerEvent()]);
    acknowledged += 1;
  });
  await settled();
  expect(acknowledged).toBe(0);
  gone = false;
  const since = performance.now();
  await Promise.all(done);
  expect(performance.now() - since).toBeLessThan(5000);
  expect(await stored()).toBe(5);
  expect(clients.every(({ connected }) => connected)).toBe(true);
});

test('a hello and a new router wait for it too', async () => {
  await start();
  const [early, late] = [await home.enrolled(), await home.enrolled()];
  const client = await home.connected(early);
  const received = documentsOf(client);
  gone = true;
  const greeted = publish(client, topics.hello(early.id), JSON.stringify(helloOf()));
  const { db } = home.store;
  const asked = vi.spyOn(db, 'selectFrom');
  asked.mockImplementation(() => {
    throw new KhienError('STORE_UNAVAILABLE', 'the database does not answer');
  });
  const entering = outcome(home.open(late));
  await settled();
  expect(received).toEqual([]);
  gone = false;
  asked.mockRestore();
  expect(await entering).toBe('connected');
  await greeted;
  await vi.waitFor(() => expect(received).toHaveLength(3));
});

const stateOf = (at: Instant): string => {
  const state: State = {
    at,
    timeSource: 'ntp',
    daemon: '0.1.0',
    inForce: noDocuments,
    enforcement: 'enforcing',
    devices: [],
    usage: [],
    lists: null,
  };
  return JSON.stringify(state);
};

test('a state of a connection that has ended meanwhile is not written after all', async () => {
  await start();
  const [moved, staying] = [await home.enrolled(), await home.enrolled()];
  const [old, steady] = [await home.connected(moved), await home.connected(staying)];
  gone = true;
  const lost = publish(old, topics.state(moved.id), stateOf(1)).catch(() => 'lost');
  const kept = publish(steady, topics.state(staying.id), stateOf(2));
  await settled();
  const again = await home.connected(moved);
  expect(await lost).toBe('lost');
  gone = false;
  await kept;
  await publish(again, topics.state(moved.id), stateOf(3));
  expect(applied).toEqual([2, 3]);
});
