import { type KeyObject, X509Certificate } from 'node:crypto';
import type { Identity } from '@khien/shared/enrolment';
import { codeOf, KhienError } from '@khien/shared/error';
import type { Part } from '../lifecycle.ts';
import type { Log } from '../log.ts';
import type { Belongings } from './belongings.ts';
import { type EnrolmentDeps, enrol } from './enrolment.ts';
import type { IdentityFile } from './identity-file.ts';
import { Renewal } from './renewal.ts';
import type { Uplink } from './uplink.ts';

/** What is had of the uplink here. */
type Connection = Pick<Uplink, 'connected' | 'start' | 'stop' | 'publishState'>;

export interface CloudLinkDeps {
  readonly identityFile: IdentityFile;
  readonly log: Log;
  readonly enrolment: Omit<EnrolmentDeps, 'show' | 'log'>;
  /**
   * Nobody has claimed this router, or what proves it is `damaged`: takes up what is known all the same, for the identity that
   * it had where that can be read.
   */
  readonly unclaimed: (identity: Identity | undefined, damaged: boolean) => Promise<void>;
  /** The router is somebody now: makes what needs an identity. */
  readonly uplinkFor: (identity: Identity, privateKey: KeyObject, told: Told) => Promise<Connection>;
  readonly belongings: Pick<Belongings, 'of' | 'settle'>;
  /** The router is in another home now: begins anew, with nothing of the one before. */
  readonly moved: () => void;
}

/** What the uplink hears of the router's own standing. */
export interface Told {
  /** The cloud has let it go. */
  readonly unknown: () => void;
  /** Its certificate has ended. */
  readonly expired: () => void;
}

/** Milliseconds after which flash is tried again that did not take or give the key. */
const RETRY = 30_000;

/** A router that may be somebody; only with both, and where the one is of the other, it can prove so. */
interface Papers {
  readonly privateKey: KeyObject | undefined;
  readonly identity: Identity | undefined;
}

/**
 * The way to the cloud: enrols the router when it has no identity yet, and then keeps the uplink. A router that its family
 * has let go, or whose identity or key is damaged, shows a claim code again, and enforces what it knows until it is claimed.
 */
export class CloudLink implements Part {
  readonly name = 'cloud link';
  readonly #deps: CloudLinkDeps;
  #claimCode: string | null = null;
  #damage: string | null = null;
  #uplink: Connection | undefined;
  #renewal: Renewal | undefined;
  #identity: Identity | undefined;
  #stopping: AbortController | undefined;
  #enrolling: Promise<void> | undefined;
  #cancelRetry: () => void = () => undefined;

  constructor(deps: CloudLinkDeps) {
    this.#deps = deps;
  }

  /** What a parent enters to claim this router; null when it is claimed, or the cloud is out of reach. */
  get claimCode(): string | null {
    return this.#claimCode;
  }

  /** The code of what is wrong with the router's identity or key; null where nothing is. */
  get damage(): string | null {
    return this.#damage;
  }

  get enrolled(): boolean {
    return this.#uplink !== undefined;
  }

  get connected(): boolean {
    return this.#uplink?.connected ?? false;
  }

  /** Whether it is known to the cloud and was in nobody's home when it last heard. */
  get waiting(): boolean {
    return this.#identity?.waiting === true;
  }

  publishState(): void {
    this.#uplink?.publishState();
  }

  async start(): Promise<void> {
    this.#stopping = new AbortController();
    const papers = await this.#readPapers();
    if (papers.identity !== undefined && papers.privateKey !== undefined && this.#damage === null) {
      await this.#connect(papers.identity, papers.privateKey);
      return;
    }
    await this.#deps.unclaimed(papers.identity, this.#damage !== null);
    await this.#enrolWith(papers.privateKey);
  }

  async stop(): Promise<void> {
    this.#stopping?.abort();
    this.#cancelRetry();
    await this.#enrolling;
    this.#renewal?.stop();
    await this.#uplink?.stop();
    this.#uplink = undefined;
  }

