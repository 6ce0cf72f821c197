import { constants } from 'node:crypto';
import { createServer, type Server, type Socket } from 'node:net';
import type { Duplex } from 'node:stream';
import {
  createServer as createTlsServer,
  type SecureContextOptions,
  type TLSSocket,
  type Server as TlsServer,
} from 'node:tls';
import { KhienError } from '@khien/shared/error';
import type { FastifyBaseLogger } from 'fastify';
import type { Authority } from '../authority/authority.ts';
import { clientHello } from './client-hello.ts';
import { HandshakeQueue } from './handshake-queue.ts';
import { type Arrival, type HandshakeLimits, Handshakes } from './handshakes.ts';
import { type Peer, peerOf } from './peer.ts';
import { readSource } from './proxy-protocol.ts';

const DAY = 24 * 3600 * 1000;
/** Each takes some 60 kB with its TLS state, so that these are 1.5 GB. */
const MAX_CONNECTIONS = 25_000;

/** For hello, milliseconds. */
const HELLO_TIME = 10_000;
/** And for the turn to shake hands: routers wait for 30 s in all. */
const TURN_TIME = 25_000;

/** A street behind one address may come back at once. */
const LIMITS: HandshakeLimits = { pending: 1000, failures: { burst: 60, perSecond: 1 } };

/** Takes a connection whose other end has proved to be a router's; it says itself which one. */
export type Accept = (socket: Duplex, peer: Peer, arrival: Arrival) => void;

/** Where connections come from. */
export interface Listener {
  /** @throws KhienError `EDGE_NOT_STARTED` */
  readonly port: number;
  /** @throws the system's error where the port cannot be had */
  start(accept: Accept): Promise<void>;
  /** Takes no more; resolves when all connections have ended. */
  close(): Promise<void>;
  /** Ends those that are left. */
  destroy(): void;
  /** A connection is a router's, and counts no more among those that only try. */
  letIn(arrival: Arrival): void;
}

export interface TlsListenerOptions {
  readonly host: string;
  /** 0 for any that is free. */
  readonly port: number;
  /** Names and addresses that routers reach the edge by. */
  readonly serverNames: readonly string[];
  /** Addresses or CIDR ranges of load balancers. */
  readonly proxies?: readonly string[];
  /** Whether those say for whom they connect, by the PROXY protocol, version 2. */
  readonly proxyProtocol?: boolean;
  /** For the TLS handshake, milliseconds. */
  readonly handshakeTime: number;
  readonly limits?: HandshakeLimits | undefined;
}

export interface TlsListenerDeps {
  readonly authority: Authority;
  readonly log: Pick<FastifyBaseLogger, 'error'>;
}

