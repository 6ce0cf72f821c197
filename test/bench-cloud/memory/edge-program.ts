import { generateKeyPairSync } from 'node:crypto';
import { createWriteStream } from 'node:fs';
import { createServer, type Server, type Socket } from 'node:net';
import { join } from 'node:path';
import { Authority } from '@khien/cloud/authority/authority';
import { LocalChanges } from '@khien/cloud/changes';
import { SignedDocuments } from '@khien/cloud/documents/documents';
import { openDocumentKeys } from '@khien/cloud/documents/keys';
import { HANDSHAKE_TIME, MqttEdge } from '@khien/cloud/edge/mqtt-edge';
import { type Accept, type Listener, TlsListener } from '@khien/cloud/edge/tls-listener';
import { StoreIngest } from '@khien/cloud/ingest/ingest';
import { manifestOf } from '@khien/cloud/lists/manifest';
import { openStore } from '@khien/cloud/store/open';
import { catalogue } from '@khien/shared/catalogue';
import { defaultContacts } from '@khien/shared/contact';
import { type Id, newId } from '@khien/shared/id';

/*
 * The edge over a store with many routers, in a process of its own. `edge-program.ts tls|plain FOLDER ROUTERS` writes a
 * line of JSON for each router, then is asked over IPC what it weighs.
 */

const [kind, folder = '', count = '0'] = process.argv.slice(2);

/** Without TLS a connection is whoever its first line says; that is for measuring alone. */
class PlainListener implements Listener {
  readonly #server: Server = createServer({ noDelay: true, keepAlive: true });
  readonly #keys: ReadonlyMap<Id, string>;

  constructor(keys: ReadonlyMap<Id, string>) {
    this.#keys = keys;
  }

  get port(): number {
    const address = this.#server.address();
    return typeof address === 'object' && address !== null ? address.port : 0;
  }

  start(accept: Accept): Promise<void> {
    this.#server.on('connection', (socket: Socket) => {
      socket.once('data', (line: Buffer) => {
        socket.pause();
        const router = line.subarray(0, 26).toString();
        const publicKey = this.#keys.get(router) ?? '';
        const arrival = { socket, address: '127.0.0.1', letIn: false, excused: false };
        accept(socket, { router, publicKey, expired: false }, arrival);
        socket.write('\n');
      });
    });
    return new Promise((resolve) => this.#server.listen(0, '127.0.0.1', resolve));
  }

  close(): Promise<void> {
    return new Promise((resolve) => this.#server.close(() => resolve()));
  }

  destroy(): void {}
  letIn(): void {}
}

/** Few, as in life: what one says is compared with what the others of its home are. */
const ROUTERS_OF_A_HOME = 5;

const store = await openStore(join(folder, 'khien.sqlite'));
const authority = await Authority.open(store.db);
const keys = await openDocumentKeys(store.db);
const now = Date.now;
const documents = new SignedDocuments({
  key: keys.signing,
  catalogue,
  contacts: defaultContacts,
  lists: () => manifestOf(catalogue, null, []),
  now,
});
const routers = new Map<Id, string>();
const written = createWriteStream(join(folder, 'routers'));
await store.transaction(async (trx) => {
  let household: Id | undefined;
  for (let i = 0; i < Number(count); i += 1) {
    if (household === undefined || i % ROUTERS_OF_A_HOME === 0) {
      household = newId();
      const home = { name: 'Nhà', zone: 'Asia/Ho_Chi_Minh', language: 'vi', created_at: 0 } as const;
      await trx
        .insertInto('household')
        .values({ id: household, ...home })
        .execute();
      await documents.rebuild(trx, household);
    }
    const pair = generateKeyPairSync('ec', { namedCurve: 'P-256' });
    const publicKey = pair.publicKey.export({ type: 'spki', format: 'der' }).toString('base64url');
    const id = newId();
    routers.set(id, publicKey);
    const row = { id, household, name: 'R', model: 'bench', public_key: publicKey, enrolled_at: 0 };
    await trx.insertInto('router').values(row).execute();
    const cert = kind === 'tls' ? await authority.issueRouterCertificate(id, publicKey) : '';
    const key = pair.privateKey.export({ type: 'pkcs8', format: 'pem' }).toString();
    written.write(`${JSON.stringify({ id, key, cert })}\n`);
  }
});
await new Promise((resolve) => written.end(resolve));

const silent = { info: () => undefined, warn: () => undefined, error: console.error };
const changes = new LocalChanges();
const listener =
  kind === 'tls'
    ? new TlsListener(
        { authority, log: silent },
        { host: '127.0.0.1', port: 0, serverNames: ['localhost'], handshakeTime: HANDSHAKE_TIME },
      )
    : new PlainListener(routers);
const ingest = new StoreIngest(store, changes, now);
const edge = new MqttEdge({ node: newId(), store, documents, ingest, changes, log: silent, now }, listener);
await edge.start();

process.on('message', () => {
  global.gc?.();
  global.gc?.();
  process.send?.({ ...process.memoryUsage(), connected: edge.connected });
});
process.send?.({ port: edge.port, authority: authority.certificate });
