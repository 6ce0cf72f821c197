import type { Mac } from '@khien/shared/id';
import { type AddressClass, isRefused } from '../services/address-class.ts';

/** What the table of services shall hold. */
export interface DesiredServices {
  /** What each address serves, as far as it is known. */
  readonly addresses: ReadonlyMap<string, AddressClass>;
  /** The services whose addresses are refused to a profile's devices, by its id. */
  readonly blocked: ReadonlyMap<string, readonly string[]>;
}

/** An address in the kernel. */
export interface HeldAddress {
  readonly class: AddressClass;
  /** When the kernel will drop it, on the steady clock. */
  readonly until: number;
}

/** What the table of services holds. */
export interface HeldServices {
  /** Every managed device's profile. */
  readonly devices: ReadonlyMap<Mac, string>;
  readonly addresses: ReadonlyMap<string, HeldAddress>;
  /** The addresses that are refused to each profile, by its id. */
  readonly refused: ReadonlyMap<string, ReadonlySet<string>>;
  readonly helpAddresses: readonly string[];
  readonly interfaces: readonly string[];
}

export const emptyServices: HeldServices = {
  devices: new Map(),
  addresses: new Map(),
  refused: new Map(),
  helpAddresses: [],
  interfaces: [],
};

/** The addresses that are refused where these services are blocked. */
export function refusedOf(
  addresses: DesiredServices['addresses'],
  blocked: readonly string[],
): ReadonlySet<string> {
  if (blocked.length === 0) return new Set();
  const services = new Set(blocked);
  const verdicts = new Map<AddressClass, boolean>();
  const refused = new Set<string>();
  for (const [address, text] of addresses) {
    let verdict = verdicts.get(text);
    if (verdict === undefined) {
      verdict = isRefused(text, services);
      verdicts.set(text, verdict);
    }
    if (verdict) refused.add(address);
  }
  return refused;
}

/** Which addresses are refused to a device now that were not before, by its MAC; all of them without a `before`. */
export function newlyRefused(before: HeldServices | undefined, after: HeldServices): Map<Mac, string[]> {
  const fresh = new Map<Mac, string[]>();
  const none: ReadonlySet<string> = new Set();
  for (const [mac, profile] of after.devices) {
    const was = before?.refused.get(before.devices.get(mac) ?? '') ?? none;
    const is = after.refused.get(profile) ?? none;
    if (was === is) continue;
    const addresses = [...is].filter((address) => !was.has(address));
    if (addresses.length > 0) fresh.set(mac, addresses);
  }
  return fresh;
}
