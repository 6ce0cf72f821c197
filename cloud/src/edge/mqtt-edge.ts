import type { Duplex } from 'node:stream';
import { codeOf, KhienError } from '@khien/shared/error';
import type { Id } from '@khien/shared/id';
import { MAX_HEADER_BYTES, MAX_MESSAGE_BYTES, topics } from '@khien/shared/topic';
import { Aedes, type AuthenticateError, type Client, type PublishPacket, type Subscription } from 'aedes';
import type { FastifyBaseLogger } from 'fastify';
import type { Changes, RouterChange, RouterConnected, Unsubscribe } from '../changes.ts';
import type { SignedDocuments } from '../documents/documents.ts';
import type { Edge, Ingest } from '../ports.ts';
import { GatheredRead } from '../store/gathered-read.ts';
import type { Store } from '../store/open.ts';
import { type Admitted, admit, type Enrolled, findEnrolled } from './admission.ts';
import { CatchUp } from './catch-up.ts';
import { isOfNode, newConnectionId } from './connection-id.ts';
import { Contests } from './contests.ts';
import { DocumentPush } from './document-push.ts';
import type { Arrival } from './handshakes.ts';
import { MeteredStream, type StreamLimits } from './metered-stream.ts';
import { patiently } from './patience.ts';
import type { Peer } from './peer.ts';
import { Presence } from './presence.ts';
import { Reception } from './reception.ts';
import { RouterConnection } from './router-connection.ts';
import type { Listener } from './tls-listener.ts';

/** For the TLS handshake, and again for CONNECT after it, milliseconds. */
export const HANDSHAKE_TIME = 10_000;

/** What one router may send: a home makes a few messages a minute, and one that was offline for weeks some hundred at once. */
const LIMITS: StreamLimits = {
  packet: MAX_MESSAGE_BYTES + MAX_HEADER_BYTES,
  control: 1024,
  packets: { burst: 300, perSecond: 20 },
  bytes: { burst: 4 * 1024 * 1024, perSecond: 256 * 1024 },
};

/**
 * Messages of QoS 2 that a router may have begun; without their payload, which is committed by then. Some clients begin all they
 * have before they end the first.
 */
const MAX_BEGUN = 1000;

export interface MqttEdgeDeps {
  /** This process, among those over the same store. */
  readonly node: Id;
  readonly store: Store;
  readonly documents: Pick<SignedDocuments, 'newerThan' | 'storedOf'>;
  readonly ingest: Ingest;
  readonly changes: Changes;
  readonly log: Pick<FastifyBaseLogger, 'info' | 'warn' | 'error'>;
  readonly now: () => number;
}

/**
 * Where routers connect: MQTT 3.1.1 over mutual TLS. The broker is in memory and keeps nothing: an event is acknowledged
 * when the store has committed it, and a document is sent from the store, so that nothing is lost with this process.
 */
export class MqttEdge implements Edge {
  readonly #deps: MqttEdgeDeps;
  readonly #listener: Listener;
  readonly #limits: StreamLimits;
  readonly #contests = new Contests();
  readonly #reception: Reception;
  readonly #push: DocumentPush;
  readonly #presence: Presence;
  readonly #catchUp: CatchUp;
  /** The connection of each router that was let in. */
  readonly #routers = new Map<Id, RouterConnection>();
  readonly #connections = new Map<unknown, RouterConnection>();
  readonly #enrolled: GatheredRead<Id, Enrolled>;
  /** Those of whom the store is being asked. */
  readonly #asking = new Set<RouterConnection>();
  #stopping = false;
  #broker: Aedes | undefined;
  #unsubscribe: readonly Unsubscribe[] = [];

