import { createHash } from 'node:crypto';
import { bypassAddresses } from '@khien/shared/bypass';
import type { Instant, Mac } from '@khien/shared/id';
import type { DnsName } from '@khien/shared/name';
import type { LanSide } from '../devices/lan-side.ts';
import type { NameLists } from '../lists/name-lists.ts';
import type { DesiredState } from './desired.ts';
import type { Fitting } from './list-budget.ts';

/** What the policy and access tables hold. Times are in milliseconds of the kernel's steady clock, as its timeouts are. */
export interface HeldPolicy {
  readonly devices: ReadonlyMap<Mac, string>;
  readonly profiles: ReadonlyMap<string, number>;
  readonly protectedDevices: readonly Mac[];
  /** Who is let in where all others are kept closed; null where everybody is. */
  readonly known: readonly Mac[] | null;
  /** When each lease ends; Infinity for one that does not. */
  readonly leases: ReadonlyMap<Mac, number>;
  /** From when on a lease that shall end may end as well; absent where only its end will do. */
  readonly leasesFrom: ReadonlyMap<Mac, number>;
  readonly helpAddresses: readonly string[];
  /** When each address of managed devices is forgotten by the kernel. */
  readonly ownedAddresses: ReadonlyMap<string, number>;
  readonly lan: LanSide;
}

/** What the classifier's maps hold. */
export interface HeldNames {
  /** Identifies the classifier's program and what its maps hold. 16 bytes. */
  readonly revision: Buffer;
  readonly names: ReadonlyMap<DnsName, number>;
  readonly listMask: number;
  readonly lists: NameLists;
  /** Whether the maps, when they are made, get room for all lists, so that no category makes them too small. */
  readonly roomForAll: boolean;
}

/** How long addresses of managed devices are theirs where nobody says so again (milliseconds). */
export const OWNED = 5 * 60_000;

export const emptyPolicy: HeldPolicy = {
  devices: new Map(),
  profiles: new Map(),
  protectedDevices: [],
  known: null,
  leases: new Map(),
  leasesFrom: new Map(),
  helpAddresses: [],
  ownedAddresses: new Map(),
  lan: { ports: [], routerMacs: [], addresses: [], interfaces: [] },
};

/** Whether no device is managed, and strangers are let in: then the tables have nothing to say of traffic. */
export function concernsNobody({ devices, known }: Pick<HeldPolicy, 'devices' | 'known'>): boolean {
  return devices.size === 0 && known === null;
}

/** The policy tables for a desired state: `now` and `uptime` are the same moment on the two clocks. */
export function policyOf(desired: DesiredState, now: Instant, uptime: number): HeldPolicy {
  const { devices, profiles, protectedDevices, known, helpAddresses, lan } = desired;
  const leases = new Map<Mac, number>();
  for (const [mac, until] of desired.leases) {
    if (until === null) leases.set(mac, Number.POSITIVE_INFINITY);
    else if (until > now) leases.set(mac, uptime + (until - now));
  }
  const leasesFrom = new Map([...desired.leasesFrom].map(([mac, from]) => [mac, uptime + (from - now)]));
  const ownedAddresses = new Map(desired.ownedAddresses.map((address) => [address, uptime + OWNED]));
  return {
    devices,
    profiles,
    protectedDevices,
    known,
    leases,
    leasesFrom,
    helpAddresses,
    ownedAddresses,
    lan: concernsNobody(desired) ? { ...lan, ports: [] } : lan,
  };
}

/** Identifies the policy and access tables, but for what time and the devices' questions change. 16 bytes. */
export function policyRevision(
  layout: number,
  { devices, profiles, protectedDevices, known, lan }: HeldPolicy,
): Buffer {
  return digest([layout, bypassAddresses, [...devices], [...profiles], protectedDevices, known, lan]);
}

/** The classifier's maps for own names and the lists that fit. `layout` is that of its program. */
export function namesOf(
  layout: number,
  names: HeldNames['names'],
  { mask, roomForAll }: Fitting,
  lists: NameLists,
): HeldNames {
  const revision = digest([layout, [...names], mask, mask === 0 ? '' : lists.revision]);
  return { revision, names, listMask: mask, lists, roomForAll };
}

function digest(value: unknown): Buffer {
  return createHash('sha256').update(JSON.stringify(value)).digest().subarray(0, 16);
}
