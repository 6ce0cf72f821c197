import type { Id, Instant, Mac } from '@khien/shared/id';
import type { Attempt } from '../bypass/attempt.ts';
import type { Clock } from '../clock/clock.ts';
import type { InForce } from '../policy/in-force.ts';
import type { LanDevices } from './lan-devices.ts';

/** A frame of `mac` came from an address that a managed device answers for. */
export interface BorrowedAddress {
  readonly mac: Mac;
  readonly address: string;
}

export interface BorrowedAddressesDeps {
  readonly clock: Clock;
  readonly inForce: () => InForce;
  readonly devices: Pick<LanDevices, 'byAddress' | 'addressesOf'>;
  /** Takes them out of the kernel's memory. */
  readonly take: () => Promise<readonly BorrowedAddress[]>;
  /** Makes the kernel find out anew who has an address. */
  readonly verify: (address: string) => void;
  /**
   * So long after it was first asked the kernel knows whether a device is still there for its address, milliseconds. An
   * address that has gone to another device is that device's by then.
   */
  readonly verifiedAfter: () => number;
  /** Told of a MAC by which a device sends, and which answers for no address itself. */
  readonly impostor: (mac: Mac, device: Id) => void;
}

const MAX_SUSPECTS = 256;

/** Tells devices that send by a MAC of somebody else from those that have got the address of another. */
export class BorrowedAddresses {
  readonly #deps: BorrowedAddressesDeps;
  /** By MAC and address: since when. */
  readonly #suspects = new Map<string, BorrowedAddress & { readonly since: Instant }>();

  constructor(deps: BorrowedAddressesDeps) {
    this.#deps = deps;
  }

  /** What has turned out to be a try since it was last asked; as a source of a `BypassWatch`. Throws NetlinkError. */
  async attempts(): Promise<Attempt[]> {
    const { clock, take, verify, verifiedAfter } = this.#deps;
    const now = clock.now();
    for (const borrowed of await take()) {
      const key = `${borrowed.mac} ${borrowed.address}`;
      if (this.#suspects.has(key) || this.#suspects.size >= MAX_SUSPECTS) continue;
      this.#suspects.set(key, { ...borrowed, since: now });
    }
    for (const address of new Set([...this.#suspects.values()].map((each) => each.address))) verify(address);
    if (this.#suspects.size === 0) return [];
    const wait = verifiedAfter();
    const due = [...this.#suspects].filter(([, { since }]) => Math.abs(now - since) >= wait);
    for (const [key] of due) this.#suspects.delete(key);
    return due.flatMap(([, suspect]) => this.#attempt(suspect, now));
  }

  #attempt({ mac, address, since }: BorrowedAddress & { since: Instant }, now: Instant): Attempt[] {
    const { devices, inForce, impostor } = this.#deps;
    const owner = devices.byAddress(address);
    const managed = owner === undefined ? undefined : inForce().managed(owner);
    if (owner === undefined || managed === undefined || inForce().managed(mac) !== undefined) return [];
    if (devices.addressesOf(mac).length === 0) impostor(mac, managed.device.id);
    return [{ mac: owner, method: 'other-mac', ago: Math.max(now - since, 0) }];
  }
}
