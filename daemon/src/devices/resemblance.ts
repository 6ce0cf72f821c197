import type { DeviceEvidence } from '@khien/shared/event';
import { type Id, type Instant, isLocallyAdministered, type Mac } from '@khien/shared/id';
import type { Fingerprint } from './dhcp-note.ts';
import { isGenericHostname } from './generic-hostname.ts';

/** What is known of an address. */
export interface Known {
  readonly mac: Mac;
  readonly hostname: string | null;
  readonly fingerprint: Fingerprint | null;
  /** When its last frame came; null where none has come since the daemon started. */
  readonly heardAt: Instant | null;
}

export interface Newcomer extends Known {
  readonly firstSeenAt: Instant;
}

/** A child's device, with all its addresses. */
export interface Candidate {
  readonly device: Id;
  readonly addresses: readonly Known[];
}

export interface Resemblance {
  readonly device: Id;
  readonly evidence: readonly DeviceEvidence[];
}

/** A device that changes its address is away for a moment only; milliseconds. */
const GONE_WITHIN = 10 * 60_000;
/** And its old address is silent from then on, which a device that only rests is not for long. */
const SILENT_FOR = 20_000;
/** By so much a last frame may seem to come after the first of the new address. */
const OVERLAP = 3000;

/**
 * How much each sign weighs. Same model and default name are 2: what a guest's phone of the same make has as well. A name of
 * its own with the same system, or same model, name and moment, are enough.
 */
const WEIGHT = { ownName: 3, defaultName: 1, otherName: -1, fingerprint: 1, timing: 2, vendor: 1 } as const;
const ENOUGH = 4;

/**
 * Which child's device a new address looks like, if any. A system that is another speaks against it, and two that are
 * present together are two.
 *
 * @param elsewhere host names of all devices but these two: a name that several have is nobody's own
 */
export function resemblance(
  newcomer: Newcomer,
  candidates: readonly Candidate[],
  elsewhere: (device: Id) => readonly string[],
  now: Instant,
): Resemblance | undefined {
  let best: { weight: number; leftAt: Instant; found: Resemblance } | undefined;
  for (const { device, addresses } of candidates) {
    if (addresses.some(({ heardAt }) => heardAt !== null && heardAt > newcomer.firstSeenAt + OVERLAP))
      continue;
    const leftAt = Math.max(...addresses.map(({ heardAt }) => heardAt ?? Number.NEGATIVE_INFINITY));
    const gone =
      newcomer.firstSeenAt - leftAt <= GONE_WITHIN &&
      now - leftAt >= SILENT_FOR &&
      newcomer.firstSeenAt > leftAt - OVERLAP;
    for (const address of addresses) {
      const { weight, evidence } = weigh(newcomer, address, gone, elsewhere(device));
      const isBetter =
        best === undefined || weight > best.weight || (weight === best.weight && leftAt > best.leftAt);
      if (weight >= ENOUGH && isBetter) best = { weight, leftAt, found: { device, evidence } };
    }
  }
  return best?.found;
}

function weigh(
  newcomer: Newcomer,
  address: Known,
  gone: boolean,
  elsewhere: readonly string[],
): { weight: number; evidence: DeviceEvidence[] } {
  const [one, other] = [newcomer.fingerprint, address.fingerprint];
  if (one !== null && other !== null && one !== other) return { weight: 0, evidence: [] };
  const evidence: DeviceEvidence[] = [];
  let weight = 0;
  const name = newcomer.hostname?.toLowerCase();
  if (name !== undefined && name === address.hostname?.toLowerCase()) {
    evidence.push('hostname');
    const isShared = isGenericHostname(name) || elsewhere.some((each) => each.toLowerCase() === name);
    weight += isShared ? WEIGHT.defaultName : WEIGHT.ownName;
  } else if (name === undefined && address.hostname === null) {
    // Newer systems tell no name: neither tells one.
    weight += WEIGHT.defaultName;
  } else if (name !== undefined && address.hostname !== null) {
    weight += WEIGHT.otherName;
  }
  if (one !== null && one === other) {
    evidence.push('fingerprint');
    weight += WEIGHT.fingerprint;
  }
  if (gone) {
    evidence.push('timing');
    weight += WEIGHT.timing;
  }
  if (sameVendor(newcomer.mac, address.mac)) {
    evidence.push('vendor');
    weight += WEIGHT.vendor;
  }
  return { weight, evidence };
}

/** By the first half of the address (IEEE OUI), which random addresses have none of. */
function sameVendor(one: Mac, other: Mac): boolean {
  return !isLocallyAdministered(one) && one.slice(0, 8) === other.slice(0, 8);
}
