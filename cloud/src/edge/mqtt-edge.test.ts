import { once } from 'node:events';
import { connect } from 'node:net';
import { openDocument } from '@khien/shared/document';
import { MAX_MESSAGE_BYTES, topics } from '@khien/shared/topic';
import { afterEach, expect, test, vi } from 'vitest';
import {
  closed,
  documentsOf,
  helloOf,
  newP256,
  outcome,
  publish,
  publishEvents,
  routerEvent,
  type TestEdge,
  testEdge,
} from './edge.fixture.ts';

let home: TestEdge;
afterEach(() => home.stop());

const NONE = { policy: 0, contacts: 0, lists: 0 };
const versionsOf = (received: readonly Buffer[]) =>
  received.map((bytes) => {
    const { kind, version } = JSON.parse(bytes.toString()).document;
    return `${kind} ${version}`;
  });

test('events are in the store when PUBACK comes, and a repeat adds nothing', async () => {
  home = await testEdge();
  const router = await home.enrolled();
  const client = await home.connected(router);
  const events = [routerEvent('STARTED'), routerEvent('STORE_REBUILT')];
  await publishEvents(client, router.id, events);
  const stored = () => home.store.db.selectFrom('event').select(['id', 'router', 'household']).execute();
  const expected = events.map(({ id }) => ({ id, router: router.id, household: router.household }));
  expect(await stored()).toEqual(expected);
  await publishEvents(client, router.id, events);
  expect(await stored()).toEqual(expected);
});

test('there is no PUBACK before the commit', async () => {
  let release = () => {};
  const gate = new Promise<void>((resolve) => {
    release = resolve;
  });
  home = await testEdge({
    ingest: (real) => ({
      ingest: (...args) => real.ingest(...args),
      ingestMany: async (batches) => {
        await gate;
        return real.ingestMany(batches);
      },
      applyStates: (told) => real.applyStates(told),
      applyHellos: (told) => real.applyHellos(told),
    }),
  });
  const router = await home.enrolled();
  const client = await home.connected(router);
  let acknowledged = false;
  const done = publishEvents(client, router.id, [routerEvent()]).then(() => {
    acknowledged = true;
  });
  await new Promise((resolve) => setTimeout(resolve, 200));
  expect(acknowledged).toBe(false);
  release();
  await done;
});

test('what the store cannot commit is not acknowledged; the router sends it again', async () => {
  let broken = true;
  home = await testEdge({
    ingest: (real) => ({
      ingest: (...args) => real.ingest(...args),
      ingestMany: (batches) => (broken ? Promise.reject(new Error('disk full')) : real.ingestMany(batches)),
      applyStates: (told) => real.applyStates(told),
      applyHellos: (told) => real.applyHellos(told),
    }),
  });
  const router = await home.enrolled();
  const events = [routerEvent()];
  const client = await home.connected(router);
  await expect(publishEvents(client, router.id, events)).rejects.toThrow('closed before PUBACK');
  broken = false;
  const again = await home.connected(router);
  await publishEvents(again, router.id, events);
  expect(await home.store.db.selectFrom('event').selectAll().execute()).toHaveLength(1);
});

test('a router cannot publish for another, nor elsewhere, nor retained', async () => {
  home = await testEdge();
  const router = await home.enrolled();
  const other = await home.enrolled();
  const payload = JSON.stringify({ events: [routerEvent()] });
  for (const topic of [
    topics.events(other.id),
    topics.document(router.id),
    `khien/v1/${router.id}/up/other`,
    'a/b/c/d/e/f/g/h',
    '$SYS/x',
  ]) {
    const client = await home.connected(router);
    await expect(publish(client, topic, payload)).rejects.toThrow('closed before PUBACK');
  }
  const client = await home.connected(router);
  const ended = closed(client);
  client.publish(topics.events(router.id), payload, { qos: 1, retain: true });
  await ended;
  expect(await home.store.db.selectFrom('event').selectAll().execute()).toEqual([]);
});

test('an event of QoS 2 is in the store when PUBREC comes', async () => {
  home = await testEdge();
  const router = await home.enrolled();
  const client = await home.connected(router);
  const payload = JSON.stringify({ events: [routerEvent()] });
  for (let i = 0; i < 50; i += 1) await client.publishAsync(topics.events(router.id), payload, { qos: 2 });
  expect(await home.store.db.selectFrom('event').selectAll().execute()).toHaveLength(1);
});

