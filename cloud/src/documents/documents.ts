import { createHash } from 'node:crypto';
import type { Catalogue } from '@khien/shared/catalogue';
import type { Contact } from '@khien/shared/contact';
import {
  type DocumentKey,
  type DocumentKind,
  type DocumentVersions,
  documentHash,
  documentKinds,
  type KhienDocument,
  noDocuments,
  signDocument,
} from '@khien/shared/document';
import { KhienError } from '@khien/shared/error';
import type { Id } from '@khien/shared/id';
import type { ListsBody } from '@khien/shared/list';
import { type DocumentHashes, MAX_MESSAGE_BYTES } from '@khien/shared/topic';
import type { Documents } from '../ports.ts';
import type { Db, Trx } from '../store/open.ts';
import { compilePolicy } from './compile-policy.ts';
import { readHousehold } from './household-rows.ts';
import { zoneOffsets } from './zone-offsets.ts';

/** Room that MQTT's own header and the topic take of a message. */
const HEADER_BYTES = 256;
/** Far above any version that was counted up to, far below where integers stop being exact. */
const MAX_VERSION = 2 ** 50;

export interface SignedDocumentsDeps {
  /** The Ed25519 private key. */
  readonly key: DocumentKey;
  readonly catalogue: Catalogue;
  readonly contacts: readonly Contact[];
  /** Body of the `lists` document, the same for every router. */
  readonly lists: () => ListsBody;
  readonly now: () => number;
}

/** A document as it is stored and sent. */
export interface StoredDocument {
  readonly kind: string;
  readonly version: number;
  /** JSON of a signed document. */
  readonly signed: string;
}

type Content = {
  [K in DocumentKind]: { kind: K; body: Extract<KhienDocument, { kind: K }>['body'] };
}[DocumentKind];

/** The documents of every router: compiled from the household, versioned, signed, stored. */
export class SignedDocuments implements Documents {
  readonly #deps: SignedDocumentsDeps;

  constructor(deps: SignedDocumentsDeps) {
    this.#deps = deps;
  }

