import { type DocumentKind, documentKinds } from '@khien/shared/document';
import { isKhienError } from '@khien/shared/error';
import type { Id } from '@khien/shared/id';
import { topics } from '@khien/shared/topic';
import type { Client } from 'aedes';
import type { FastifyBaseLogger } from 'fastify';
import { newerOfStored, type SignedDocuments, type StoredDocument } from '../documents/documents.ts';
import { GatheredRead } from '../store/gathered-read.ts';
import type { Store } from '../store/open.ts';
import { patiently } from './patience.ts';
import type { RouterConnection } from './router-connection.ts';

export interface DocumentPushDeps {
  readonly store: Store;
  readonly documents: Pick<SignedDocuments, 'newerThan' | 'storedOf'>;
  readonly log: Pick<FastifyBaseLogger, 'error'>;
}

/**
 * Sends a router what is newer than it has, from the store. One push at a time for each connection; what changes
 * meanwhile is read when it ends, so that a hundred changes in a row are a few documents, and a slow router gets the newest.
 */
export class DocumentPush {
  readonly #deps: DocumentPushDeps;
  readonly #stored: GatheredRead<Id, StoredDocument[]>;
  readonly #pushing = new Map<RouterConnection, { again: boolean }>();

  constructor(deps: DocumentPushDeps) {
    this.#deps = deps;
    this.#stored = new GatheredRead((routers) => deps.documents.storedOf(deps.store.db, routers));
  }

  /** Does nothing for a router that has not said hello: what it lacks is not known yet. */
  async push(connection: RouterConnection): Promise<void> {
    const running = this.#pushing.get(connection);
    if (running !== undefined) {
      running.again = true;
      return;
    }
    const turn = { again: false };
    this.#pushing.set(connection, turn);
    try {
      do {
        turn.again = false;
        await this.#pushOnce(connection);
      } while (turn.again);
    } catch (error) {
      // A household whose documents cannot be made must not make its router reconnect for ever.
      this.#deps.log.error({ err: error, router: connection.router }, 'documents cannot be sent');
      if (!isKhienError(error)) connection.close();
    } finally {
      this.#pushing.delete(connection);
    }
  }

  async #pushOnce(connection: RouterConnection): Promise<void> {
    const { household, client, sent, router } = connection;
    if (household === undefined || client === undefined || sent === undefined) return;
    const { store, documents } = this.#deps;
    const { hashes } = connection;
    const newer = await patiently(
      async () =>
        newerOfStored((await this.#stored.get(router)) ?? [], sent, hashes) ??
        store.ofHousehold(household, (trx) =>
          documents.newerThan(trx, { id: router, household }, sent, hashes),
        ),
      () => connection.isOpen,
    );
    for (const document of newer) {
      await send(client, router, document);
      const kind = kindOf(document);
      if (kind === undefined) continue;
      connection.sent = { ...(connection.sent ?? sent), [kind]: document.version };
      const { [kind]: _replaced, ...others } = connection.hashes;
      connection.hashes = others;
    }
  }
}

function kindOf(document: StoredDocument): DocumentKind | undefined {
  return documentKinds.find((kind) => kind === document.kind);
}

/** Resolves when the socket has taken it or the connection has ended; that it is in force `document-applied` says. */
function send(client: Client, router: Id, document: StoredDocument): Promise<void> {
  const packet = {
    cmd: 'publish',
    topic: topics.document(router),
    payload: Buffer.from(document.signed),
    qos: 1,
    retain: false,
    dup: false,
  } as const;
  return new Promise((resolve) => client.publish(packet, () => resolve()));
}
