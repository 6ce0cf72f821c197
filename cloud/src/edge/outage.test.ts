import { KhienError } from '@khien/shared/error';
import { topics } from '@khien/shared/topic';
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
afterEach(() => home.stop());

const unavailable = () => Promise.reject(new KhienError('STORE_UNAVAILABLE', 'the database does not answer'));

async function start(): Promise<void> {
  gone = false;
  home = await testEdge({
    ingest: (real) => ({
      ingest: (...args) => real.ingest(...args),
      ingestMany: (batches) => (gone ? unavailable() : real.ingestMany(batches)),
      applyState: (...args) => (gone ? unavailable() : real.applyState(...args)),
      applyStates: (told) => (gone ? unavailable() : real.applyStates(told)),
      hello: (...args) => (gone ? unavailable() : real.hello(...args)),
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
