import { rename } from 'node:fs/promises';
import { join } from 'node:path';
import {
  type DocumentKind,
  documentKinds,
  type KhienDocument,
  noDocuments,
  openDocument,
  type SignedDocument,
} from '@khien/shared/document';
import { codeOf } from '@khien/shared/error';
import type { Log } from '../log.ts';
import { readFileIfThere, writeFileAtomically } from '../storage/atomic-file.ts';

type Trust = Parameters<typeof openDocument>[1];

/**
 * The newest accepted document of each kind, a file each: they are few, they must survive what breaks a database, and
 * their signature tells on reading whether they are whole.
 */
export class DocumentFiles {
  readonly #folder: string;
  readonly #log: Log;

  constructor(folder: string, log: Log) {
    this.#folder = folder;
    this.#log = log;
  }

  /**
   * Every document that is there and verifies. One that does not is set aside beside its place, and `damaged` is told;
   * the cloud sends it again, since hello then says version 0.
   */
  async load(
    trust: Pick<Trust, 'keys' | 'router'>,
    damaged: (kind: DocumentKind, code: string) => void,
  ): Promise<KhienDocument[]> {
    const found: KhienDocument[] = [];
    for (const kind of documentKinds) {
      const bytes = await readFileIfThere(this.#path(kind));
      if (bytes === undefined) continue;
      try {
        const { document } = openDocument(bytes, { ...trust, newest: noDocuments });
        if (document.kind !== kind) throw new Error(`the file holds a ${document.kind}`);
        found.push(document);
      } catch (error) {
        this.#log.error(`the stored ${kind} is damaged and set aside`, error);
        damaged(kind, codeOf(error));
        // Where flash takes nothing it stays, and is found damaged again.
        await rename(this.#path(kind), `${this.#path(kind)}.damaged`).catch((hindrance: unknown) =>
          this.#log.error('it could not be set aside', hindrance),
        );
      }
    }
    return found;
  }

  /** On disk when it resolves. */
  save(kind: DocumentKind, signed: SignedDocument): Promise<void> {
    return writeFileAtomically(this.#path(kind), JSON.stringify(signed));
  }

  #path(kind: DocumentKind): string {
    return join(this.#folder, `${kind}.json`);
  }
}
