import type { KeyObject } from 'node:crypto';
import { isIP } from 'node:net';
import { connect as connectTls, type TLSSocket } from 'node:tls';
import type { DocumentVersions } from '@khien/shared/document';
import type { Identity } from '@khien/shared/enrolment';
import { codeOf } from '@khien/shared/error';
import { MqttFrames } from '@khien/shared/mqtt-frames';
import {
  type DocumentHashes,
  type Hello,
  MAX_HEADER_BYTES,
  MAX_MESSAGE_BYTES,
  type State,
  topics,
} from '@khien/shared/topic';
import { ErrorWithReasonCode, type IPublishPacket, MqttClient } from 'mqtt';
import { writeToStream } from 'mqtt-packet';
import type { Clock } from '../clock/clock.ts';
import type { Part } from '../lifecycle.ts';
import type { Log } from '../log.ts';
import type { Outbox } from '../outbox/outbox.ts';
import { BackOff } from './back-off.ts';
import { fittingState } from './fitting-state.ts';

const KEEPALIVE_S = 30;
/** A cloud that was down lets all its routers in again one after the other. */
const CONNECT_TIMEOUT_MS = 30_000;
/** A connection that held so long was no mere try. */
const LASTING_MS = 60_000;
/** CONNACK's return codes, MQTT 3.1.1 §3.2.2.3; that of a bad password says of us that the certificate has ended. */
const EXPIRED = 4;
const NOT_AUTHORISED = 5;
const MAX_PACKET_BYTES = MAX_MESSAGE_BYTES + MAX_HEADER_BYTES;
// Else mqtt-packet makes a Buffer for each of the numbers to 65,535: 8 MB.
writeToStream.cacheNumbers = false;

/** Events in a message: 64 of the largest stay under MAX_MESSAGE_BYTES. */
const BATCH = 64;

export interface UplinkDeps {
  readonly identity: Identity;
  readonly privateKey: KeyObject;
  readonly outbox: Outbox;
  readonly clock: Clock;
  readonly log: Log;
  readonly daemon: string;
  /** What hello says the router has. */
  readonly versions: () => DocumentVersions;
  /** What tells them from others of the same version. */
  readonly hashes: () => DocumentHashes;
  /** What state says of the router. */
  readonly state: () => State;
  /** Told of each state that is on its way to the cloud. */
  readonly stateTold: (state: State) => void;
  /** Takes a document; resolves when it is in force or refused. */
  readonly receive: (bytes: Uint8Array) => Promise<void>;
  /** Told each time the cloud says that it does not know this router (any more). */
  readonly unknown: () => void;
  /** Told when the cloud does not take the certificate any more, because it has ended. */
  readonly expired: () => void;
  /** Longest delay between tries to connect (ms). */
  readonly longestBackOffMs: number;
}

/**
 * The one place that speaks MQTT: over TLS with the router's own certificate, a clean session, no retained messages. What
 * must not be lost waits in the outbox until PUBACK, which the cloud sends after commit.
 */
export class Uplink implements Part {
  readonly name = 'uplink';
  readonly #deps: UplinkDeps;
  readonly #backOff: BackOff;
  #client: MqttClient | undefined;
  #cancelRetry: (() => void) | undefined;
  #unsubscribe: (() => void) | undefined;
  #sending = false;
  #stopped = true;
  #connectedAt = Number.POSITIVE_INFINITY;

  constructor(deps: UplinkDeps) {
    this.#deps = deps;
    this.#backOff = new BackOff(1000, deps.longestBackOffMs);
  }

  get connected(): boolean {
    return this.#client?.connected ?? false;
  }

  // biome-ignore lint/suspicious/useAwait: connecting goes on in the background; start must not wait for the cloud
  async start(): Promise<void> {
    this.#stopped = false;
    this.#unsubscribe = this.#deps.outbox.onPut(() => void this.#send());
    this.#connect();
  }

  async stop(): Promise<void> {
    this.#stopped = true;
    this.#cancelRetry?.();
    this.#unsubscribe?.();
    const client = this.#client;
    this.#client = undefined;
    if (client === undefined) return;
    // Not waiting for PUBACKs, which may never come: what they are for is in the outbox.
    await new Promise<void>((resolve) => client.end(true, {}, () => resolve()));
  }

  /** Tells the cloud how things are, at QoS 0, where it is in reach. */
  publishState(): void {
    const { identity, state, stateTold } = this.#deps;
    const client = this.#client;
    // Where the last ones have not gone out yet, the connection is slow or dead, and states would pile up in memory.
    if (client === undefined || !client.connected || client.stream.writableLength > MAX_MESSAGE_BYTES) return;
    const now = state();
    client.publish(topics.state(identity.router), fittingState(now, MAX_MESSAGE_BYTES), { qos: 0 });
    stateTold(now);
  }

