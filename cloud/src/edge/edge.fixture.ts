import { createPublicKey, generateKeyPairSync } from 'node:crypto';
import { catalogue } from '@khien/shared/catalogue';
import { defaultContacts } from '@khien/shared/contact';
import {
  type DocumentKey,
  type DocumentVersions,
  documentHash,
  noDocuments,
  signedDocumentSchema,
} from '@khien/shared/document';
import type { KhienEvent } from '@khien/shared/event';
import { type Id, newId } from '@khien/shared/id';
import { type Hello, topics } from '@khien/shared/topic';
import { connect, type IClientOptions, type MqttClient } from 'mqtt';
import { Authority } from '../authority/authority.ts';
import { LocalChanges } from '../changes.ts';
import { SignedDocuments } from '../documents/documents.ts';
import { addChild, addHousehold, addRouter, temporaryStore } from '../documents/home.fixture.ts';
import { openDocumentKeys } from '../documents/keys.ts';
import { StoreIngest } from '../ingest/ingest.ts';
import { manifestOf } from '../lists/manifest.ts';
import type { Ingest } from '../ports.ts';
import type { HandshakeLimits } from './handshakes.ts';
import type { StreamLimits } from './metered-stream.ts';
import { HANDSHAKE_TIME, MqttEdge, type MqttEdgeDeps } from './mqtt-edge.ts';
import { TlsListener } from './tls-listener.ts';

const silent = { info: () => undefined, warn: () => undefined, error: () => undefined };

export interface TestRouter {
  readonly id: Id;
  readonly household: Id;
  /** What it connects with. */
  readonly tls: { readonly key?: string; readonly cert?: string; readonly ca: string };
}

/** What a client connects with besides; TLS takes where it connects from. */
type TestOptions = Partial<IClientOptions> & { readonly localAddress?: string };

/** An edge over a real store and real TLS on loopback, with as many homes as a test wants. */
export async function testEdge(
  options: {
    ingest?: (real: Ingest) => Ingest;
    limits?: StreamLimits;
    handshakes?: HandshakeLimits;
    proxies?: readonly string[];
    proxyProtocol?: boolean;
    now?: () => number;
  } = {},
) {
  const temporary = await temporaryStore();
  const { store } = temporary;
  const now = options.now ?? Date.now;
  const authority = await Authority.open(store.db);
  const keys = await openDocumentKeys(store.db);
  const lists = () => manifestOf(catalogue, null, []);
  const documents = new SignedDocuments({
    key: keys.signing,
    catalogue,
    contacts: defaultContacts,
    lists,
    now,
  });
  const changes = new LocalChanges();
  const real = new StoreIngest(store, changes, now);
  const ingest = options.ingest?.(real) ?? real;
  /** @param more what another node has of its own */
  const make = (port = 0, more: Partial<MqttEdgeDeps> = {}) =>
    new MqttEdge(
      { node: newId(), store, documents, ingest, changes, log: silent, now, ...more },
      new TlsListener(
        { authority, log: silent },
        {
          host: '127.0.0.1',
          port,
          serverNames: ['localhost', '127.0.0.1'],
          handshakeTime: HANDSHAKE_TIME,
          limits: options.handshakes,
          proxies: options.proxies ?? [],
          proxyProtocol: options.proxyProtocol ?? false,
        },
      ),
      options.limits,
    );
  const edge = make();
  await edge.start();
  const clients: MqttClient[] = [];

  const trusted: DocumentKey[] = keys.published.map(({ id, key }) => ({
    id,
    key: createPublicKey({ key: Buffer.from(key, 'base64url'), format: 'der', type: 'spki' }),
  }));

  /** A router that is enrolled, in a home of its own unless one is given. */
  async function enrolled(household?: Id): Promise<TestRouter> {
    const { publicKey, privateKey } = newP256();
    const home = household ?? (await addHousehold(store, now()));
    const id = await addRouter(store, home, now(), publicKey);
    const cert = await authority.issueRouterCertificate(id, publicKey);
    return { id, household: home, tls: { key: privateKey, cert, ca: authority.certificate } };
  }

  /** A router that is known by its key and waits for its family. */
  async function waiting(): Promise<Omit<TestRouter, 'household'> & { readonly publicKey: string }> {
    const { publicKey, privateKey } = newP256();
    const id = newId(now());
    await store.db
      .insertInto('stock')
      .values({ public_key: publicKey, router: id, model: 'test', added_at: now() })
      .execute();
    const cert = await authority.issueRouterCertificate(id, publicKey);
    return { id, publicKey, tls: { key: privateKey, cert, ca: authority.certificate } };
  }

  /** Opens a connection without waiting for it. */
  function open(router: Pick<TestRouter, 'id' | 'tls'>, more: TestOptions = {}): MqttClient {
    const client = connect({
      protocol: 'mqtts',
      host: 'localhost',
      port: edge.port,
      clientId: router.id,
      reconnectPeriod: 0,
      connectTimeout: 5000,
      ...router.tls,
      ...more,
    });
    client.setMaxListeners(100);
    client.on('error', () => undefined);
    clients.push(client);
    return client;
  }

  async function connected(
    router: Pick<TestRouter, 'id' | 'tls'>,
    more: TestOptions = {},
  ): Promise<MqttClient> {
    const client = open(router, more);
    if ((await outcome(client)) === 'closed') throw new Error('the edge refused the connection');
    return client;
  }

  /** What a router that holds the stored documents says of them. */
  async function hashesOf(router: Id): Promise<Record<string, string>> {
    const stored = await documents.stored(store.db, router);
    return Object.fromEntries(
      stored.map(({ kind, signed }) => [kind, documentHash(signedDocumentSchema.parse(JSON.parse(signed)))]),
    );
  }

  async function stop(): Promise<void> {
    for (const client of clients) client.end(true);
    await edge.stop();
    await temporary.remove();
  }

  return {
    store,
    authority,
    documents,
    changes,
    edge,
    make,
    trusted,
    hashesOf,
    enrolled,
    waiting,
    open,
    connected,
    stop,
    addChild,
  };
}

