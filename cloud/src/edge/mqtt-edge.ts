import { constants } from 'node:crypto';
import type { Socket } from 'node:net';
import { createServer, type SecureContextOptions, type Server, type TLSSocket } from 'node:tls';
import { codeOf, KhienError } from '@khien/shared/error';
import type { Id } from '@khien/shared/id';
import { MAX_HEADER_BYTES, MAX_MESSAGE_BYTES, topics } from '@khien/shared/topic';
import { Aedes, type AuthenticateError, type Client, type PublishPacket, type Subscription } from 'aedes';
import type { FastifyBaseLogger } from 'fastify';
import type { Authority } from '../authority/authority.ts';
import type { Changes, RouterChange, RouterConnected, Unsubscribe } from '../changes.ts';
import type { SignedDocuments } from '../documents/documents.ts';
import type { Edge, Ingest } from '../ports.ts';
import type { Store } from '../store/open.ts';
import { type Admitted, admit } from './admission.ts';
import { CatchUp } from './catch-up.ts';
import { isOfNode, newConnectionId } from './connection-id.ts';
import { Contests } from './contests.ts';
import { DocumentPush } from './document-push.ts';
import { type Arrival, type HandshakeLimits, Handshakes } from './handshakes.ts';
import { MeteredStream, type StreamLimits } from './metered-stream.ts';
import { patiently } from './patience.ts';
import { peerOf } from './peer.ts';
import { Presence } from './presence.ts';
import { Reception } from './reception.ts';
import { RouterConnection } from './router-connection.ts';

const DAY = 24 * 3600 * 1000;
/** For the TLS handshake, and again for CONNECT after it, milliseconds. */
const HANDSHAKE_TIME = 10_000;

export type EdgeLimits = StreamLimits & { readonly handshakes: HandshakeLimits };

/** What one router may send: a home makes a few messages a minute, and one that was offline for weeks some hundred at once. */
const LIMITS: EdgeLimits = {
  packet: MAX_MESSAGE_BYTES + MAX_HEADER_BYTES,
  connect: 1024,
  packets: { burst: 300, perSecond: 20 },
  bytes: { burst: 4 * 1024 * 1024, perSecond: 256 * 1024 },
  // A street behind one address may come back at once.
  handshakes: { pending: 1000, failures: { burst: 60, perSecond: 1 } },
};

/** Messages of QoS 2 that a router may have begun; without their payload, which is committed by then. */
const MAX_BEGUN = 20;

/** Each takes some 80 kB with its TLS state, so that these are 2 GB. */
const MAX_CONNECTIONS = 25_000;

export interface MqttEdgeOptions {
  readonly host: string;
  /** 0 for any that is free. */
  readonly port: number;
  /** Names and addresses that routers reach the edge by. */
  readonly serverNames: readonly string[];
  /** Addresses or CIDR ranges of load balancers. */
  readonly proxies?: readonly string[];
}

export interface MqttEdgeDeps {
  /** This process, among those over the same store. */
  readonly node: Id;
  readonly store: Store;
  readonly authority: Authority;
  readonly documents: Pick<SignedDocuments, 'newerThan'>;
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
  readonly #options: MqttEdgeOptions;
  readonly #limits: EdgeLimits;
  readonly #handshakes: Handshakes;
  readonly #contests = new Contests();
  readonly #reception: Reception;
  readonly #push: DocumentPush;
  readonly #presence: Presence;
  readonly #catchUp: CatchUp;
  /** The connection of each router that was let in. */
  readonly #routers = new Map<Id, RouterConnection>();
  readonly #connections = new Map<unknown, RouterConnection>();
  /** Those of whom the store is being asked. */
  readonly #asking = new Set<RouterConnection>();
  /** Also those whose handshake is not done, by where they come from. */
  readonly #arrivals = new Map<string, Arrival>();
  #stopping = false;
  #broker: Aedes | undefined;
  #server: Server | undefined;
  #renewal: NodeJS.Timeout | undefined;
  #unsubscribe: readonly Unsubscribe[] = [];

