import type { Mac } from '@khien/shared/id';
import type { Nftables, Transaction } from 'node-nftables';
import type { LeftAddress } from '../services/service-registry.ts';
import type { LeftOpening, StudyOpenings } from '../services/study-addresses.ts';
import type { HeldPolicy } from './held.ts';
import { findServices } from './services-adopt.ts';
import { type WantedServices, writeServices } from './services-changes.ts';
import { type DeviceCount, readDeviceUsage, readRefusedTries } from './services-counters.ts';
import { type DesiredServices, type HeldServices, refusedOf } from './services-held.ts';

/** What can be counted: packets that passed, or that began a connection with a refused address. */
export type Counted = 'usage' | 'refused';

/** What the kernel has counted of managed devices since the table was made. */
export interface CountedServices {
  /** Another number whenever the counters began anew. */
  readonly table: number;
  readonly counts: readonly DeviceCount[];
  /** Milliseconds for which a service has been blocked for a device; Infinity where that was so from the beginning. */
  blockedFor(mac: Mac, service: string): number;
  /** Milliseconds for which a device has studied; 0 where it does not, Infinity as above. */
  studiesFor(mac: Mac): number;
}

/** A change of the table that is committed. */
export interface ServiceChange {
  readonly before: HeldServices | undefined;
  readonly after: HeldServices;
}

/** What a former run left. */
export interface LeftServices {
  readonly addresses: readonly LeftAddress[];
  readonly openings: readonly LeftOpening[];
}

/** The table of services in the kernel, and what is known of it. */
export class ServiceTable {
  readonly #nft: Nftables;
  readonly #uptime: () => number;
  #held: HeldServices | undefined;
  #made = 0;
  #wanted: WantedServices | undefined;
  readonly #blockedSince = new BlockedSince();
  readonly #studiesSince = new BlockedSince();

  /** `uptime` is a steady clock in milliseconds. */
  constructor(nft: Nftables, uptime: () => number) {
    this.#nft = nft;
    this.#uptime = uptime;
  }

  /** Reads what a former run left. Throws NetlinkError. */
  async adopt(): Promise<LeftServices> {
    const found = await findServices(this.#nft, this.#uptime);
    this.#held = found;
    const now = this.#uptime();
    const openings = [...(found?.open.values() ?? [])].flatMap((each) => [...each]);
    return {
      addresses: [...(found?.addresses ?? [])].map(([address, { text, until }]) => ({
        address,
        class: text,
        left: until - now,
      })),
      openings: openings.map(([address, { text, until }]) => ({ address, text, left: until - now })),
    };
  }

  /** Whether a profile studies, and not all that is open to it was written. */
  lacks(study: StudyOpenings): boolean {
    return this.#held?.studying.size !== 0 && this.#wanted?.study !== study;
  }

  /** The table is no more what was made of it. The result takes that back. */
  forget(): () => void {
    const held = this.#held;
    this.#held = undefined;
    return () => {
      this.#held = held;
    };
  }

  /** Adds to a transaction what makes the table hold `desired`. The result is to be called when it is committed. */
  write(
    transaction: Transaction,
    desired: DesiredServices,
    policy: HeldPolicy,
    uptime: number,
  ): () => ServiceChange {
    const before = this.#held;
    const wanted = withRefused(desired, policy, this.#wanted);
    const after = writeServices(transaction, before, wanted, policy, uptime);
    return () => {
      if (before === undefined) this.#made++;
      this.#held = after;
      this.#wanted = wanted;
      this.#blockedSince.set(desired.blocked, uptime);
      this.#studiesSince.set(new Map([...after.studying].map((profile) => [profile, [STUDY_MODE]])), uptime);
      return { before, after };
    };
  }

  /** Throws NetlinkError. */
  async counted(what: Counted): Promise<CountedServices> {
    const table = this.#made;
    const counts = await (what === 'usage' ? readDeviceUsage : readRefusedTries)(this.#nft);
    // Made anew meanwhile: what was read may be of either.
    if (table !== this.#made) return this.counted(what);
    return {
      table,
      counts,
      blockedFor: (mac, service) => {
        const profile = this.#held?.devices.get(mac) ?? '';
        return this.#uptime() - this.#blockedSince.of(profile, service);
      },
      studiesFor: (mac) => {
        const profile = this.#held?.devices.get(mac) ?? '';
        if (this.#held?.studying.has(profile) !== true) return 0;
        return this.#uptime() - this.#studiesSince.of(profile, STUDY_MODE);
      },
    };
  }
}

/** The refused addresses of each profile: the same sets as `before` where nothing changed, which is mostly so. */
function withRefused(
  desired: DesiredServices,
  { profiles }: HeldPolicy,
  before: WantedServices | undefined,
): WantedServices {
  const refused = new Map<string, ReadonlySet<string>>();
  for (const profile of profiles.keys()) {
    const blocked = desired.blocked.get(profile) ?? [];
    const old = before?.addresses === desired.addresses && before.blocked.get(profile);
    const same = old && String(old) === String(blocked) ? before?.refused.get(profile) : undefined;
    refused.set(profile, same ?? refusedOf(desired.addresses, blocked));
  }
  return { ...desired, refused };
}

/** What study mode blocks, in place of a service. */
const STUDY_MODE = 'study-mode';

/** Since when services have been blocked for profiles, on a steady clock. */
class BlockedSince {
  #since: ReadonlyMap<string, number> | undefined;

  set(blocked: DesiredServices['blocked'], uptime: number): void {
    const before = this.#since;
    // What is blocked from the beginning may have been for long.
    const fresh = before === undefined ? Number.NEGATIVE_INFINITY : uptime;
    this.#since = new Map(
      [...blocked].flatMap(([profile, services]) =>
        services.map((service) => {
          const key = `${profile} ${service}`;
          return [key, before?.get(key) ?? fresh] as const;
        }),
      ),
    );
  }

  of(profile: string, service: string): number {
    return this.#since?.get(`${profile} ${service}`) ?? Number.NEGATIVE_INFINITY;
  }
}