  constructor(deps: MqttEdgeDeps, listener: Listener, limits: StreamLimits = LIMITS) {
    this.#deps = deps;
    this.#listener = listener;
    this.#limits = limits;
    this.#enrolled = new GatheredRead((routers) => findEnrolled(deps.store.db, routers));
    this.#push = new DocumentPush(deps);
    this.#reception = new Reception(deps, (connection) => void this.#push.push(connection));
    this.#presence = new Presence(deps);
    this.#catchUp = new CatchUp(
      { ...deps, presence: this.#presence },
      () => this.#routers.values(),
      (found) => ('connection' in found ? this.#connectedElsewhere(found) : this.#changed(found)),
    );
  }

  /** @throws KhienError `EDGE_NOT_STARTED` */
  get port(): number {
    return this.#listener.port;
  }

  /** Routers that are connected here. */
  get connected(): number {
    return this.#routers.size;
  }

  /** @throws the system's error where the port cannot be had; nothing runs then. */
  async start(): Promise<void> {
    try {
      await this.#start();
    } catch (error) {
      await this.stop();
      throw error;
    }
  }

  async #start(): Promise<void> {
    const { changes } = this.#deps;
    this.#broker = await this.#newBroker();
    this.#unsubscribe = [
      changes.onRouter((change) => this.#changed(change)),
      changes.onConnected((change) => this.#connectedElsewhere(change)),
    ];
    await this.#listener.start((socket, peer, arrival) => this.#accept(socket, peer, arrival));
    this.#presence.start();
    this.#catchUp.start();
  }

  /** Takes no more, acknowledges what is being committed, and closes. */
  async stop(): Promise<void> {
    this.#stopping = true;
    for (const unsubscribe of this.#unsubscribe) unsubscribe();
    const caughtUp = this.#catchUp.stop();
    const closed = this.#listener.close();
    const connections = [...this.#connections.values()];
    for (const connection of connections) connection.stream.hold();
    await this.#reception.stop();
    await Promise.all(connections.map((connection) => connection.end()));
    this.#listener.destroy();
    await new Promise<void>((resolve) => {
      if (this.#broker === undefined) resolve();
      else this.#broker.close(() => resolve());
    });
    await closed;
    await caughtUp;
    await this.#presence.stop();
  }

  #newBroker(): Promise<Aedes> {
    return Aedes.createBroker({
      connectTimeout: HANDSHAKE_TIME,
      drainTimeout: 30_000,
      // Seconds. A router that wanted none could vanish without a trace.
      keepaliveLimit: 600,
      maxTopicLevels: 6,
      maxInflightInbound: MAX_BEGUN,
      preConnect: (_client, packet, done) => {
        // A will has no topic in the contract, and a session would be memory that outlives the connection.
        packet.clean = true;
        if (packet.will === undefined) done(null, true);
        else done(new KhienError('TOPIC_FORBIDDEN', 'a will is not taken'), false);
      },
      authenticate: (client, _user, _password, done) => {
        this.#authenticate(client).then(
          () => done(null, true),
          (error: unknown) => done(refusal(error), false),
        );
      },
      authorizePublish: (client, packet, done) => {
        this.#receive(client, packet).then(
          () => done(),
          (error: unknown) => done(this.#closing(client, error)),
        );
      },
      authorizeSubscribe: (client, subscription, done) => {
        done(null, mayHear(client, subscription) ? subscription : null);
      },
      authorizeForward: (client, packet) => (packet.topic === topics.document(client.id) ? packet : null),
    });
  }

  #accept(socket: Duplex, peer: Peer, arrival: Arrival): void {
    if (this.#broker === undefined) {
      socket.destroy();
      return;
    }
    const { node, now } = this.#deps;
    const stream = new MeteredStream(socket, this.#limits);
    const connection = new RouterConnection(newConnectionId(node, now()), peer, arrival, stream);
    this.#connections.set(stream, connection);
    stream.on('close', () => this.#closed(connection));
    stream.on('error', (error) => this.#broken(connection, error));
    this.#broker.handle(stream);
  }

  async #authenticate(client: Client): Promise<void> {
    const connection = this.#connectionOf(client);
    this.#asking.add(connection);
    try {
      const admitted = await this.#admit(connection, client.id);
      if (!connection.isOpen) throw new KhienError('CONNECTION_LOST', `${connection.router} has gone`);
      this.#letIn(connection, client, admitted);
    } catch (error) {
      connection.arrival.excused = RETURN_CODES[codeOf(error)] === undefined;
      throw error;
    } finally {
      this.#asking.delete(connection);
    }
  }

  /** What the store says of a router, and says again where that changed meanwhile. */
  async #admit(connection: RouterConnection, claimed: string): Promise<Admitted> {
    const { store } = this.#deps;
    for (;;) {
      connection.overtaken = false;
      const admitted = await patiently(
        () => admit(store.db, this.#enrolled, connection.peer, claimed),
        () => connection.isOpen && !this.#stopping,
      );
      if (!connection.overtaken) return admitted;
    }
  }

  #letIn(connection: RouterConnection, client: Client, { household, connection: last }: Admitted): void {
    const { router, arrival } = connection;
    const before = this.#routers.get(router);
    // Of another node, which has not heard of this yet, or died.
    const elsewhere = before === undefined && last !== null && !isOfNode(last, this.#deps.node);
    const isTakenOver = elsewhere || (before?.isOpen === true && before.address !== connection.address);
    connection.id = newConnectionId(this.#deps.node, this.#deps.now(), [before?.id, last]);
    before?.close();
    this.#listener.letIn(arrival);
    connection.client = client;
    this.#routers.set(router, connection);
    this.#deps.changes.announce({ router, connection: connection.id });
    if (household !== undefined) this.#belongs(connection, household);
    this.#deps.log.info({ router, connection: connection.id }, 'a router has connected');
    if (isTakenOver && this.#contests.takenOver(router, performance.now())) this.#contested(connection);
  }

  #belongs(connection: RouterConnection, household: Id): void {
    connection.household = household;
    this.#presence.set(connection.router, household, connection.id, true);
  }

  #contested(connection: RouterConnection): void {
    const { router } = connection;
    this.#deps.log.warn({ router }, 'a router connects from two places');
    this.#reception
      .note(connection, 'CONNECTION_CONTESTED', 'taken over again and again from another address')
      .catch((error: unknown) =>
        this.#deps.log.error({ err: error, router }, 'a contest cannot be recorded'),
      );
  }

  async #receive(client: Client | null, packet: PublishPacket): Promise<void> {
    await this.#reception.receive(this.#connectionOf(client), packet);
  }

  #changed({ router, document }: RouterChange): void {
    for (const asking of this.#asking) {
      if (asking.router !== router) continue;
      asking.overtaken = true;
      if (document === null) asking.close();
    }
    const connection = this.#routers.get(router);
    if (connection === undefined) return;
    if (document === null) connection.close();
    else if (connection.household === undefined) void this.#claimed(connection);
    else void this.#push.push(connection);
  }

  /** The newest connection of a router wins, on whatever node it is. */
  #connectedElsewhere({ router, connection: newest }: RouterConnected): void {
    const connection = this.#routers.get(router);
    if (connection !== undefined && connection.id < newest) connection.close();
  }

