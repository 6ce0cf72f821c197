import { join } from 'node:path';
import {
  type DocumentKind,
  documentHash,
  documentKinds,
  documentSchema,
  type KhienDocument,
  noDocuments,
  openDocument,
  type SignedDocument,
  signedDocumentSchema,
} from '@khien/shared/document';
import { codeOf } from '@khien/shared/error';
import type { Log } from '../log.ts';
import { readFileIfThere, setAside, writeFileAtomically } from '../storage/atomic-file.ts';
import { type Files, systemFiles } from '../storage/files.ts';

/** Whose documents are taken up. */
export type Trust = Pick<Parameters<typeof openDocument>[1], 'keys' | 'router'>;

/** A document and what tells it from others of its version. */
export interface Held {
  readonly document: KhienDocument;
  readonly hash: string;
}

/**
 * The newest accepted document of each kind, a file each: they are few, they must survive what breaks a database, and
 * their signature tells on reading whether they are whole.
 */
export class DocumentFiles {
  readonly #folder: string;
  readonly #log: Log;
  readonly #files: Files;

  constructor(folder: string, log: Log, files: Files = systemFiles) {
    this.#folder = folder;
    this.#log = log;
    this.#files = files;
  }

  /**
   * Every document that is there and verifies. One that does not is set aside beside its place, and `damaged` is told;
   * the cloud sends it again, since hello then says version 0. Where it is not known (any more) whom to trust, those that are
   * whole count: they were verified when they came, and who can write here needs no documents.
   */
  async load(trust: Trust | undefined, damaged: (kind: DocumentKind, code: string) => void): Promise<Held[]> {
    const found: Held[] = [];
    for (const kind of documentKinds) {
      try {
        const bytes = await readFileIfThere(this.#path(kind), this.#files);
        if (bytes === undefined) continue;
        const held = trust === undefined ? readUnverified(bytes) : openStored(bytes, trust);
        if (held.document.kind !== kind) throw new Error(`the file holds a ${held.document.kind}`);
        found.push(held);
      } catch (error) {
        this.#log.error(`the stored ${kind} is damaged and set aside`, error);
        damaged(kind, codeOf(error));
        // Where flash takes nothing it stays, and is found damaged again.
        await setAside(this.#path(kind), this.#files).catch((hindrance: unknown) =>
          this.#log.error('it could not be set aside', hindrance),
        );
      }
    }
    return found;
  }

  /** On disk when it resolves. */
  save(kind: DocumentKind, signed: SignedDocument): Promise<void> {
    return writeFileAtomically(this.#path(kind), JSON.stringify(signed), { files: this.#files });
  }

  #path(kind: DocumentKind): string {
    return join(this.#folder, `${kind}.json`);
  }
}

function openStored(bytes: Uint8Array, trust: Trust): Held {
  const { document, signed } = openDocument(bytes, { ...trust, newest: noDocuments });
  return { document, hash: documentHash(signed) };
}

function readUnverified(bytes: Buffer): Held {
  const signed = signedDocumentSchema.parse(JSON.parse(bytes.toString()));
  return { document: documentSchema.parse(signed.document), hash: documentHash(signed) };
}
