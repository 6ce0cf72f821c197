import { mkdtempSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { type Device, type HomeOptions, VirtualHome } from '../home/index.ts';
import { CloudSystem } from './cloud.ts';
import { Family } from './family.ts';
import { RouterSystem } from './router.ts';

export interface FamilyHomeOptions extends HomeOptions {
  /** A compiled list of names; the daemon's own where absent. */
  readonly list?: string;
  /** Where cloud and router keep their data; a temporary folder where absent. */
  readonly folder?: string;
  /** Where the router alone keeps its data; beside the cloud's where absent. */
  readonly routerFolder?: string;
  /** Says what is being done. */
  readonly progress?: (text: string) => void;
}

/**
 * The whole system but a browser: a virtual home, the real cloud and the real daemon in it, and a family that has an account.
 * `start` goes on to the evening's end, when the router is claimed and the tablet is the child's and enforced upon;
 * `startUnclaimed` stops before, at a router that nobody has claimed.
 */
export class FamilyHome {
  readonly home: VirtualHome;
  readonly cloud: CloudSystem;
  readonly router: RouterSystem;
  readonly family: Family;
  readonly #progress: (text: string) => void;

  private constructor(home: VirtualHome, options: FamilyHomeOptions) {
    const folder = options.folder ?? mkdtempSync(join(tmpdir(), 'khien-system-'));
    this.home = home;
    this.cloud = new CloudSystem(home, join(folder, 'cloud'));
    const routerFolder = options.routerFolder ?? join(folder, 'router');
    this.router = new RouterSystem(home, routerFolder, this.cloud, options.list);
    this.family = new Family(home);
    this.#progress = options.progress ?? (() => undefined);
  }

  static async start(options: FamilyHomeOptions = {}): Promise<FamilyHome> {
    const system = await FamilyHome.startUnclaimed(options);
    try {
      await system.claim();
      return system;
    } catch (error) {
      await system.stop();
      throw error;
    }
  }

  static async startUnclaimed(options: FamilyHomeOptions = {}): Promise<FamilyHome> {
    const system = new FamilyHome(await VirtualHome.start(options), options);
    try {
      system.#progress('starting the cloud');
      await system.cloud.start();
      system.#progress('starting the daemon');
      await system.router.start();
      await system.family.signUp();
      return system;
    } catch (error) {
      await system.stop();
      throw error;
    }
  }

  /** The child's device, once the router is claimed. */
  get tablet(): Device {
    return this.home.device('tablet');
  }

  /** Resolves when the tablet is managed and the daemon says that it enforces. */
  async claim(): Promise<void> {
    this.#progress('claiming the router');
    const { cloud } = await this.router.reach(
      'there is a claim code',
      (status) => status.cloud.claimCode !== null,
    );
    await this.family.claimRouter(cloud.claimCode ?? '');
    this.#progress('giving the tablet to a child');
    await this.family.addChild(this.tablet);
    await this.enforced();
  }

  /** Resolves when the router enforces the newest policy that the cloud has for it. */
  async enforced(): Promise<void> {
    // A change and its document are committed together, so this is the version of what was changed last.
    const wanted = (await this.family.home()).routers[0]?.policyWanted;
    await this.router.reach(
      `policy ${wanted} is enforced`,
      ({ inForce, enforcement }) => inForce.policy === wanted && enforcement === 'enforcing',
    );
  }

  /** Ends all programs; what they have written stays until the namespace ends. */
  async stop(): Promise<void> {
    await this.family.stop();
    await this.home.stop();
  }
}