export type TestEdge = Awaited<ReturnType<typeof testEdge>>;

export function newP256() {
  const pair = generateKeyPairSync('ec', { namedCurve: 'P-256' });
  return {
    publicKey: pair.publicKey.export({ type: 'spki', format: 'der' }).toString('base64url'),
    privateKey: pair.privateKey.export({ type: 'pkcs8', format: 'pem' }).toString(),
  };
}

export function helloOf(have: DocumentVersions = noDocuments): Hello {
  return { daemon: '0.1.0', have, at: 0, timeSource: 'unsynced' };
}

export function routerEvent(code = 'STARTED'): KhienEvent {
  return { id: newId(), at: 1, timeSource: 'ntp', kind: 'router', code, detail: '' };
}

export function closed(client: MqttClient): Promise<'closed'> {
  return new Promise((resolve) => client.once('close', () => resolve('closed')));
}

/** Whether the edge lets a client in. */
export function outcome(client: MqttClient): Promise<'connected' | 'closed'> {
  const connected = new Promise<'connected'>((resolve) => client.once('connect', () => resolve('connected')));
  return Promise.race([connected, closed(client)]);
}

/** Resolves at PUBACK, rejects when the connection ends before it. */
export function publish(client: MqttClient, topic: string, payload: string): Promise<void> {
  return new Promise((resolve, reject) => {
    const lost = () => reject(new Error('the connection was closed before PUBACK'));
    client.once('close', lost);
    client.publish(topic, payload, { qos: 1 }, (error) => {
      client.off('close', lost);
      if (error) reject(error);
      else resolve();
    });
  });
}

export function publishEvents(client: MqttClient, router: Id, events: readonly KhienEvent[]): Promise<void> {
  return publish(client, topics.events(router), JSON.stringify({ events }));
}

/** Collects what arrives on `down/doc`. */
export function documentsOf(client: MqttClient): Buffer[] {
  const received: Buffer[] = [];
  client.on('message', (topic, payload) => {
    if (topic.endsWith('/down/doc')) received.push(payload);
  });
  return received;
}
