import { mkdirSync, writeFileSync } from 'node:fs';
import { createServer } from 'node:https';
import { join } from 'node:path';
import { catalogue } from '@khien/shared/catalogue';
import { defaultContacts } from '@khien/shared/contact';
import { type Id, newId } from '@khien/shared/id';
import type { FastifyInstance } from 'fastify';
import { type AppOptions, buildApp } from './app.ts';
import { Authority } from './authority/authority.ts';
import { LocalChanges } from './changes.ts';
import { type Config, storeLocation } from './config.ts';
import { SignedDocuments } from './documents/documents.ts';
import { openDocumentKeys } from './documents/keys.ts';
import { documentRefresh } from './documents/refresh.ts';
import { HANDSHAKE_TIME, MqttEdge } from './edge/mqtt-edge.ts';
import { TlsListener } from './edge/tls-listener.ts';
import { RouterEnrolment } from './enrolment/enrolment.ts';
import { enrolmentRoutes } from './enrolment/routes.ts';
import { removeStaleSocket } from './http/unix-socket.ts';
import { StoreIngest } from './ingest/ingest.ts';
import { PublishedLists } from './lists/published-lists.ts';
import { listRoutes } from './lists/routes.ts';
import { TableFolder } from './lists/table-folder.ts';
import { MeasuredIngest } from './metrics/measured-ingest.ts';
import { Metrics } from './metrics/metrics.ts';
import { MetricsServer } from './metrics/metrics-server.ts';
import { Leadership } from './nodes/leadership.ts';
import { Membership } from './nodes/membership.ts';
import { NotifiedChanges } from './nodes/notified-changes.ts';
import { DatabaseSession } from './nodes/session.ts';
import { Telling } from './notifications/telling.ts';
import { publicResolver } from './outgoing/address.ts';
import { outsidePost } from './outgoing/post.ts';
import { pushSender } from './push/sender.ts';
import { openVapid } from './push/vapid.ts';
import { Retention } from './retention/retention.ts';
import { openStore } from './store/open.ts';

/** A request that is not sent within this is dropped, milliseconds (slow senders hold connections). */
const REQUEST_TIMEOUT = 30_000;

/** The whole cloud in one process: HTTP for parents and new routers, MQTT for routers, one store. */
export class CloudServer {
  readonly #config: Config;
  readonly #web: string;
  /** What undoes each step of the start, newest first. */
  readonly #undo: (() => Promise<void>)[] = [];

  /** @param web the folder of the built web UI */
  constructor(config: Config, web: string) {
    this.#config = config;
    this.#web = web;
  }

  /**
   * Starts all of it, or nothing: what was started is stopped again when a later step fails.
   *
   * @returns the address that HTTP listens at
   */
  async start(): Promise<string> {
    try {
      return await this.#start();
    } catch (error) {
      await this.stop();
      throw error;
    }
  }