  constructor(deps: MqttEdgeDeps, options: MqttEdgeOptions, limits: Partial<EdgeLimits> = {}) {
    this.#deps = deps;
    this.#options = options;
    this.#limits = { ...LIMITS, ...limits };
    this.#handshakes = new Handshakes(this.#limits.handshakes, options.proxies ?? []);
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
    const address = this.#server?.address();
    if (typeof address !== 'object' || address === null) {
      throw new KhienError('EDGE_NOT_STARTED', 'the edge has no port before it is started');
    }
    return address.port;
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
    const { changes, log } = this.#deps;
    this.#broker = await this.#newBroker();
    this.#unsubscribe = [
      changes.onRouter((change) => this.#changed(change)),
      changes.onConnected((change) => this.#connectedElsewhere(change)),
    ];
    this.#server = await this.#newServer();
    await listen(this.#server, this.#options.port, this.#options.host);
    this.#presence.start();
    this.#catchUp.start();
    // Such as too many open files: those who are connected stay so.
    this.#server.on('error', (error) => log.error({ err: error }, 'a connection cannot be accepted'));
    this.#renewal = setInterval(() => void this.#renewCertificate(), DAY).unref();
  }

  /** Takes no more, acknowledges what is being committed, and closes. */
  async stop(): Promise<void> {
    this.#stopping = true;
    clearInterval(this.#renewal);
    for (const unsubscribe of this.#unsubscribe) unsubscribe();
    const caughtUp = this.#catchUp.stop();
    const server = this.#server;
    const closed = server === undefined ? undefined : new Promise((resolve) => server.close(resolve));
    const connections = [...this.#connections.values()];
    for (const connection of connections) connection.stream.hold();
    await this.#reception.stop();
    await Promise.all(connections.map((connection) => connection.end()));
    for (const { socket } of this.#arrivals.values()) socket.destroy();
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

  async #newServer(): Promise<Server> {
    const server = createServer(
      {
        ...(await this.#tls()),
        requestCert: true,
        // `peerOf` does: who has a certificate that ended is told so before the connection is closed.
        rejectUnauthorized: false,
        handshakeTimeout: HANDSHAKE_TIME,
        noDelay: true,
        keepAlive: true,
      },
      (socket) => this.#accept(socket),
    );
    server.maxConnections = MAX_CONNECTIONS;
    server.on('connection', (socket) => this.#arrived(socket));
    return server;
  }

  #arrived(socket: Socket): void {
    const address = socket.remoteAddress ?? '';
    if (!this.#handshakes.enter(address, performance.now())) {
      socket.destroy();
      return;
    }
    const arrival: Arrival = { socket, address, letIn: false, excused: false };
    const from = whence(socket);
    this.#arrivals.set(from, arrival);
    socket.on('close', () => {
      this.#arrivals.delete(from);
      if (!arrival.letIn) this.#handshakes.leave(address, !arrival.excused, performance.now());
    });
  }

  async #tls(): Promise<SecureContextOptions> {
    const { authority } = this.#deps;
    const made = await authority.serverCertificate(this.#options.serverNames);
    return {
      key: made.privateKey,
      cert: made.certificate,
      ca: [authority.certificate],
      minVersion: 'TLSv1.2',
      // A resumed session would carry over what an earlier handshake had verified.
      secureOptions: constants.SSL_OP_NO_TICKET | constants.SSL_OP_NO_RENEGOTIATION,
    };
  }

  async #renewCertificate(): Promise<void> {
    try {
      this.#server?.setSecureContext(await this.#tls());
    } catch (error) {
      this.#deps.log.error({ err: error }, 'the certificate of the edge cannot be renewed');
    }
  }

  #accept(socket: TLSSocket): void {
    const peer = peerOf(socket);
    const arrival = this.#arrivals.get(whence(socket));
    if (peer === undefined || arrival === undefined || this.#broker === undefined) {
      socket.destroy();
      return;
    }
    const stream = new MeteredStream(socket, this.#limits);
    const connection = new RouterConnection(
      newConnectionId(this.#deps.node, this.#deps.now()),
      peer,
      arrival,
      stream,
    );
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
        () => admit(store.db, connection.peer, claimed),
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
    arrival.letIn = true;
    this.#handshakes.leave(connection.address, false, performance.now());
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

/** Names a connection on both sides of TLS. */
function whence({ remoteAddress, remotePort }: Socket): string {
  return `${remoteAddress} ${remotePort}`;
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

function listen(server: Server, port: number, host: string): Promise<void> {
  return new Promise((resolve, reject) => {
    server.once('error', reject);
    server.listen(port, host, () => {
      server.off('error', reject);
      resolve();
    });
  });
}
