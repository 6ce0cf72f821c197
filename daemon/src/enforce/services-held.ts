import type { Mac } from '@khien/shared/id';
import { type AddressClass, isRefused } from '../services/address-class.ts';
import type { StudyOpenings } from '../services/study-addresses.ts';

/** What the table of services shall hold. */
export interface DesiredServices {
  /** What each address serves, as far as it is known. */
  readonly addresses: ReadonlyMap<string, AddressClass>;
  /** The services whose addresses are refused to a profile's devices, by its id. */
  readonly blocked: ReadonlyMap<string, readonly string[]>;
  /** What is open in study mode. */
  readonly study: StudyOpenings;
}

/** An address in the kernel. */
export interface HeldAddress {
  /** Its comment: what it serves, or why it is open. */
  readonly text: string;
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
  /** The profiles that study now. */
  readonly studying: ReadonlySet<string>;
  /** The addresses that are open to each profile while it studies, by its id. */
  readonly open: ReadonlyMap<string, ReadonlyMap<string, HeldAddress>>;
  /** What is open for one thing to everybody who studies, as `narrowText` writes it. */
  readonly narrow: ReadonlyMap<string, HeldAddress>;
  readonly helpAddresses: readonly string[];
  /** Addresses of services and of help, and whatever is refused. */
  readonly special: ReadonlySet<string>;
  readonly interfaces: readonly string[];
}

export const emptyServices: HeldServices = {
  devices: new Map(),
  addresses: new Map(),
  refused: new Map(),
  studying: new Set(),
  open: new Map(),
  narrow: new Map(),
  helpAddresses: [],
  special: new Set(),
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

/**
 * Which addresses are refused to a device now that were not before, by its MAC; all that are refused without a `before`. What
 * the beginning of study mode closes cannot be listed, and is not in it.
 */
export function newlyRefused(before: HeldServices | undefined, after: HeldServices): Map<Mac, string[]> {
  const fresh = new Map<Mac, string[]>();
  const none: ReadonlySet<string> = new Set();
  for (const [mac, profile] of after.devices) {
    const was = before?.refused.get(before.devices.get(mac) ?? '') ?? none;
    const is = after.refused.get(profile) ?? none;
    const addresses = was === is ? [] : [...is].filter((address) => !was.has(address));
    if (after.studying.has(profile)) addresses.push(...closedAgain(before, after, profile));
    if (addresses.length > 0) fresh.set(mac, addresses);
  }
  return fresh;
}

/** What was open to a profile that studies, and is not any more. */
function closedAgain(before: HeldServices | undefined, after: HeldServices, profile: string): string[] {
  const [was, is] = [before?.open.get(profile), after.open.get(profile)];
  return was === undefined || was === is
    ? []
    : [...was.keys()].filter((address) => is?.has(address) !== true);
}
