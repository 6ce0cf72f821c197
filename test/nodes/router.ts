import { generateKeyPairSync } from 'node:crypto';
import { noDocuments, signedDocumentSchema } from '@khien/shared/document';
import { enrolmentGrantSchema, type Identity, identitySchema, signEnrolment } from '@khien/shared/enrolment';
import type { KhienEvent } from '@khien/shared/event';
import { type Id, newId } from '@khien/shared/id';
import { type Hello, topics } from '@khien/shared/topic';
import { connect, type MqttClient } from 'mqtt';
import { z } from 'zod';
import type { Parent } from './parent.ts';

const documentSchema = z.object({ kind: z.string(), version: z.number() });

/** How soon it comes back, milliseconds. */
const RECONNECT = 100;

/**
 * A router as the cloud sees one: enrolled and claimed over HTTP, with an outbox whose events are sent again until they
 * are acknowledged, and the newest document of each kind.
 */
export class TestRouter {
  readonly id: Id;
  readonly sent = new Set<Id>();
  readonly acknowledged = new Set<Id>();
  /** By kind, the newest version that came. */
  readonly versions = new Map<string, number>();
  /** When each version of the policy came, performance.now(). */
  readonly arrivals = new Map<number, number>();
  connections = 0;
  readonly #identity: Identity;
  readonly #key: string;
  readonly #outbox = new Map<Id, KhienEvent>();
  #client: MqttClient | undefined;
  #left: MqttClient | undefined;
  #stopped = false;
  #port: number;

  private constructor(identity: Identity, key: string, port: number) {
    this.id = identity.router;
    this.#identity = identity;
    this.#key = key;
    this.#port = port;
  }

  /** Makes one that belongs to this parent's home. It is not connected yet, and will be at this port. */
  static async enrol(parent: Parent, port: number): Promise<TestRouter> {
    const { publicKey, privateKey } = generateKeyPairSync('ec', { namedCurve: 'P-256' });
    const spki = publicKey.export({ type: 'spki', format: 'der' }).toString('base64url');
    const asked = { publicKey: spki, model: 'Test router', daemon: '0.1.0', at: Date.now() };
    const grant = enrolmentGrantSchema.parse(
      await parent.call('POST', '/api/v1/enrolment', signEnrolment(asked, privateKey)),
    );
    await parent.ofHome('POST', '/routers', { claimCode: grant.user_code });
    const identity = identitySchema.parse(
      await parent.call('POST', '/api/v1/enrolment/token', {
        grant_type: 'urn:ietf:params:oauth:grant-type:device_code',
        device_code: grant.device_code,
      }),
    );
    return new TestRouter(identity, privateKey.export({ type: 'pkcs8', format: 'pem' }).toString(), port);
  }

  get isConnected(): boolean {
    return this.#client?.connected === true;
  }

  get waiting(): number {
    return this.#outbox.size;
  }

  /** Whether the connection that it had before it was started anew is still open. */
  get isLeftOpen(): boolean {
    return this.#left?.connected === true;
  }

  /** Connects. A connection that is open is left as it is, as when the router's way to the Internet changes. */
  start(port = this.#port): void {
    this.#left = this.#client;
    this.#stopped = false;
    this.#port = port;
    this.#connect();
  }

  /** Puts a new event into the outbox. */
  tell(): void {
    const event: KhienEvent = {
      id: newId(),
      at: Date.now(),
      timeSource: 'ntp',
      kind: 'router',
      code: 'LOAD',
      detail: '',
    };
    this.#outbox.set(event.id, event);
    if (this.#client?.connected) this.#send(this.#client, event);
  }

  async stop(): Promise<void> {
    this.#stopped = true;
    await this.#client?.endAsync(true);
  }

  #connect(): void {
    const { certificate, authority } = this.#identity;
    const client = connect({
      protocol: 'mqtts',
      host: 'localhost',
      port: this.#port,
      clientId: this.id,
      key: this.#key,
      cert: certificate,
      ca: authority,
      reconnectPeriod: 0,
      connectTimeout: 5000,
      keepalive: 5,
    });
    this.#client = client;
    client.on('error', () => undefined);
    client.on('message', (_topic, payload) => this.#document(payload));
    client.on('connect', () => {
      this.connections += 1;
      client.subscribe(topics.document(this.id), { qos: 1 });
      client.publish(topics.hello(this.id), JSON.stringify(this.#hello()), { qos: 1 });
      for (const event of this.#outbox.values()) this.#send(client, event);
    });
    client.on('close', () => {
      if (this.#client === client && !this.#stopped) setTimeout(() => this.#connect(), RECONNECT);
    });
  }

  #hello(): Hello {
    const have = { ...noDocuments, ...Object.fromEntries(this.versions) };
    return { daemon: '0.1.0', have, at: Date.now(), timeSource: 'ntp' };
  }

  #send(client: MqttClient, event: KhienEvent): void {
    this.sent.add(event.id);
    client.publish(topics.events(this.id), JSON.stringify({ events: [event] }), { qos: 1 }, (error) => {
      if (error) return;
      this.acknowledged.add(event.id);
      this.#outbox.delete(event.id);
    });
  }

  #document(payload: Buffer): void {
    const signed = signedDocumentSchema.parse(JSON.parse(payload.toString()));
    const document = documentSchema.parse(signed.document);
    this.versions.set(document.kind, document.version);
    if (document.kind === 'policy') this.arrivals.set(document.version, performance.now());
  }
}