  async #start(): Promise<string> {
    const { data, databaseUrl, publicUrl, mqttListen, mqttUrl } = this.#config;
    mkdirSync(data, { recursive: true, mode: 0o700 });
    const store = await openStore(storeLocation(this.#config));
    this.#undo.unshift(() => store.close());

    const now = Date.now;
    const node = newId();
    const session = databaseUrl === undefined ? undefined : new DatabaseSession(databaseUrl);
    const changes = session === undefined ? new LocalChanges() : this.#notified(session, node);
    const authority = await Authority.open(store.db, now);
    // Public: what routers' firmware is given to trust this cloud by, where no public authority vouches for it.
    writeFileSync(join(data, 'authority.pem'), authority.certificate);
    const keys = await openDocumentKeys(store.db, now);
    const tables = tableFolder(data);
    const lists = new PublishedLists({ folder: tables, catalogue });
    // What cannot be read keeps no family from its rules: routers keep their lists, and `watch` logs it.
    await lists.load().catch(() => false);
    const documents = new SignedDocuments({
      key: keys.signing,
      catalogue,
      contacts: defaultContacts,
      lists: () => lists.body,
      now,
    });
    const enrolment = new RouterEnrolment({
      store,
      authority,
      documentKeys: keys.published,
      mqttUrl,
      verificationUri: publicUrl.origin,
      now,
    });
    const serverNames = [...new Set([hostOf(new URL(mqttUrl)), hostOf(publicUrl)])];

    const context = { store, changes, documents, enrolment, now, publicUrl };
    const metrics = new Metrics();
    const app = buildApp(context, { ...(await this.#http(authority, serverNames)), metrics });
    app.register(enrolmentRoutes, { enrolment });
    app.register(listRoutes, { folder: tables });
    this.#undo.unshift(() => app.close());
    await app.ready();
    const { log } = app;
    await session?.start(log);
    const membership = new Membership({ store, changes, log, now }, node);
    await membership.start();
    this.#undo.unshift(() => membership.stop());

    const ingest = new MeasuredIngest(new StoreIngest(store, changes, now), metrics);
    const edge = new MqttEdge(
      { node, store, documents, ingest, changes, log, now },
      new TlsListener(
        { authority, log },
        {
          ...mqttListen,
          serverNames,
          proxies: this.#config.trustedProxies,
          proxyProtocol: this.#config.mqttProxyProtocol === 'v2',
          handshakeTime: HANDSHAKE_TIME,
        },
      ),
    );
    await edge.start();
    this.#undo.unshift(() => edge.stop());
    metrics.gauge(
      'khien_routers_connected',
      'Routers that are connected to this node.',
      () => edge.connected,
    );
    await this.#serveMetrics(metrics);
    const refresh = documentRefresh({ store, documents, changes, log });
    const resolve = publicResolver();
    const send = pushSender(await openVapid(store.db, publicUrl, now()), resolve);
    const telling = new Telling({ store, changes, send, post: outsidePost(resolve), log, now });
    telling.start();
    this.#undo.unshift(() => telling.stop());
    const leadership = new Leadership(session, [refresh, new Retention({ store, log, now })]);
    leadership.start(log);
    this.#undo.unshift(() => leadership.stop());
    lists.watch(log, () => leadership.again(refresh));
    this.#undo.unshift(() => lists.stop());

    return this.#listen(app);
  }

  #notified(session: DatabaseSession, node: Id): NotifiedChanges {
    const changes = new NotifiedChanges(session, node);
    this.#undo.unshift(async () => {
      await changes.sent();
      await session.stop();
    });
    return changes;
  }

  async #http(authority: Authority, serverNames: readonly string[]): Promise<AppOptions> {
    const { httpListen, httpTls, trustedProxies, logLevel } = this.#config;
    const options: AppOptions = {
      web: this.#web,
      logger: { level: logLevel, base: null },
      requestTimeout: REQUEST_TIMEOUT,
      // Who is at the other end of a unix socket is a proxy that this machine's administrator put there.
      trustProxy: 'path' in httpListen ? (_address, hop) => hop === 0 : [...trustedProxies],
    };
    if (httpTls === 'none') return options;
    const { certificate, privateKey } = await authority.serverCertificate(serverNames);
    return {
      ...options,
      serverFactory: (handler) => {
        const server = createServer({ cert: certificate, key: privateKey, minVersion: 'TLSv1.2' }, handler);
        server.requestTimeout = REQUEST_TIMEOUT;
        return server;
      },
    };
  }

  async #serveMetrics(metrics: Metrics): Promise<void> {
    const { metricsListen } = this.#config;
    if (metricsListen === undefined) return;
    const server = new MetricsServer(metrics, metricsListen);
    await server.start();
    this.#undo.unshift(() => server.stop());
  }

  async #listen(app: FastifyInstance): Promise<string> {
    const { httpListen, httpTls } = this.#config;
    // Fastify does not know what its server factory makes.
    const atTls = (address: string) => (httpTls === 'none' ? address : address.replace(/^http:/, 'https:'));
    if ('path' in httpListen) await removeStaleSocket(httpListen.path);
    const listenTextResolver = (address: string) => `listening at ${atTls(address)}`;
    return atTls(await app.listen({ ...httpListen, listenTextResolver }));
  }

  /** Takes no more, finishes what is under way, and closes the store last. A part that fails does not keep the others. */
  async stop(): Promise<void> {
    const failures: unknown[] = [];
    for (const undo of this.#undo.splice(0)) await undo().catch((error: unknown) => failures.push(error));
    if (failures.length > 0) throw failures[0];
  }
}

/** Where this cloud keeps compiled lists, in its folder of data. */
export function tableFolder(data: string): TableFolder {
  return new TableFolder(join(data, 'lists'));
}

/** The host of a URL as certificates name it: without the brackets of an IPv6 address. */
function hostOf(url: URL): string {
  return url.hostname.replace(/^\[(.*)\]$/, '$1');
}
