import type { Instant, Mac } from '@khien/shared/id';
import type { DnsName } from '@khien/shared/name';
import type { Used } from '@khien/shared/policy';
import type { LanSide } from '../devices/lan-side.ts';
import { PORTAL_ADDRESS, STUDY, TRACKED, UNDECIDED } from '../layout.ts';
import type { InForce } from '../policy/in-force.ts';
import type { AddressClass } from '../services/address-class.ts';
import { blockedServices } from '../services/service-rules.ts';
import type { StudyOpenings } from '../services/study-addresses.ts';
import { childTimes, deviceAccess } from './child-times.ts';
import type { ListCategory } from './list-budget.ts';
import type { OwnNames } from './own-names.ts';
import type { DesiredServices } from './services-held.ts';

/** The category of ways round the rules; blocking it also closes ports and addresses. */
const BYPASS = 'bypass';

/** As many as are known of all devices, fewer than the kernel's sets hold. */
const OWNED_ADDRESSES = 2048;

/** What the kernel shall hold, as plain data in a fixed order. */
export interface DesiredState {
  /** Every managed device's profile. */
  readonly devices: ReadonlyMap<Mac, string>;
  /** Bits of the classifier's answer that send a query of the profile's devices to the responder. */
  readonly profiles: ReadonlyMap<string, number>;
  /** MACs whose child's rules block ways round them, or who studies: what a VPN carries is not of study. */
  readonly protectedDevices: readonly Mac[];
  /** Who is let in where all others are kept closed; null where everybody is. */
  readonly known: readonly Mac[] | null;
  /** Own names and the classifier's answers for them. */
  readonly names: ReadonlyMap<DnsName, number>;
  /** Categories whose lists some profile wants. */
  readonly listMask: number;
  /** The same with their names, of which those are loaded that fit. */
  readonly listCategories: readonly ListCategory[];
  /** Who passes, and until when; null where nothing that is known now will end it. */
  readonly leases: ReadonlyMap<Mac, Instant | null>;
  /** From when on a lease may end as well, where a quota ends it: the later end moves on while nothing is used. */
  readonly leasesFrom: ReadonlyMap<Mac, Instant>;
  /** The next instant at which something may be another by itself. */
  readonly nextTransition: Instant | null;
  /** Addresses of help names, reachable without a lease. */
  readonly helpAddresses: readonly string[];
  /** Addresses that managed devices answer for. */
  readonly ownedAddresses: readonly string[];
  /** Services by address. */
  readonly services: DesiredServices;
  readonly lan: LanSide;
}

export interface Surroundings {
  readonly now: Instant;
  readonly lan: LanSide;
  readonly helpAddresses: readonly string[];
  /** Addresses that a device answers for. */
  readonly addressesOf: (mac: Mac) => readonly string[];
  /** Minutes used of the quotas of what is in force. */
  readonly used: Used;
  /** What addresses of services serve, as far as it was learned. */
  readonly serviceAddresses: ReadonlyMap<string, AddressClass>;
  /** What is open in study mode, by address. */
  readonly study: StudyOpenings;
  /** What the policy says of names, and what the categories in `mask` list of them. */
  ownNames(inForce: InForce, mask: number): OwnNames;
}