/** Mutual TLS with certificates of our own authority, and limits to what an address may try. */
export class TlsListener implements Listener {
  readonly #deps: TlsListenerDeps;
  readonly #options: TlsListenerOptions;
  readonly #handshakes: Handshakes;
  /** Also those whose handshake is not done, by where they come from. */
  readonly #arrivals = new Map<string, Arrival>();
  /** Those whose turn has not come, with when they are hung up on: bytes that trickle in buy no time. */
  readonly #early = new Map<Socket, NodeJS.Timeout>();
  readonly #queue = new HandshakeQueue(({ socket }) => {
    this.#noLongerEarly(socket);
    this.#secure?.emit('connection', socket);
  });
  #server: Server | undefined;
  /** Hears of connections when it is their turn. */
  #secure: TlsServer | undefined;
  #renewal: NodeJS.Timeout | undefined;

  constructor(deps: TlsListenerDeps, options: TlsListenerOptions) {
    this.#deps = deps;
    this.#options = options;
    this.#handshakes = new Handshakes(options.limits ?? LIMITS, options.proxies ?? []);
  }

  get port(): number {
    const address = this.#server?.address();
    if (typeof address !== 'object' || address === null) {
      throw new KhienError('EDGE_NOT_STARTED', 'the edge has no port before it is started');
    }
    return address.port;
  }

  async start(accept: Accept): Promise<void> {
    this.#secure = createTlsServer(
      {
        ...(await this.#tls()),
        requestCert: true,
        // `peerOf` does: who has a certificate that ended is told so before the connection is closed.
        rejectUnauthorized: false,
        handshakeTimeout: this.#options.handshakeTime,
      },
      (socket) => this.#secured(socket, accept),
    );
    const server = createServer({ noDelay: true, keepAlive: true }, (socket) => this.#connected(socket));
    server.maxConnections = MAX_CONNECTIONS;
    this.#server = server;
    await listen(server, this.#options.port, this.#options.host);
    // Such as too many open files: those who are connected stay so.
    server.on('error', (error) => this.#deps.log.error({ err: error }, 'a connection cannot be accepted'));
    this.#renewal = setInterval(() => void this.#renewCertificate(), DAY).unref();
  }

  async close(): Promise<void> {
    clearInterval(this.#renewal);
    const server = this.#server;
    if (server !== undefined) await new Promise((resolve) => server.close(resolve));
  }

  destroy(): void {
    for (const { socket } of this.#arrivals.values()) socket.destroy();
    for (const socket of this.#early.keys()) socket.destroy();
  }

  letIn(arrival: Arrival): void {
    if (arrival.letIn) return;
    arrival.letIn = true;
    this.#handshakes.leave(arrival.address, 'router', performance.now());
  }

  #connected(socket: Socket): void {
    const address = socket.remoteAddress ?? '';
    socket.on('error', () => undefined);
    socket.on('close', () => this.#noLongerEarly(socket));
    this.#waitFor(socket, HELLO_TIME);
    const isBalancer = this.#handshakes.isExempt(address);
    if (this.#options.proxyProtocol !== true || !isBalancer) {
      this.#arrived(socket, address, isBalancer);
      return;
    }
    void readSource(socket).then((source) => {
      if (source === undefined) socket.destroy();
      else this.#arrived(socket, source ?? address, source === null);
    });
  }

  /** @param isExempt a load balancer's own, that speaks for itself or does not say for whom: whoever it names has limits */
  #arrived(socket: Socket, address: string, isExempt: boolean): void {
    if (!isExempt && !this.#handshakes.enter(address, performance.now())) {
      socket.destroy();
      return;
    }
    const arrival: Arrival = { socket, address, letIn: isExempt, excused: false };
    const from = whence(socket);
    this.#arrivals.set(from, arrival);
    socket.on('close', () => {
      this.#arrivals.delete(from);
      this.#queue.done(arrival);
      if (arrival.letIn) return;
      this.#handshakes.leave(address, arrival.excused ? 'excused' : 'failed', performance.now());
    });
    void clientHello(socket).then((isHello) => {
      if (socket.destroyed) return;
      if (!isHello) {
        socket.destroy();
        return;
      }
      this.#waitFor(socket, TURN_TIME);
      this.#queue.enter(arrival);
    });
  }

  /** @param time milliseconds */
  #waitFor(socket: Socket, time: number): void {
    this.#noLongerEarly(socket);
    this.#early.set(
      socket,
      setTimeout(() => socket.destroy(), time),
    );
  }

  #noLongerEarly(socket: Socket): void {
    clearTimeout(this.#early.get(socket));
    this.#early.delete(socket);
  }

  #secured(socket: TLSSocket, accept: Accept): void {
    const peer = peerOf(socket);
    const arrival = this.#arrivals.get(whence(socket));
    if (arrival !== undefined) this.#queue.done(arrival);
    if (peer === undefined || arrival === undefined || (peer.expired && !this.#isOurs(socket)))
      socket.destroy();
    else accept(socket, peer, arrival);
  }

  /** Of several faults of a certificate OpenSSL tells the last, and that it has ended comes after that another authority signed it. */
  #isOurs(socket: TLSSocket): boolean {
    const certificate = socket.getPeerX509Certificate()?.toString() ?? '';
    return this.#deps.authority.readRouterCertificate(certificate) !== undefined;
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
      this.#secure?.setSecureContext(await this.#tls());
    } catch (error) {
      this.#deps.log.error({ err: error }, 'the certificate of the edge cannot be renewed');
    }
  }
}

/** Names a connection on both sides of TLS. */
function whence({ remoteAddress, remotePort }: Socket): string {
  return `${remoteAddress} ${remotePort}`;
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
