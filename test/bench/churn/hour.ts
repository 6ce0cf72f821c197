import type { Status } from '../../../daemon/src/status.ts';
import { lan } from '../../home/addresses.ts';
import { request } from '../../home/index.ts';
import type { FamilyHome } from '../../system/family-home.ts';
import type { Flood } from '../flood.ts';

/** How often something happens, in minutes of the hour that is played; a new list comes once in each third of it. */
const every = { name: 3, newDevice: 6, lostLink: 10 } as const;
/** Seconds of a minute's blocked tries, as fast as they are answered. */
const TRIES = 0.05;
const TRY_WINDOW = 4;

export interface Material {
  /** A file with names that are on both lists. */
  readonly blocked: string;
  /** Two lists that take turns. */
  readonly lists: readonly [string, string];
}

/** What the minutes so far held. */
export interface Happened {
  policies: number;
  tries: number;
  devices: number;
  links: number;
  lists: number;
}

/** An hour in which much happens, a minute at a time; each thing is in force before the next. */
export class Hour {
  readonly happened: Happened = { policies: 0, tries: 0, devices: 0, links: 0, lists: 0 };
  readonly #system: FamilyHome;
  readonly #flood: Flood;
  readonly #material: Material;
  readonly #core: number;
  readonly #minutes: number;

  /**
   * @param minutes how many there will be
   * @param core where the tries come from
   */
  constructor(
    system: FamilyHome,
    flood: Flood,
    material: Material,
    { minutes, core }: { readonly minutes: number; readonly core: number },
  ) {
    this.#minutes = minutes;
    this.#system = system;
    this.#flood = flood;
    this.#material = material;
    this.#core = core;
  }

  async minute(minute: number): Promise<void> {
    const due = (interval: number) => minute % interval === interval >> 1;
    await this.#policies(minute, due(every.name));
    await this.#tries();
    if (due(every.newDevice)) await this.#newDevice(minute);
    if (due(every.lostLink)) await this.#lostLink();
    if (due(Math.ceil(this.#minutes / 3))) await this.#newList();
  }

  /** Takes a list into force. */
  async publish(list: string): Promise<void> {
    const { router, cloud } = this.#system;
    const before = (await this.#status()).inForce.lists;
    await cloud.publishList(list);
    await router.reach('the list is in force', ({ inForce }) => inForce.lists !== before);
    await router.reach('its names are loaded', ({ names }) => names > 1000);
  }

  async #policies(minute: number, nameChanges: boolean): Promise<void> {
    const { family, home } = this.#system;
    await this.#inForce(() => family.pause());
    // A child who has no access looks at the page that says why.
    await request(home.device('tablet'), 'http://khien.home.arpa/');
    await this.#inForce(() => family.resume());
    if (!nameChanges) return;
    const rules = await family.rules();
    await this.#inForce(() => family.setRules({ ...rules, blockedNames: [`game${minute}.example`] }));
  }

  /** While tables change, the kernel breaks off the listing of rules that a status begins with. */
  #status(): Promise<Status> {
    return this.#system.router.reach('the daemon tells its status', () => true);
  }

  async #inForce(change: () => Promise<unknown>): Promise<void> {
    const { router } = this.#system;
    const before = (await this.#status()).inForce.policy;
    await change();
    await router.reach('the change is in force', ({ inForce }) => inForce.policy > before);
    this.happened.policies++;
  }

  async #tries(): Promise<void> {
    const tablet = this.#system.home.device('tablet');
    const options = { seconds: TRIES, window: TRY_WINDOW };
    const asked = await this.#flood.ask(tablet, this.#core, lan.v4, this.#material.blocked, options);
    this.happened.tries += asked.answered;
  }

  /** A visitor's phone, as a device whose address nobody has seen. */
  async #newDevice(minute: number): Promise<void> {
    const { home, router } = this.#system;
    const before = (await this.#status()).lan.devices;
    await home.device('newphone').changeMac(`5a:3e:91:7c:20:${(minute + 16).toString(16).padStart(2, '0')}`);
    await router.reach('the device is seen', ({ lan }) => lan.devices > before);
    this.happened.devices++;
  }

  /** The connection to the cloud is gone, as when the provider gives another address. */
  async #lostLink(): Promise<void> {
    const { home, router } = this.#system;
    await home.router.check('ss', ['-K', 'dport', '=', '8883']);
    await router.reach('the link is lost', ({ cloud }) => !cloud.connected);
    await router.reach('the link is back', ({ cloud }) => cloud.connected);
    this.happened.links++;
  }

  async #newList(): Promise<void> {
    this.happened.lists++;
    const [first, second] = this.#material.lists;
    await this.publish(this.happened.lists % 2 === 1 ? second : first);
  }
}
