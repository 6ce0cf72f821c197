import { type Contact, defaultContacts } from '@khien/shared/contact';
import {
  type DocumentKind,
  type DocumentVersions,
  documentHash,
  type KhienDocument,
  noDocuments,
  openDocument,
  type SignedDocument,
} from '@khien/shared/document';
import { codeOf } from '@khien/shared/error';
import type { KhienEvent } from '@khien/shared/event';
import type { Instant } from '@khien/shared/id';
import type { ListsBody } from '@khien/shared/list';
import type { Policy } from '@khien/shared/policy';
import type { DocumentHashes } from '@khien/shared/topic';
import type { Clock } from '../clock/clock.ts';
import type { Log } from '../log.ts';
import { InForce, nothingInForce } from '../policy/in-force.ts';
import type { DocumentFiles, Held, Trust } from './document-files.ts';

type Distributed<T> = T extends unknown ? Omit<T, 'id' | 'at' | 'timeSource'> : never;
/** An event before the outbox gives it its id and time. */
export type NewEvent = Distributed<KhienEvent>;

export interface DocumentsDeps {
  readonly files: DocumentFiles;
  readonly log: Log;
  /** Makes it so in the kernel, whole or not at all. */
  readonly apply: (inForce: InForce) => Promise<void>;
  /** Takes an event that must survive power loss. */
  readonly report: (event: NewEvent) => Promise<void>;
  readonly clock: Pick<Clock, 'after'>;
  /** Told when each document was issued: it is not earlier now. */
  readonly issued: (at: Instant) => void;
}

/** Milliseconds after which stored documents are brought into force again that the kernel has refused. */
const RETRY = 5000;

/** Which documents are in force: accepts what the cloud sends, applies it, keeps it, says so. */
export class Documents {
  readonly #deps: DocumentsDeps;
  #trust: Trust | undefined;
  #unclaimed = false;
  #versions: DocumentVersions = noDocuments;
  #hashes: DocumentHashes = {};
  /** Stored ones that the kernel does not hold yet. */
  #refused: readonly Held[] = [];
  #cancelRetry: () => void = () => undefined;
  #policy: Policy | undefined;
  #contacts: readonly Contact[] = defaultContacts;
  #lists: ListsBody | undefined;
  #inForce = nothingInForce;
  #queue: Promise<void> = Promise.resolve();
  #listeners = new Set<() => void>();

  constructor(deps: DocumentsDeps) {
    this.#deps = deps;
  }

  get inForce(): InForce {
    return this.#inForce;
  }

  /** What the cloud wants the lists to be; undefined where it has not said. Which are in force the lists say. */
  get lists(): ListsBody | undefined {
    return this.#lists;
  }

  /** Versions that were accepted; 0 for none. What policy and contacts say the kernel holds. */
  get versions(): DocumentVersions {
    return this.#versions;
  }

  /** What tells the accepted ones from others of the same version. */
  get hashes(): DocumentHashes {
    return this.#hashes;
  }

  onChange(listener: () => void): () => void {
    this.#listeners.add(listener);
    return () => this.#listeners.delete(listener);
  }