test('a hundred events of QoS 2 at once are taken, as some clients send them', async () => {
  home = await testEdge();
  const router = await home.enrolled();
  const client = await home.connected(router);
  const event = (): string => JSON.stringify({ events: [routerEvent()] });
  const send = () => client.publishAsync(topics.events(router.id), event(), { qos: 2 });
  const ended = closed(client);
  const taken = Promise.all(Array.from({ length: 100 }, send)).then(() => 'taken');
  expect(await Promise.race([taken, ended])).toBe('taken');
  expect(await home.store.db.selectFrom('event').selectAll().execute()).toHaveLength(100);
});

test('a router that subscribes to thousands of topics at once is cut off', async () => {
  home = await testEdge();
  const router = await home.enrolled();
  const client = await home.connected(router);
  const ended = closed(client);
  client.subscribe(Array.from({ length: 10_000 }, (_, n) => `a${n}`));
  await ended;
});

test('a router hears its own topics only, and cannot leave a will', async () => {
  home = await testEdge();
  const router = await home.enrolled();
  const other = await home.enrolled();
  const client = await home.connected(router);
  const granted = async (topic: string) => {
    const [grant] = await client.subscribeAsync(topic, { qos: 1 }).catch(() => []);
    return grant?.qos;
  };
  expect(await granted(topics.document(router.id))).toBe(1);
  expect(await granted(`khien/v1/${router.id}/down/#`)).toBe(1);
  for (const topic of [
    topics.document(other.id),
    'khien/v1/+/down/doc',
    '#',
    '$SYS/#',
    `khien/v1/${router.id}/#`,
  ]) {
    expect(await granted(topic)).toBeUndefined();
  }
  const will = { topic: topics.events(router.id), payload: Buffer.from('x'), qos: 1, retain: false } as const;
  expect(await outcome(home.open(router, { will }))).toBe('closed');
});

test('a certificate of another authority, for another key or id, of the server or none at all is refused', async () => {
  home = await testEdge();
  const stranger = await testEdge();
  try {
    const router = await home.enrolled();
    const other = await home.enrolled();
    const { publicKey, privateKey } = newP256();
    const foreign = await stranger.authority.issueRouterCertificate(router.id, publicKey);
    const otherKey = await home.authority.issueRouterCertificate(router.id, publicKey);
    const server = await home.authority.serverCertificate(['localhost']);
    for (const credentials of [
      { cert: foreign, key: privateKey },
      { cert: otherKey, key: privateKey },
      { cert: server.certificate, key: server.privateKey },
      { clientId: other.id },
    ]) {
      expect(await outcome(home.open(router, credentials))).toBe('closed');
    }
    const { key: _key, cert: _cert, ...anonymous } = router.tls;
    expect(await outcome(home.open({ ...router, tls: anonymous }))).toBe('closed');
    expect(await outcome(home.open(router))).toBe('connected');
  } finally {
    await stranger.stop();
  }
});

test('the certificate of a removed router opens nothing any more', async () => {
  home = await testEdge();
  const router = await home.enrolled();
  (await home.connected(router)).end(true);
  await home.store.db.deleteFrom('router').where('id', '=', router.id).execute();
  expect(await outcome(home.open(router))).toBe('closed');
});

test('a router that is removed while connected is cut off', async () => {
  home = await testEdge();
  const router = await home.enrolled();
  const client = await home.connected(router);
  await home.store.db.deleteFrom('router').where('id', '=', router.id).execute();
  const ended = closed(client);
  home.changes.announce({ router: router.id, document: null });
  await ended;
});

test('the answer to hello is every document that the router lacks, signed for it', async () => {
  home = await testEdge();
  const router = await home.enrolled();
  await home.addChild(home.store, router.household, 1);
  const client = await home.connected(router);
  const received = documentsOf(client);
  await client.subscribeAsync(topics.document(router.id), { qos: 1 });
  await publish(client, topics.hello(router.id), JSON.stringify(helloOf()));
  await vi.waitFor(() => expect(received).toHaveLength(3));
  expect(versionsOf(received).sort()).toEqual(['contacts 1', 'lists 1', 'policy 1']);
  for (const bytes of received) openDocument(bytes, { keys: home.trusted, router: router.id, newest: NONE });

  const row = await home.store.db.selectFrom('router').selectAll().executeTakeFirstOrThrow();
  expect(row).toMatchObject({ daemon: '0.1.0', time_source: 'unsynced', policy_in_force: 0 });

  await publish(
    client,
    topics.hello(router.id),
    JSON.stringify(helloOf({ policy: 1, contacts: 1, lists: 1 })),
  );
  await publishEvents(client, router.id, [routerEvent()]);
  expect(received).toHaveLength(3);
});