  /**
   * Brings the documents of a household's routers up to its rows. An unchanged body makes no new version.
   *
   * @returns the routers that have a newer document now
   * @throws KhienError `POLICY_INVALID`, `POLICY_TOO_LARGE`, `ZONE_UNKNOWN`
   */
  async rebuild(trx: Trx, household: Id): Promise<Id[]> {
    const routers = await trx.selectFrom('router').select('id').where('household', '=', household).execute();
    if (routers.length === 0) return [];
    const contents = await this.#compile(trx, household);
    const changed: Id[] = [];
    for (const router of routers) {
      if (await this.#bringUp(trx, router.id, contents, noDocuments)) changed.push(router.id);
    }
    return changed;
  }

  /**
   * The documents that a router lacks, given the versions it says are in force. A router that is ahead of the store knew
   * a cloud whose latest days were lost (restored from a backup), and would refuse all that this one issues: its
   * documents are issued again above what it has. So is one that differs from the stored one of its version.
   *
   * @param hashes of what the router has, as far as it says
   * @throws KhienError as `rebuild`, and `DOCUMENT_VERSION_ABSURD`
   */
  async newerThan(
    trx: Trx,
    router: { id: Id; household: Id },
    have: DocumentVersions,
    hashes: DocumentHashes = {},
  ): Promise<StoredDocument[]> {
    const stored = await this.stored(trx, router.id);
    const least = leastOf(stored, have, hashes);
    if (isWhole(stored, least)) return stored.filter((document) => isNewer(document, have));

    await this.#bringUp(trx, router.id, await this.#compile(trx, router.household), least);
    return (await this.stored(trx, router.id)).filter((document) => isNewer(document, have));
  }

  /** The newest documents of a router. */
  stored(db: Db, router: Id): Promise<StoredDocument[]> {
    return db
      .selectFrom('document')
      .select(['kind', 'version', 'signed'])
      .where('router', '=', router)
      .orderBy('kind')
      .execute();
  }

  /** The same of many routers; those that have none are left out. */
  async storedOf(db: Db, routers: readonly Id[]): Promise<ReadonlyMap<Id, StoredDocument[]>> {
    const rows = await db
      .selectFrom('document')
      .select(['router', 'kind', 'version', 'signed'])
      .where('router', 'in', routers)
      .orderBy('router')
      .orderBy('kind')
      .execute();
    const found = new Map<Id, StoredDocument[]>();
    for (const { router, ...document } of rows) {
      const others = found.get(router);
      if (others === undefined) found.set(router, [document]);
      else others.push(document);
    }
    return found;
  }

  async #compile(trx: Trx, household: Id): Promise<Content[]> {
    const now = this.#deps.now();
    const rows = await readHousehold(trx, household, now);
    if (rows === undefined) return [];
    const offsets = zoneOffsets(rows.household.zone, now);
    return [
      { kind: 'policy', body: compilePolicy(rows, this.#deps.catalogue, offsets, now) },
      { kind: 'contacts', body: { contacts: [...this.#deps.contacts] } },
      { kind: 'lists', body: this.#deps.lists() },
    ];
  }

  /** Issues what differs from what is stored, or is not newer than `have` although the router is ahead. */
  async #bringUp(
    trx: Trx,
    router: Id,
    contents: readonly Content[],
    have: DocumentVersions,
  ): Promise<boolean> {
    let changed = false;
    const stored = await trx
      .selectFrom('document')
      .select(['kind', 'version', 'body_hash'])
      .where('router', '=', router)
      .execute();
    for (const content of contents) {
      const hash = hashOf(content.body);
      const before = stored.find((document) => document.kind === content.kind);
      const version = before?.version ?? 0;
      if (before?.body_hash === hash && version >= have[content.kind]) continue;
      await this.#issue(trx, router, content, Math.max(version, have[content.kind]) + 1, hash);
      changed = true;
    }
    return changed;
  }

  async #issue(trx: Trx, router: Id, content: Content, version: number, bodyHash: string): Promise<void> {
    if (version > MAX_VERSION) {
      throw new KhienError(
        'DOCUMENT_VERSION_ABSURD',
        `router ${router} says it has ${content.kind} ${version - 1}`,
      );
    }
    const issuedAt = this.#deps.now();
    const signed = JSON.stringify(signDocument({ ...content, router, version, issuedAt }, this.#deps.key));
    const bytes = Buffer.byteLength(signed);
    if (bytes > MAX_MESSAGE_BYTES - HEADER_BYTES) {
      throw new KhienError('POLICY_TOO_LARGE', `the ${content.kind} document takes ${bytes} bytes`, {
        details: { bytes, most: MAX_MESSAGE_BYTES - HEADER_BYTES },
      });
    }
    const row = { version, issued_at: issuedAt, body_hash: bodyHash, signed };
    await trx
      .insertInto('document')
      .values({ router, kind: content.kind, ...row })
      .onConflict((conflict) => conflict.columns(['router', 'kind']).doUpdateSet(row))
      .execute();
  }
}

/**
 * What `newerThan` would say where nothing is to be made, which is how it is with nearly all routers that come back: no lock is
 * needed to see it. Undefined where `newerThan` has to be asked.
 */
export function newerOfStored(
  stored: readonly StoredDocument[],
  have: DocumentVersions,
  hashes: DocumentHashes = {},
): StoredDocument[] | undefined {
  if (!isWhole(stored, leastOf(stored, have, hashes))) return undefined;
  return stored.filter((document) => isNewer(document, have));
}

/** The versions that a router needs at least: one more than it has where it has another document of the same version. */
function leastOf(
  stored: readonly StoredDocument[],
  have: DocumentVersions,
  hashes: DocumentHashes,
): DocumentVersions {
  const least = { ...have };
  for (const kind of documentKinds) {
    const document = stored.find((candidate) => candidate.kind === kind);
    if (document?.version === have[kind] && differs(document, hashes[kind])) least[kind] += 1;
  }
  return least;
}

/** Whether each kind is stored in the version that is needed at least. */
function isWhole(stored: readonly StoredDocument[], least: DocumentVersions): boolean {
  return documentKinds.every((kind) => {
    const version = stored.find((document) => document.kind === kind)?.version;
    return version !== undefined && version >= least[kind];
  });
}

function isNewer(document: StoredDocument, have: DocumentVersions): boolean {
  return documentKinds.some((kind) => kind === document.kind && document.version > have[kind]);
}

/** Whether a router that told this hash has another document. */
function differs({ signed }: StoredDocument, hash: string | undefined): boolean {
  // The signature is the last field, and needs no parsing of the rest.
  const signature = /"signature":"([\w-]{86})"\}$/.exec(signed)?.[1];
  return hash !== undefined && signature !== undefined && documentHash({ signature }) !== hash;
}

/** Compiled bodies have one order of keys, so equal ones are equal text. */
function hashOf(body: unknown): string {
  return createHash('sha256').update(JSON.stringify(body)).digest('hex');
}
