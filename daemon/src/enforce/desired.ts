import type { Instant, Mac } from '@khien/shared/id';
import type { DnsName } from '@khien/shared/name';
import { accessAt, nothingUsed } from '@khien/shared/policy';
import type { LanSide } from '../devices/lan-side.ts';
import { PORTAL_ADDRESS, UNDECIDED } from '../layout.ts';
import type { InForce } from '../policy/in-force.ts';
import type { AddressClass } from '../services/address-class.ts';
import { blockedServices } from '../services/service-rules.ts';
import type { ListCategory } from './list-budget.ts';
import { ownNames } from './own-names.ts';
import type { DesiredServices } from './services-held.ts';

/** The category of ways round the rules; blocking it also closes ports and addresses. */
const BYPASS = 'bypass';

/** What the kernel shall hold, as plain data in a fixed order. */
export interface DesiredState {
  /** Every managed device's profile. */
  readonly devices: ReadonlyMap<Mac, string>;
  /** Bits of the classifier's answer that send a query of the profile's devices to the responder. */
  readonly profiles: ReadonlyMap<string, number>;
  /** MACs whose child's rules block ways round them. */
  readonly protectedDevices: readonly Mac[];
  /** Own names and the classifier's answers for them. */
  readonly names: ReadonlyMap<DnsName, number>;
  /** Categories whose lists some profile wants. */
  readonly listMask: number;
  /** The same with their names, of which those are loaded that fit. */
  readonly listCategories: readonly ListCategory[];
  /** Who passes, and until when; null where nothing that is known now will end it. */
  readonly leases: ReadonlyMap<Mac, Instant | null>;
  /** The next instant at which a lease must be given or ends. */
  readonly nextTransition: Instant | null;
  /** Addresses of help names, reachable without a lease. */
  readonly helpAddresses: readonly string[];
  /** Services by address. */
  readonly services: DesiredServices;
  readonly lan: LanSide;
}

export interface Surroundings {
  readonly now: Instant;
  readonly lan: LanSide;
  readonly helpAddresses: readonly string[];
  /** What addresses of services serve, as far as it was learned. */
  readonly serviceAddresses: ReadonlyMap<string, AddressClass>;
  /** Which of the categories in `mask` list `name` or one above it. */
  listed(name: DnsName, mask: number): number;
}

/** What the kernel shall hold for what is in force. Pure. */
export function desiredState(
  inForce: InForce,
  { now, lan, helpAddresses, serviceAddresses, listed }: Surroundings,
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
  const { groups, masks } = ownNames(inForce, (name) => listed(name, listMask));

  const sealed = new Set(
    policy.profiles.flatMap(({ id, rules }) => (rules.blockedCategories.includes(BYPASS) ? [id] : [])),
  );
  const devices = new Map<Mac, string>();
  const leases = new Map<Mac, Instant | null>();
  const transitions: Instant[] = [];
  const access = new Map(
    policy.profiles.map((profile) => [profile.id, accessAt(profile, { ...policy, used: nothingUsed }, now)]),
  );
  for (const { until } of access.values()) if (until !== null) transitions.push(until);
  for (const { macs, profile } of policy.devices) {
    const { online, until } = access.get(profile) ?? { online: false, until: null };
    for (const mac of macs) {
      devices.set(mac, profile);
      if (online) leases.set(mac, until);
    }
  }
  return {
    devices: sorted(devices),
    profiles: sorted(
      new Map(
        policy.profiles.map(({ id }) => [
          id,
          ((listBits.get(id) ?? 0) | (groups.get(id) ?? 0) | UNDECIDED) >>> 0,
        ]),
      ),
    ),
    protectedDevices: [...devices].flatMap(([mac, profile]) => (sealed.has(profile) ? [mac] : [])).sort(),
    names: sorted(masks),
    listMask,
    listCategories: policy.categories.flatMap(({ id, bit }) =>
      bit !== null && (listMask & (2 ** bit)) !== 0 ? [{ id, bit }] : [],
    ),
    leases: sorted(leases),
    nextTransition: transitions.length === 0 ? null : Math.min(...transitions),
    helpAddresses: [...new Set(helpAddresses)].sort(),
    services: {
      addresses: serviceAddresses,
      blocked: new Map(
        policy.profiles.map((profile) => {
          const learning = access.get(profile.id)?.mode === 'learning';
          return [profile.id, blockedServices(profile, policy, { spent: [], learning })];
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
