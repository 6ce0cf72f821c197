import { constants } from 'node:crypto';
import type { Socket } from 'node:net';
import { createServer, type SecureContextOptions, type Server, type TLSSocket } from 'node:tls';
import { codeOf, KhienError } from '@khien/shared/error';
import { type Id, newId } from '@khien/shared/id';
import { MAX_HEADER_BYTES, MAX_MESSAGE_BYTES, topics } from '@khien/shared/topic';
import { Aedes, type AuthenticateError, type Client, type PublishPacket, type Subscription } from 'aedes';
import type { FastifyBaseLogger } from 'fastify';
import type { Authority } from '../authority/authority.ts';
import type { Changes, RouterChange, Unsubscribe } from '../changes.ts';
import type { SignedDocuments } from '../documents/documents.ts';
import type { Edge, Ingest } from '../ports.ts';
import type { Store } from '../store/open.ts';
import { DocumentPush } from './document-push.ts';
import { MeteredStream, type StreamLimits } from './metered-stream.ts';
import { peerOf } from './peer.ts';
import { Presence } from './presence.ts';
import { Reception } from './reception.ts';
import { RouterConnection } from './router-connection.ts';

const DAY = 24 * 3600 * 1000;
/** For the TLS handshake, and again for CONNECT after it, milliseconds. */
const HANDSHAKE_TIME = 10_000;

/** What one router may send: a home makes a few messages a minute, and one that was offline for weeks some hundred at once. */
const LIMITS: StreamLimits = {
  packet: MAX_MESSAGE_BYTES + MAX_HEADER_BYTES,
  connect: 1024,
  packets: { burst: 300, perSecond: 20 },
  bytes: { burst: 4 * 1024 * 1024, perSecond: 256 * 1024 },
};

/** Each takes some 80 kB with its TLS state, so that these are 2 GB. */
const MAX_CONNECTIONS = 25_000;

export interface MqttEdgeOptions {
  readonly host: string;
  /** 0 for any that is free. */
  readonly port: number;
  /** Names and addresses that routers reach the edge by. */
  readonly serverNames: readonly string[];
}

export interface MqttEdgeDeps {
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
  readonly #limits: StreamLimits;
  readonly #reception: Reception;
  readonly #push: DocumentPush;
  readonly #presence: Presence;
  /** The connection of each router that was let in. */
  readonly #routers = new Map<Id, RouterConnection>();
  readonly #connections = new Map<unknown, RouterConnection>();
  /** Also those whose handshake is not done. */
  readonly #sockets = new Set<Socket>();
  readonly #id = newId();
  #opened = 0;
  #broker: Aedes | undefined;
  #server: Server | undefined;
  #renewal: NodeJS.Timeout | undefined;
  #unsubscribe: Unsubscribe | undefined;

  constructor(deps: MqttEdgeDeps, options: MqttEdgeOptions, limits: StreamLimits = LIMITS) {
    this.#deps = deps;
    this.#options = options;
    this.#limits = limits;
    this.#push = new DocumentPush(deps);
    this.#reception = new Reception(deps, (connection) => void this.#push.push(connection));
    this.#presence = new Presence(deps);
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
    this.#unsubscribe = changes.onRouter((change) => this.#changed(change));
    this.#server = await this.#newServer();
    await listen(this.#server, this.#options.port, this.#options.host);
    // Only a process that has the port speaks for the routers; none of them gets through the handshake before this.
    await this.#presence.reset();
    // Such as too many open files: those who are connected stay so.
    this.#server.on('error', (error) => log.error({ err: error }, 'a connection cannot be accepted'));
    this.#renewal = setInterval(() => void this.#renewCertificate(), DAY).unref();
  }

  /** Takes no more, acknowledges what is being committed, and closes. */
  async stop(): Promise<void> {
    clearInterval(this.#renewal);
    this.#unsubscribe?.();
    const server = this.#server;
    const closed = server === undefined ? undefined : new Promise((resolve) => server.close(resolve));
    const connections = [...this.#connections.values()];
    for (const connection of connections) connection.stream.hold();
    await this.#reception.drained();
    await Promise.all(connections.map((connection) => connection.end()));
    for (const socket of this.#sockets) socket.destroy();
    await new Promise<void>((resolve) => {
      if (this.#broker === undefined) resolve();
      else this.#broker.close(() => resolve());
    });
    await closed;
    await this.#presence.stop();
  }

  #newBroker(): Promise<Aedes> {
    return Aedes.createBroker({
      connectTimeout: HANDSHAKE_TIME,
      drainTimeout: 30_000,
      // Seconds. A router that wanted none could vanish without a trace.
      keepaliveLimit: 600,
      maxTopicLevels: 6,
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
        rejectUnauthorized: true,
        handshakeTimeout: HANDSHAKE_TIME,
        noDelay: true,
        keepAlive: true,
      },
      (socket) => this.#accept(socket),
    );
    server.maxConnections = MAX_CONNECTIONS;
    server.on('connection', (socket) => {
      this.#sockets.add(socket);
      socket.on('close', () => this.#sockets.delete(socket));
    });
    return server;
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
    if (peer === undefined || this.#broker === undefined) {
      socket.destroy();
      return;
    }
    const stream = new MeteredStream(socket, this.#limits);
    this.#opened += 1;
    const connection = new RouterConnection(`${this.#id}:${this.#opened}`, peer, stream);
    this.#connections.set(stream, connection);
    stream.on('close', () => this.#closed(connection));
    stream.on('error', (error) => this.#broken(connection, error));
    this.#broker.handle(stream);
  }

  async #authenticate(client: Client): Promise<void> {
    const connection = this.#connectionOf(client);
    const { router, publicKey } = connection.peer;
    if (client.id !== router) {
      throw new KhienError('ROUTER_UNKNOWN', `the certificate of ${router} does not speak for ${client.id}`);
    }
    const row = await this.#deps.store.db
      .selectFrom('router')
      .select(['household', 'public_key'])
      .where('id', '=', router)
      .executeTakeFirst();
    if (row === undefined || row.public_key !== publicKey) {
      throw new KhienError('ROUTER_UNKNOWN', `${router} is not enrolled with this key`);
    }
    if (connection.stream.destroyed) throw new KhienError('CONNECTION_LOST', `${router} has gone`);

    this.#routers.get(router)?.close();
    connection.household = row.household;
    connection.client = client;
    this.#routers.set(router, connection);
    this.#presence.set(router, row.household, connection.id);
    this.#deps.log.info({ router, connection: connection.id }, 'a router has connected');
  }

  async #receive(client: Client | null, packet: PublishPacket): Promise<void> {
    await this.#reception.receive(this.#connectionOf(client), packet);
  }

  #changed(change: RouterChange): void {
    const connection = this.#routers.get(change.router);
    if (connection === undefined) return;
    if (change.document === null) connection.close();
    else void this.#push.push(connection);
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
      this.#presence.set(connection.router, connection.household, null);
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

/** MQTT 3.1.1 §3.2.2.3: 3 when the server is at fault, 5 when the router is not let in. */
function refusal(error: unknown): AuthenticateError {
  const returnCode = codeOf(error) === 'ROUTER_UNKNOWN' ? (5 as const) : (3 as const);
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