test('a change is pushed at once, and a burst of changes ends with the newest', async () => {
  home = await testEdge();
  const { store, documents, changes } = home;
  const router = await home.enrolled();
  const { profile } = await home.addChild(store, router.household, 1);
  const client = await home.connected(router);
  const received = documentsOf(client);
  await publish(client, topics.hello(router.id), JSON.stringify(helloOf()));
  await vi.waitFor(() => expect(received).toHaveLength(3));

  const change = async (name: string) => {
    const routers = await store.db.transaction().execute(async (trx) => {
      await trx.updateTable('profile').set({ name }).where('id', '=', profile).execute();
      return documents.rebuild(trx, router.household);
    });
    for (const id of routers) changes.announce({ router: id, document: 'policy' });
  };
  const started = performance.now();
  await change('Lan');
  await vi.waitFor(() => expect(versionsOf(received)).toContain('policy 2'), { interval: 2 });
  expect(performance.now() - started).toBeLessThan(500);

  for (let i = 0; i < 50; i += 1) await change(`Lan ${i}`);
  await vi.waitFor(() => expect(versionsOf(received).at(-1)).toBe('policy 52'));
  const versions = versionsOf(received).filter((name) => name.startsWith('policy'));
  expect(versions).toEqual([...new Set(versions)]);
});

test('a router that is ahead of a restored store is given documents above what it has', async () => {
  home = await testEdge();
  const router = await home.enrolled();
  const client = await home.connected(router);
  const received = documentsOf(client);
  const have = { policy: 17, contacts: 4, lists: 3 };
  await publish(client, topics.hello(router.id), JSON.stringify(helloOf(have)));
  await vi.waitFor(() => expect(received).toHaveLength(3));
  expect(versionsOf(received).sort()).toEqual(['contacts 5', 'lists 4', 'policy 18']);
  for (const bytes of received) openDocument(bytes, { keys: home.trusted, router: router.id, newest: have });
});

test('the newest connection of a router wins, and its presence stays', async () => {
  home = await testEdge();
  const router = await home.enrolled();
  const connection = async () =>
    (await home.store.db.selectFrom('router').select('connection').executeTakeFirstOrThrow()).connection;
  const first = await home.connected(router);
  await vi.waitFor(async () => expect(await connection()).not.toBeNull());
  const before = await connection();
  const replaced = closed(first);
  const second = await home.connected(router);
  await replaced;
  await vi.waitFor(async () => expect(await connection()).not.toBe(before));
  expect(await connection()).not.toBeNull();
  await publishEvents(second, router.id, [routerEvent()]);
  expect(await connection()).not.toBeNull();

  const told = vi.fn();
  home.changes.onHousehold(router.household, told);
  second.end();
  await vi.waitFor(async () => expect(await connection()).toBeNull());
  await vi.waitFor(() => expect(told).toHaveBeenCalledWith({ household: router.household, changed: 'home' }));
});

test('a batch that is no good is acknowledged and recorded; what is good of it is kept', async () => {
  home = await testEdge();
  const router = await home.enrolled();
  const client = await home.connected(router);
  await publish(client, topics.events(router.id), '{"events":');
  const good = routerEvent('GOOD');
  const later = { ...routerEvent(), kind: 'of-a-newer-release' };
  await publish(client, topics.events(router.id), JSON.stringify({ events: [later, good] }));
  const codes = await home.store.db.selectFrom('event').select('payload').orderBy('id').execute();
  expect(codes.map(({ payload }) => JSON.parse(payload).code).sort()).toEqual(['EVENTS_REJECTED', 'GOOD']);
});