/** What the kernel shall hold for what is in force. Pure. */
export function desiredState(
  inForce: InForce,
  { now, lan, helpAddresses, addressesOf, used, serviceAddresses, study, ownNames }: Surroundings,
): DesiredState {
  const { policy } = inForce;
  const categoryBits = new Map(
    policy.categories.flatMap(({ id, bit }) => (bit === null ? [] : [[id, 2 ** bit] as const])),
  );
  const listBits = new Map(
    policy.profiles.map(({ id, rules }) => [
      id,
      rules.blockedCategories.reduce((bits, category) => bits | (categoryBits.get(category) ?? 0), 0),
    ]),
  );
  const listMask = [...listBits.values()].reduce((bits, mask) => bits | mask, 0);
  const { groups, masks } = ownNames(inForce, listMask);

  const devices = new Map<Mac, string>();
  const leases = new Map<Mac, Instant | null>();
  const leasesFrom = new Map<Mac, Instant>();
  const transitions: Instant[] = [];
  const basis = { ...policy, used };
  const times = new Map(policy.profiles.map((profile) => [profile.id, childTimes(profile, basis, now)]));
  for (const { next } of times.values()) if (next !== null) transitions.push(next);
  const studies = (id: string): boolean => times.get(id)?.access.mode === 'learning';
  const sealed = new Set(
    policy.profiles.flatMap(({ id, rules }) =>
      rules.blockedCategories.includes(BYPASS) || studies(id) ? [id] : [],
    ),
  );
  const profiles = new Map(policy.profiles.map((profile) => [profile.id, profile]));
  for (const device of policy.devices) {
    const [profile, child] = [profiles.get(device.profile), times.get(device.profile)];
    if (profile === undefined || child === undefined) continue;
    const { online, until } = deviceAccess(device, profile, child.access, basis, now);
    const pauseEnd = device.pause?.until ?? null;
    if (pauseEnd !== null && pauseEnd > now) transitions.push(pauseEnd);
    for (const mac of device.macs) {
      devices.set(mac, profile.id);
      if (online) leases.set(mac, until);
      if (online && child.leaseFrom !== null) leasesFrom.set(mac, child.leaseFrom);
    }
  }
  return {
    devices: sorted(devices),
    profiles: sorted(
      new Map(
        policy.profiles.map(({ id }) => {
          const child = times.get(id);
          const learning = studies(id) ? STUDY : 0;
          // What may be spent is not left to the resolver when the responder is gone.
          const spent = child !== undefined && child.spent.length > 0 ? TRACKED : 0;
          const blocked = (listBits.get(id) ?? 0) | (groups.get(id) ?? 0);
          return [id, (blocked | learning | spent | UNDECIDED) >>> 0];
        }),
      ),
    ),
    protectedDevices: [...devices].flatMap(([mac, profile]) => (sealed.has(profile) ? [mac] : [])).sort(),
    known:
      policy.newDevices === 'quarantine'
        ? [...new Set([...policy.known, ...devices.keys(), ...lan.routerMacs])].sort()
        : null,
    names: masks,
    listMask,
    listCategories: policy.categories.flatMap(({ id, bit }) =>
      bit !== null && (listMask & (2 ** bit)) !== 0 ? [{ id, bit }] : [],
    ),
    leases: sorted(leases),
    leasesFrom,
    nextTransition: transitions.length === 0 ? null : Math.min(...transitions),
    helpAddresses: [...new Set(helpAddresses)].sort(),
    ownedAddresses: [...devices.keys()].flatMap(addressesOf).slice(0, OWNED_ADDRESSES).sort(),
    services: {
      addresses: serviceAddresses,
      study,
      blocked: new Map(
        policy.profiles.map((profile) => {
          const { spent = [] } = times.get(profile.id) ?? {};
          return [profile.id, blockedServices(profile, policy, { spent, learning: studies(profile.id) })];
        }),
      ),
    },
    lan: {
      ports: [...new Set(lan.ports)].sort(),
      routerMacs: [...new Set(lan.routerMacs)].sort(),
      addresses: [...new Set([...lan.addresses, PORTAL_ADDRESS])].sort(),
      interfaces: [...new Set(lan.interfaces)].sort(),
    },
  };
}

/** The same while nobody knows what time it is: who has access by the time of day has none. */
export function withoutTimes(desired: DesiredState): DesiredState {
  return { ...desired, leases: new Map([...desired.leases].filter(([, until]) => until === null)) };
}

function sorted<T>(map: ReadonlyMap<string, T>): Map<string, T> {
  return new Map([...map].sort(([a], [b]) => (a < b ? -1 : 1)));
}