  /**
   * Takes up what was stored, also where the kernel refuses it: that is reported and tried again. Without a stored policy
   * the kernel is left alone: whatever it still enforces from before stays, until the cloud has sent the policy again; but on a
   * router that is `unclaimed` it manages nobody. Without trust, documents are taken up and none is received.
   */
  async restore(trust: Trust | undefined, unclaimed = false): Promise<void> {
    this.#trust = trust;
    this.#unclaimed = unclaimed;
    const documents = await this.#deps.files.load(trust, (kind, code) => {
      void this.#report({ kind: 'router', code: 'DOCUMENT_DAMAGED', detail: `${kind}: ${code}` });
    });
    this.#versions = noDocuments;
    this.#hashes = {};
    for (const { document } of documents) this.#take(document);
    this.#refused = documents;
    await this.#enforceStored();
  }

  stop(): void {
    this.#cancelRetry();
  }

  /**
   * A document from the network. Resolves when it is in force and, where flash allows, on disk, or refused and reported;
   * never rejects for what the document says. Documents are taken one after the other.
   */
  receive(bytes: Uint8Array): Promise<void> {
    const turn = this.#queue.then(() => this.#receive(bytes));
    this.#queue = turn.catch(() => undefined);
    return turn;
  }

  async #enforceStored(): Promise<void> {
    this.#cancelRetry();
    try {
      await this.#enforce();
    } catch (error) {
      // Whoever answers goes by it all the same.
      this.#inForce = new InForce(this.#policy, this.#contacts);
      this.#deps.log.error('the kernel refuses the stored policy; it is tried again', error);
      void this.#report({ kind: 'router', code: codeOf(error), detail: 'the stored policy' });
      this.#cancelRetry = this.#deps.clock.after(RETRY, () => {
        this.#queue = this.#queue.then(() => (this.#refused.length > 0 ? this.#enforceStored() : undefined));
      });
    }
    for (const listener of this.#listeners) listener();
  }

  async #receive(bytes: Uint8Array): Promise<void> {
    if (this.#trust === undefined) return;
    const before = {
      policy: this.#policy,
      contacts: this.#contacts,
      lists: this.#lists,
      inForce: this.#inForce,
    };
    try {
      const { document, signed } = openDocument(bytes, { ...this.#trust, newest: this.#versions });
      if (document.version === this.#versions[document.kind]) return;
      this.#take(document);
      // A list is enforced when it has been fetched.
      if (document.kind !== 'lists') await this.#enforce();
      this.#count({ document, hash: documentHash(signed) });
      // The kernel came first: a pause must bite before flash has been written, and also where flash is full.
      await this.#store(document.kind, signed);
      await this.#report({
        kind: 'document-applied',
        document: document.kind,
        version: document.version,
      });
    } catch (error) {
      this.#policy = before.policy;
      this.#contacts = before.contacts;
      this.#lists = before.lists;
      this.#inForce = before.inForce;
      this.#deps.log.error('a document was refused', error);
      const reason = error instanceof Error ? error.message : String(error);
      await this.#report({
        kind: 'document-refused',
        code: codeOf(error).slice(0, 64),
        reason: reason.slice(0, 500),
      });
    }
    for (const listener of this.#listeners) listener();
  }

  /** A document that cannot be kept is in force all the same; after a reboot the cloud sends it again. */
  async #store(kind: DocumentKind, signed: SignedDocument): Promise<void> {
    try {
      await this.#deps.files.save(kind, signed);
    } catch (error) {
      this.#deps.log.error(`the ${kind} could not be stored`, error);
      await this.#report({
        kind: 'router',
        code: 'DOCUMENT_NOT_STORED',
        detail: `${kind}: ${codeOf(error)}`,
      });
    }
  }

  async #report(event: NewEvent): Promise<void> {
    await this.#deps
      .report(event)
      .catch((error: unknown) => this.#deps.log.error('an event could not be stored', error));
  }

  #take(document: KhienDocument): void {
    this.#deps.issued(document.issuedAt);
    if (document.kind === 'policy') this.#policy = document.body;
    else if (document.kind === 'contacts') this.#contacts = document.body.contacts;
    else this.#lists = document.body;
  }

  #count({ document, hash }: Held): void {
    this.#versions = { ...this.#versions, [document.kind]: document.version };
    this.#hashes = { ...this.#hashes, [document.kind]: hash };
  }

  /** Contacts are in force without a policy too. */
  async #enforce(): Promise<void> {
    const inForce = new InForce(this.#policy, this.#contacts);
    if (this.#policy !== undefined || this.#unclaimed) await this.#deps.apply(inForce);
    this.#inForce = inForce;
    for (const held of this.#refused) this.#count(held);
    this.#refused = [];
  }
}
