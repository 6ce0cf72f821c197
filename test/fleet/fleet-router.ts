import { connect, createSecureContext, type SecureContext, type TLSSocket } from 'node:tls';
import type { KhienEvent } from '@khien/shared/event';
import { topics } from '@khien/shared/topic';
import mqtt, { type Packet } from 'mqtt-packet';
import type { FleetIdentity } from './identities.ts';

/** Where a router connects to; the name that the certificate must be for is always `localhost`. */
export interface EdgeAddress {
  readonly host: string;
  readonly port: number;
  /** Where it connects from: a home has an address of its own. */
  readonly localAddress?: string;
}

const KEEP_ALIVE_S = 300;
/** As the daemon's. */
const CONNECT_TIME = 30_000;
const MAX_PACKET_ID = 65_535;

const secureContexts = new WeakMap<FleetIdentity, SecureContext>();

/** Made once for all connections of a router: reading its key takes half as long as shaking hands. */
function secureContextOf(identity: FleetIdentity): SecureContext {
  const { key, certificate: cert, authority: ca } = identity;
  const context = secureContexts.get(identity) ?? createSecureContext({ key, cert, ca });
  secureContexts.set(identity, context);
  return context;
}

/**
 * One router's connection: MQTT 3.1.1 over mutual TLS, without a client library's store, timers and reconnecting. It ends
 * with the connection; a router that comes back is a new one.
 */
export class FleetRouter {
  readonly identity: FleetIdentity;
  /** The payload of each document that came, newest last. */
  onDocument: (payload: Buffer) => void = () => undefined;
  readonly #socket: TLSSocket;
  readonly #waiting = new Map<number, { resolve: () => void; reject: (error: Error) => void }>();
  #packetId = 0;
  readonly closed: Promise<void>;

  private constructor(identity: FleetIdentity, socket: TLSSocket) {
    this.identity = identity;
    this.#socket = socket;
    this.closed = new Promise((resolve) => socket.once('close', () => resolve()));
    socket.once('close', () => this.#abandon());
    socket.on('error', () => undefined);
  }

  /** Resolves when the edge has let the router in and it hears of its documents. */
  static async connect(identity: FleetIdentity, edge: EdgeAddress): Promise<FleetRouter> {
    const socket = connect({
      ...edge,
      servername: 'localhost',
      secureContext: secureContextOf(identity),
      timeout: 0,
    });
    const router = new FleetRouter(identity, socket);
    await new Promise<void>((resolve, reject) => {
      const timer = setTimeout(() => {
        socket.destroy();
        reject(new Error('no connection in time'));
      }, CONNECT_TIME);
      const settle = (done: () => void) => () => {
        clearTimeout(timer);
        done();
      };
      socket.once(
        'close',
        settle(() => reject(new Error('the edge closed the connection'))),
      );
      router.#listen(settle(resolve));
      socket.once('secureConnect', () => {
        router.#send({
          cmd: 'connect',
          protocolId: 'MQTT',
          protocolVersion: 4,
          clean: true,
          clientId: identity.router,
          keepalive: KEEP_ALIVE_S,
        });
        router.#send({
          cmd: 'subscribe',
          messageId: router.#nextId(),
          subscriptions: [{ topic: topics.document(identity.router), qos: 1 }],
        });
      });
    });
    return router;
  }

  /** Resolves when the edge has acknowledged the events; rejects when the connection ended before. */
  publish(events: readonly KhienEvent[]): Promise<void> {
    return this.publishTo(topics.events(this.identity.router), JSON.stringify({ events }));
  }

  publishTo(topic: string, payload: string): Promise<void> {
    return new Promise((resolve, reject) => {
      const messageId = this.#nextId();
      this.#waiting.set(messageId, { resolve, reject });
      this.#send({ cmd: 'publish', topic, payload, qos: 1, messageId, dup: false, retain: false });
      if (this.#socket.destroyed) this.#abandon();
    });
  }

  close(): void {
    this.#socket.destroy();
  }

  #listen(subscribed: () => void): void {
    const parser = mqtt.parser();
    parser.on('packet', (packet: Packet) => {
      if (packet.cmd === 'suback') subscribed();
      else if (packet.cmd === 'puback') this.#acknowledged(packet.messageId ?? 0);
      else if (packet.cmd === 'publish') {
        if (packet.qos === 1) this.#send({ cmd: 'puback', messageId: packet.messageId ?? 0 });
        this.onDocument(Buffer.from(packet.payload));
      }
    });
    parser.on('error', () => this.close());
    this.#socket.on('data', (chunk: Buffer) => parser.parse(chunk));
  }

  #acknowledged(messageId: number): void {
    this.#waiting.get(messageId)?.resolve();
    this.#waiting.delete(messageId);
  }

  #abandon(): void {
    for (const { reject } of this.#waiting.values()) reject(new Error('the connection ended'));
    this.#waiting.clear();
  }

  #send(packet: Packet): void {
    this.#socket.write(mqtt.generate(packet));
  }

  #nextId(): number {
    do this.#packetId = (this.#packetId % MAX_PACKET_ID) + 1;
    while (this.#waiting.has(this.#packetId));
    return this.#packetId;
  }
}