test('a hello that cannot be read is answered with everything', async () => {
  home = await testEdge();
  const router = await home.enrolled();
  const client = await home.connected(router);
  const received = documentsOf(client);
  await publish(client, topics.hello(router.id), '{}');
  await vi.waitFor(() => expect(received).toHaveLength(3));
});

test('a message that is too large is cut off at its header and recorded', async () => {
  home = await testEdge();
  const router = await home.enrolled();
  const client = await home.connected(router);
  const large = JSON.stringify({ events: [routerEvent()], padding: 'x'.repeat(2 * MAX_MESSAGE_BYTES) });
  await expect(publish(client, topics.events(router.id), large)).rejects.toThrow('closed before PUBACK');
  await vi.waitFor(async () => {
    const rows = await home.store.db.selectFrom('event').select('payload').execute();
    expect(rows.map(({ payload }) => JSON.parse(payload).code)).toEqual(['MESSAGE_TOO_LARGE']);
  });
});

test('the largest message that is allowed is taken', async () => {
  home = await testEdge();
  const router = await home.enrolled();
  const client = await home.connected(router);
  const events = [routerEvent()];
  const short = JSON.stringify({ events, padding: '' });
  const payload = JSON.stringify({ events, padding: 'x'.repeat(MAX_MESSAGE_BYTES - short.length) });
  await publish(client, topics.events(router.id), payload);
  expect(await home.store.db.selectFrom('event').selectAll().execute()).toHaveLength(1);
});

test('a router that sends too much is slowed down, and nothing of it is lost', async () => {
  home = await testEdge({
    limits: {
      packet: MAX_MESSAGE_BYTES + 256,
      control: 1024,
      packets: { burst: 10, perSecond: 50 },
      bytes: { burst: 1e6, perSecond: 1e6 },
    },
  });
  const router = await home.enrolled();
  const client = await home.connected(router);
  const burst = (count: number) =>
    Promise.all(Array.from({ length: count }, () => publishEvents(client, router.id, [routerEvent()])));
  await burst(40);
  const started = performance.now();
  await burst(10);
  expect(performance.now() - started).toBeGreaterThan(300);
  expect(await home.store.db.selectFrom('event').selectAll().execute()).toHaveLength(50);
});

test('a stop acknowledges what was committed and leaves nobody online', async () => {
  home = await testEdge();
  const router = await home.enrolled();
  const client = await home.connected(router);
  await publishEvents(client, router.id, [routerEvent()]);
  const last = publishEvents(client, router.id, [routerEvent()]).then(
    () => 1,
    () => 0,
  );
  await new Promise((resolve) => setTimeout(resolve, 1));
  await home.edge.stop();
  const acknowledged = 1 + (await last);
  const rows = await home.store.db.selectFrom('event').selectAll().execute();
  expect(rows.length).toBeGreaterThanOrEqual(acknowledged);
  const row = await home.store.db.selectFrom('router').select('connection').executeTakeFirstOrThrow();
  expect(row.connection).toBeNull();
});

test('a port that is taken fails the start, and a connection without a handshake does not hold up the stop', async () => {
  home = await testEdge();
  await expect(home.make(home.edge.port).start()).rejects.toMatchObject({ code: 'EADDRINUSE' });
  const silent = connect(home.edge.port, '127.0.0.1');
  await once(silent, 'connect');
  const ended = once(silent, 'close');
  const started = performance.now();
  await home.edge.stop();
  await ended;
  expect(performance.now() - started).toBeLessThan(2000);
});

test('a router of another household hears nothing of a change', async () => {
  home = await testEdge();
  const { store, documents, changes } = home;
  const [mine, theirs] = [await home.enrolled(), await home.enrolled()];
  const received: Buffer[][] = [];
  for (const router of [mine, theirs]) {
    const client = await home.connected(router);
    const documentsReceived = documentsOf(client);
    received.push(documentsReceived);
    await publish(client, topics.hello(router.id), JSON.stringify(helloOf()));
    await vi.waitFor(() => expect(documentsReceived).toHaveLength(3));
  }
  await home.addChild(store, mine.household, 1);
  const changed = await store.db.transaction().execute((trx) => documents.rebuild(trx, mine.household));
  expect(changed).toEqual([mine.id]);
  for (const router of changed) changes.announce({ router, document: 'policy' });
  await vi.waitFor(() => expect(received[0]).toHaveLength(4));
  expect(received[1]).toHaveLength(3);
});