  /** What is on flash, and in `damage` what is wrong with it. Nothing of it may keep the daemon from enforcing. */
  async #readPapers(): Promise<Papers> {
    const { identityFile } = this.#deps;
    const wrong = (error: unknown): undefined => {
      this.#deps.log.error('this router has to be claimed again', error);
      this.#damage ??= codeOf(error);
    };
    const identity = await identityFile.load().catch(wrong);
    const privateKey = await identityFile.privateKey().catch(wrong);
    if (identity !== undefined && !isOfKey(identity, privateKey)) {
      wrong(new KhienError('KEY_DAMAGED', "the certificate is not of this router's key"));
    }
    return { privateKey, identity };
  }

  /** Enrols with the key that is there, or a new one; where flash does not take that, tries again later. */
  async #enrolWith(privateKey: KeyObject | undefined): Promise<void> {
    try {
      this.#enrol(privateKey ?? (await this.#deps.identityFile.makePrivateKey()));
    } catch (error) {
      this.#deps.log.error("the router's key could not be stored", error);
      this.#damage ??= 'KEY_NOT_STORED';
      this.#cancelRetry = this.#deps.enrolment.clock.after(RETRY, () => void this.#enrolWith(undefined));
    }
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
    const { enrolment, log } = this.#deps;
    const show = (claimCode: string | null): void => {
      this.#claimCode = claimCode;
    };
    try {
      const identity = await enrol({ ...enrolment, log, show }, privateKey, stopped);
      if (identity !== undefined) await this.#become(identity, privateKey);
    } catch (error) {
      if (codeOf(error) !== 'KEY_REVOKED') throw error;
      log.warn("this router's key was revoked; it makes a new one, and has to be claimed again");
      await this.#becomeSomebody(await this.#deps.identityFile.makePrivateKey(), stopped);
    }
  }

  async #become(identity: Identity, privateKey: KeyObject): Promise<void> {
    const { log, belongings, moved } = this.#deps;
    const home = await belongings.of();
    const isStored = await this.#keep(identity);
    log.info(`enrolled as router ${identity.router}`);
    if (home === undefined || home === identity.router) {
      await belongings.settle(identity.router);
      await this.#connect(identity, privateKey);
    } else if (isStored) {
      moved();
    } else {
      // What is in memory and on flash is another family's: nothing of it may be sent.
      this.#cancelRetry = this.#deps.enrolment.clock.after(
        RETRY,
        () => void this.#become(identity, privateKey).catch((error: unknown) => log.error('moving', error)),
      );
    }
  }

  /** Where flash does not take it, it holds while there is power; after that the router is claimed again. */
  async #keep(identity: Identity): Promise<boolean> {
    this.#damage = null;
    try {
      await this.#deps.identityFile.save(identity);
      return true;
    } catch (error) {
      this.#deps.log.error('the identity could not be stored', error);
      this.#damage = 'IDENTITY_NOT_STORED';
      return false;
    }
  }

  async #connect(identity: Identity, privateKey: KeyObject): Promise<void> {
    const { enrolment, log } = this.#deps;
    this.#renewal?.stop();
    await this.#uplink?.stop();
    this.#identity = identity;
    const renewal = new Renewal({
      cloud: enrolment.cloud,
      clock: enrolment.clock,
      log,
      identity,
      privateKey,
      renewed: async (next) => {
        await this.#keep(next);
        await this.#connect(next, privateKey);
      },
      tooOld: () => this.#enrol(privateKey),
    });
    this.#uplink = await this.#deps.uplinkFor(identity, privateKey, {
      unknown: () => this.#enrol(privateKey),
      expired: () => renewal.expired(),
    });
    this.#renewal = renewal;
    await this.#uplink.start();
    renewal.start();
  }
}

function isOfKey(identity: Identity, privateKey: KeyObject | undefined): boolean {
  return privateKey !== undefined && new X509Certificate(identity.certificate).checkPrivateKey(privateKey);
}
