import { type Contact, defaultContacts } from '@khien/shared/contact';
import type { Mac } from '@khien/shared/id';
import { type DnsName, isUnderAny } from '@khien/shared/name';
import type { Device, Policy, Profile } from '@khien/shared/policy';
import { CALLING_NAME } from '../help/help-names.ts';

/** Stands for a policy that is not known: none has come, or the stored one was damaged. */
const noPolicy: Policy = {
  zone: 'Asia/Ho_Chi_Minh',
  offsets: [{ from: 0, minutes: 7 * 60 }],
  language: 'vi',
  profiles: [],
  devices: [],
  services: [],
  categories: [],
  answers: [],
  holidays: [],
  newDevices: 'allow',
  known: [],
  learningNames: [],
};

/** What is enforced now: the bodies of the newest documents, indexed the way packets ask. Immutable. */
export class InForce {
  readonly policy: Policy;
  readonly contacts: readonly Contact[];
  /** Names that stay reachable in every state. */
  readonly helpNames: readonly DnsName[];
  readonly #devices: ReadonlyMap<Mac, Device>;
  readonly #profiles: ReadonlyMap<string, Profile>;
  readonly #known: ReadonlySet<Mac>;
  readonly #help: ReadonlySet<DnsName>;

  /** Without a policy nobody is managed as far as this process knows; the kernel may know better. */
  constructor(policy: Policy = noPolicy, contacts: readonly Contact[] = defaultContacts) {
    this.policy = policy;
    this.contacts = contacts;
    this.#help = new Set([CALLING_NAME, ...contacts.flatMap((contact) => contact.names)]);
    this.helpNames = [...this.#help];
    this.#devices = new Map(
      policy.devices.flatMap((device) => device.macs.map((mac) => [mac, device] as const)),
    );
    this.#profiles = new Map(policy.profiles.map((profile) => [profile.id, profile]));
    this.#known = new Set(policy.known);
  }

  /** Whether a policy came, so that what it does not block is allowed. */
  get policyKnown(): boolean {
    return this.policy !== noPolicy;
  }

  /** Whether `name` is a help name or below one. */
  isHelp(name: string): boolean {
    return isUnderAny(name, this.#help);
  }

  /** The managed device with this address, and its child; undefined for a device that nobody manages. */
  managed(mac: Mac): { device: Device; profile: Profile } | undefined {
    const device = this.#devices.get(mac);
    const profile = device && this.#profiles.get(device.profile);
    return device && profile && { device, profile };
  }

  /** Nobody has said anything of this device, and the household keeps such devices closed until somebody has. */
  isQuarantined(mac: Mac): boolean {
    return (
      this.policy.newDevices === 'quarantine' && !this.#known.has(mac) && this.managed(mac) === undefined
    );
  }
}

/** Before any document arrived: nobody is managed, and help is known. */
export const nothingInForce = new InForce();
