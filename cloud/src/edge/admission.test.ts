import { openDocument } from '@khien/shared/document';
import { newId } from '@khien/shared/id';
import { topics } from '@khien/shared/topic';
import { afterEach, expect, test, vi } from 'vitest';
import { Authority } from '../authority/authority.ts';
import { addHousehold } from '../documents/home.fixture.ts';
import {
  closed,
  documentsOf,
  helloOf,
  outcome,
  publish,
  publishEvents,
  routerEvent,
  type TestEdge,
  testEdge,
} from './edge.fixture.ts';

let home: TestEdge;
afterEach(() => home.stop());

const events = () => home.store.db.selectFrom('event').select(['router', 'payload']).execute();

test('a router that waits for its family is let in, and nothing of it is kept', async () => {
  home = await testEdge();
  const router = await home.waiting();
  const client = await home.connected(router);
  const received = documentsOf(client);
  await client.subscribeAsync(topics.document(router.id), { qos: 1 });
  await publish(client, topics.hello(router.id), JSON.stringify(helloOf()));
  await publishEvents(client, router.id, [routerEvent()]);
  expect(received).toEqual([]);
  expect(await events()).toEqual([]);
  const impostor = await home.enrolled();
  expect(await outcome(home.open({ ...impostor, id: router.id }))).toBe('closed');
});

test('the moment a family claims it, it is sent its documents on the connection that it has', async () => {
  home = await testEdge();
  const { store, changes, documents } = home;
  const router = await home.waiting();
  const client = await home.connected(router);
  const received = documentsOf(client);
  await client.subscribeAsync(topics.document(router.id), { qos: 1 });
  await publish(client, topics.hello(router.id), JSON.stringify(helloOf()));

  const household = await addHousehold(store, 1);
  await store.ofHousehold(household, async (trx) => {
    const row = { id: router.id, household, name: 'R', model: 'test', enrolled_at: 1 };
    await trx
      .insertInto('router')
      .values({ ...row, public_key: router.publicKey })
      .execute();
    await documents.rebuild(trx, household);
  });
  changes.announce({ router: router.id, document: 'policy' });
  await vi.waitFor(() => expect(received).toHaveLength(3));
  const none = { policy: 0, contacts: 0, lists: 0 };
  for (const bytes of received) openDocument(bytes, { keys: home.trusted, router: router.id, newest: none });
  await publishEvents(client, router.id, [routerEvent()]);
  expect((await events()).map((event) => event.router)).toEqual([router.id]);
});

test('a router that is removed while it is being let in is not let in', async () => {
  home = await testEdge();
  const router = await home.enrolled();
  // Its removal is told of while the store is being asked.
  const { db } = home.store;
  const asked = vi.spyOn(db, 'selectFrom');
  asked.mockImplementationOnce((...args: Parameters<typeof db.selectFrom>) => {
    home.changes.announce({ router: router.id, document: null });
    return db.selectFrom(...args);
  });
  expect(await outcome(home.open(router))).toBe('closed');
});

test('a certificate that has expired opens nothing, and its router is told why', async () => {
  home = await testEdge();
  const router = await home.enrolled();
  const past = await Authority.open(home.store.db, () => Date.now() - 400 * 24 * 3600 * 1000);
  const row = await home.store.db.selectFrom('router').select('public_key').executeTakeFirstOrThrow();
  const cert = await past.issueRouterCertificate(router.id, row.public_key);
  const client = home.open({ ...router, tls: { ...router.tls, cert } });
  const told = new Promise((resolve) => client.on('error', resolve));
  expect(await outcome(client)).toBe('closed');
  expect(await told).toMatchObject({ code: 4 });
  expect(await outcome(home.open(router))).toBe('connected');
});

test('a certificate that has expired and that another authority signed is of nobody', async () => {
  home = await testEdge();
  const router = await home.enrolled();
  const row = await home.store.db.selectFrom('router').select('public_key').executeTakeFirstOrThrow();
  await home.store.db.deleteFrom('secret').execute();
  const forger = await Authority.open(home.store.db, () => Date.now() - 400 * 24 * 3600 * 1000);
  const cert = await forger.issueRouterCertificate(router.id, row.public_key);
  const client = home.open({ ...router, tls: { ...router.tls, cert } });
  const told: unknown[] = [];
  client.on('packetreceive', (packet) => told.push(packet));
  expect(await outcome(client)).toBe('closed');
  expect(told).toEqual([]);
});

test('a key that is used from two places is told to the family, once', async () => {
  home = await testEdge();
  const router = await home.enrolled();
  for (let i = 0; i < 10; i += 1) {
    await home.connected(router, { localAddress: i % 2 === 0 ? '127.0.0.1' : '127.0.0.2' });
  }
  await vi.waitFor(async () => expect(await events()).toHaveLength(1));
  const [event] = await events();
  expect(JSON.parse(event?.payload ?? '{}')).toMatchObject({ code: 'CONNECTION_CONTESTED' });
});

test('a router that comes back from the same address is not taken for two', async () => {
  home = await testEdge();
  const router = await home.enrolled();
  for (let i = 0; i < 10; i += 1) await home.connected(router);
  expect(await events()).toEqual([]);
});

test('who only knocks is soon refused before TLS, and does not shut out others', async () => {
  home = await testEdge({ handshakes: { pending: 10, failures: { burst: 3, perSecond: 0.01 } } });
  const router = await home.enrolled();
  const { key: _key, cert: _cert, ...anonymous } = router.tls;
  const knock = () => outcome(home.open({ id: newId(), tls: anonymous }, { localAddress: '127.0.0.2' }));
  for (let i = 0; i < 4; i += 1) expect(await knock()).toBe('closed');
  expect(await outcome(home.open(router, { localAddress: '127.0.0.2' }))).toBe('closed');
  expect(await outcome(home.open(router))).toBe('connected');
});

test('other documents of the same version, of a store that was restored, are noticed', async () => {
  home = await testEdge();
  const router = await home.enrolled();
  const client = await home.connected(router);
  const received = documentsOf(client);
  const have = { policy: 1, contacts: 1, lists: 1 };
  await publish(client, topics.hello(router.id), JSON.stringify(helloOf()));
  await vi.waitFor(() => expect(received).toHaveLength(3));
  const hashes = await home.hashesOf(router.id);
  const says = (told: object) =>
    publish(client, topics.hello(router.id), JSON.stringify({ ...helloOf(have), hashes: told }));

  await says(hashes);
  await says({});
  await publishEvents(client, router.id, [routerEvent()]);
  expect(received).toHaveLength(3);

  await says({ ...hashes, policy: 'f'.repeat(32) });
  await vi.waitFor(() => expect(received).toHaveLength(4));
  const { document } = openDocument(received[3] ?? Buffer.alloc(0), {
    keys: home.trusted,
    router: router.id,
    newest: have,
  });
  expect(document).toMatchObject({ kind: 'policy' });
  expect(document.version).toBeGreaterThan(1);
  const other = closed(client);
  client.end();
  await other;
});