  #connect(): void {
    const { identity, privateKey, log, clock } = this.#deps;
    const url = new URL(identity.mqttUrl);
    const tls = {
      host: url.hostname.replace(/^\[(.*)\]$/, '$1'),
      port: Number(url.port || 8883),
      key: privateKey.export({ type: 'pkcs8', format: 'pem' }),
      cert: identity.certificate,
      ca: identity.authority,
    };
    const open = (): TLSSocket => {
      const socket = connectTls({ ...tls, ...serverName(tls.host) });
      socket.on('error', (error) => log.warn(`cloud: ${error.message || codeOf(error)}`));
      holdToFrames(socket);
      return socket;
    };
    const client = new MqttClient(open, {
      clientId: identity.router,
      clean: true,
      keepalive: KEEPALIVE_S,
      connectTimeout: CONNECT_TIMEOUT_MS,
      reconnectPeriod: 0,
      queueQoSZero: false,
      timerVariant: 'native',
    });
    this.#client = client;
    // mqtt.js acknowledges a message when this calls back: apply first, acknowledge then.
    client.handleMessage = (packet, done) => this.#message(packet, done);
    client.on('connect', () => {
      this.#connectedAt = clock.now();
      log.info('connected to the cloud');
      this.#greet(client);
    });
    // Errors of the socket are told above; MQTT's own are those with a reason code.
    client.on('error', (error) => {
      if (!(error instanceof ErrorWithReasonCode)) return;
      log.warn(`cloud: ${error.message}`);
      if (error.code === NOT_AUTHORISED) this.#deps.unknown();
      else if (error.code === EXPIRED) this.#deps.expired();
    });
    client.on('close', () => this.#closed(client));
  }

  #greet(client: MqttClient): void {
    const { identity, clock, daemon, versions, hashes } = this.#deps;
    client.subscribe(topics.document(identity.router), { qos: 1 }, (error) => {
      if (error !== null) {
        this.#deps.log.warn(`cloud: ${error.message}`);
        client.end(true);
        return;
      }
      const hello: Hello = {
        daemon,
        have: versions(),
        hashes: hashes(),
        at: clock.now(),
        timeSource: clock.source(),
      };
      client.publish(topics.hello(identity.router), JSON.stringify(hello), { qos: 1 });
      this.publishState();
      void this.#send();
    });
  }

  #closed(client: MqttClient): void {
    if (client !== this.#client || this.#stopped) return;
    this.#client = undefined;
    client.removeAllListeners();
    // A late error of a closed client has nobody to care, and must not end the process.
    client.on('error', () => undefined);
    client.end(true);
    const { clock, log } = this.#deps;
    // A cloud that lets us in and hangs up is in trouble as well: no faster than one that is not there.
    if (clock.now() - this.#connectedAt >= LASTING_MS) this.#backOff.reset();
    this.#connectedAt = Number.POSITIVE_INFINITY;
    const delay = this.#backOff.next();
    log.info(`the cloud is out of reach, next try in ${(delay / 1000).toFixed(1)} s`);
    this.#cancelRetry = clock.after(delay, () => this.#connect());
  }

  #message(packet: IPublishPacket, done: (error?: Error) => void): void {
    const { identity, receive, log } = this.#deps;
    const payload = typeof packet.payload === 'string' ? Buffer.from(packet.payload) : packet.payload;
    if (packet.topic !== topics.document(identity.router) || payload.length > MAX_MESSAGE_BYTES) {
      log.warn(`cloud: ignored ${payload.length} bytes on ${packet.topic.slice(0, 80)}`);
      done();
      return;
    }
    receive(payload)
      .catch((error: unknown) => log.error('a document could not be taken', error))
      .then(() => done());
  }

  /** Sends what waits, a batch at a time, and forgets each batch when its PUBACK has come. */
  async #send(): Promise<void> {
    if (this.#sending) return;
    this.#sending = true;
    try {
      for (;;) {
        const client = this.#client;
        const events = this.#deps.outbox.oldest(BATCH);
        if (client === undefined || !client.connected || events.length === 0) return;
        await client.publishAsync(topics.events(this.#deps.identity.router), JSON.stringify({ events }), {
          qos: 1,
        });
        await this.#deps.outbox.remove(events.map((event) => event.id));
      }
    } catch (error) {
      // They wait in the outbox; the next connection sends them again.
      this.#deps.log.warn(
        `cloud: events not acknowledged: ${error instanceof Error ? error.message : String(error)}`,
      );
    } finally {
      this.#sending = false;
    }
  }
}

/** Hangs up on a sender that announces more than any message may have: the parser would collect it all. */
function holdToFrames(socket: TLSSocket): void {
  const frames = new MqttFrames(MAX_PACKET_BYTES, MAX_PACKET_BYTES);
  socket.on('data', (chunk: Buffer) => {
    try {
      frames.take(chunk);
    } catch (error) {
      socket.destroy(error instanceof Error ? error : undefined);
    }
  });
}

/** What the certificate must name, where the server is called by a name (RFC 6066 §3 has none for addresses). */
function serverName(host: string): { servername?: string } {
  return isIP(host) === 0 ? { servername: host } : {};
}
