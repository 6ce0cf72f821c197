import type { KeyObject } from 'node:crypto';
import type { Identity } from '@khien/shared/enrolment';
import type { Part } from '../lifecycle.ts';
import type { Log } from '../log.ts';
import { type EnrolmentDeps, enrol } from './enrolment.ts';
import type { IdentityFile } from './identity-file.ts';
import type { Uplink } from './uplink.ts';

export interface CloudLinkDeps {
  readonly identityFile: IdentityFile;
  readonly log: Log;
  readonly enrolment: Omit<EnrolmentDeps, 'show' | 'log'>;
  /** Nobody has claimed this router yet. */
  readonly unclaimed: () => Promise<void>;
  /** The router is somebody now: makes what needs an identity. `unknown` is to be told when the cloud has let it go. */
  readonly uplinkFor: (identity: Identity, privateKey: KeyObject, unknown: () => void) => Promise<Uplink>;
}

/**
 * The way to the cloud: enrols the router when it has no identity yet, and then keeps the uplink. A router that its family
 * has let go shows a claim code again, and enforces what it knows until it is claimed.
 */
export class CloudLink implements Part {
  readonly name = 'cloud link';
  readonly #deps: CloudLinkDeps;
  #claimCode: string | null = null;
  #uplink: Uplink | undefined;
  #stopping: AbortController | undefined;
  #enrolling: Promise<void> | undefined;

  constructor(deps: CloudLinkDeps) {
    this.#deps = deps;
  }

  /** What a parent enters to claim this router; null when it is claimed, or the cloud is out of reach. */
  get claimCode(): string | null {
    return this.#claimCode;
  }

  get enrolled(): boolean {
    return this.#uplink !== undefined;
  }

  get connected(): boolean {
    return this.#uplink?.connected ?? false;
  }

  publishState(): void {
    this.#uplink?.publishState();
  }

  async start(): Promise<void> {
    this.#stopping = new AbortController();
    const { identityFile } = this.#deps;
    const privateKey = await identityFile.privateKey();
    const identity = await identityFile.load();
    if (identity !== undefined) {
      await this.#connect(identity, privateKey);
      return;
    }
    await this.#deps.unclaimed();
    this.#enrol(privateKey);
  }

  async stop(): Promise<void> {
    this.#stopping?.abort();
    await this.#enrolling;
    await this.#uplink?.stop();
    this.#uplink = undefined;
  }

  /** Begins to enrol, where that is not under way. */
  #enrol(privateKey: KeyObject): void {
    const stopped = this.#stopping?.signal ?? AbortSignal.abort();
    this.#enrolling ??= this.#becomeSomebody(privateKey, stopped)
      .catch((error: unknown) => this.#deps.log.error('enrolment ended', error))
      .finally(() => {
        this.#enrolling = undefined;
      });
  }

  async #becomeSomebody(privateKey: KeyObject, stopped: AbortSignal): Promise<void> {
    const { identityFile, enrolment, log } = this.#deps;
    const show = (claimCode: string | null): void => {
      this.#claimCode = claimCode;
    };
    const identity = await enrol({ ...enrolment, log, show }, privateKey, stopped);
    if (identity === undefined) return;
    await identityFile.save(identity);
    log.info(`enrolled as router ${identity.router}`);
    await this.#connect(identity, privateKey);
  }

  async #connect(identity: Identity, privateKey: KeyObject): Promise<void> {
    await this.#uplink?.stop();
    this.#uplink = await this.#deps.uplinkFor(identity, privateKey, () => this.#enrol(privateKey));
    await this.#uplink.start();
  }
}