  /** A router that waited may have a family now. */
  async #claimed(connection: RouterConnection): Promise<void> {
    try {
      const { household } = await this.#admit(connection, connection.router);
      if (household === undefined || !connection.isOpen) return;
      this.#belongs(connection, household);
      await this.#push.push(connection);
    } catch (error) {
      this.#deps.log.warn({ err: error, router: connection.router }, 'a router that waits is let go');
      connection.close();
    }
  }

  /** Not acknowledged: the broker closes the connection, and the router sends it again when it is back. */
  #closing(client: Client | null, error: unknown): Error {
    this.#deps.log.warn({ router: client?.id, code: codeOf(error), err: error }, 'a message was not taken');
    return error instanceof Error ? error : new KhienError('UNEXPECTED', String(error));
  }

  #broken(connection: RouterConnection, error: Error): void {
    if (codeOf(error) !== 'MESSAGE_TOO_LARGE' || connection.household === undefined) return;
    this.#reception.reject(connection, 'MESSAGE_TOO_LARGE', error.message).catch((cause: unknown) => {
      this.#deps.log.error({ err: cause, router: connection.router }, 'a rejection cannot be recorded');
    });
  }

  #closed(connection: RouterConnection): void {
    this.#connections.delete(connection.stream);
    if (this.#routers.get(connection.router) !== connection) return;
    this.#routers.delete(connection.router);
    if (connection.household !== undefined) {
      this.#presence.set(connection.router, connection.household, connection.id, false);
    }
    const { router, id } = connection;
    this.#deps.log.info({ router, connection: id }, 'a router has gone');
  }

  #connectionOf(client: Client | null): RouterConnection {
    const connection = client === null ? undefined : this.#connections.get(client.conn);
    if (connection === undefined) throw new KhienError('CONNECTION_LOST', 'the connection has gone');
    return connection;
  }
}

function mayHear(client: Client, subscription: Subscription): boolean {
  const own = topics.document(client.id);
  return subscription.topic === own || subscription.topic === own.replace(/doc$/, '#');
}

/** MQTT 3.1.1 §3.2.2.3: 3 when the server is at fault, 4 for an identity that has ended, 5 for one that is not known. */
const RETURN_CODES: Readonly<Record<string, 4 | 5>> = { CERTIFICATE_EXPIRED: 4, ROUTER_UNKNOWN: 5 };

function refusal(error: unknown): AuthenticateError {
  const returnCode = RETURN_CODES[codeOf(error)] ?? 3;
  return Object.assign(error instanceof Error ? error : new KhienError('UNEXPECTED', String(error)), {
    returnCode,
  });
}
