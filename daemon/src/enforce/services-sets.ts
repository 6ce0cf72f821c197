import { type ChainRef, dataType, type NamedSet } from 'node-nftables';
import { SERVICES_TABLE } from '../layout.ts';
import { HELP_ADDRESSES } from './access-table.ts';
import type { IpVersion } from './packet-match.ts';

/** Sets of the table of services; `services-table` and `services-study` say how a packet meets them. */

export const servicesTable = { family: 'inet', name: SERVICES_TABLE } as const;

/** Addresses that the kernel can hold of each IP version; more than the registry learns. */
const ADDRESSES = 8192;
/** The same for what is open in study mode, to each profile. */
const STUDY_ADDRESSES = 4096;
/** Milliseconds that the kernel keeps an address by itself; renewed when half of it is over. */
export const ADDRESS_HOLDS = 6 * 3600_000;
/** A device's address is its own so long after it sent from it, milliseconds. */
export const OWNED = 120_000;
/** What has been silent so long is not counted on, milliseconds. Whoever reads the counters does it more often. */
export const COUNTED = 120_000;
/** What was refused is remembered so long, milliseconds. */
export const REMEMBERED = 3600_000;

export const versions = ['ip', 'ip6'] as const;
const digit = { ip: '4', ip6: '6' } as const;
const addressType = { ip: dataType.ipv4Addr, ip6: dataType.ipv6Addr } as const;

const set = (name: string, key: NamedSet['key'], size: number): NamedSet => ({
  table: servicesTable,
  name,
  key,
  size,
});
const byVersion = (make: (version: IpVersion, digit: string) => NamedSet) => ({
  ip: make('ip', digit.ip),
  ip6: make('ip6', digit.ip6),
});
const timed = (each: NamedSet): NamedSet => ({ ...each, flags: ['timeout'] });
const dynamic = (each: NamedSet): NamedSet => ({ ...each, flags: ['dynamic', 'timeout'] });
const counting = (each: NamedSet): NamedSet => ({ ...dynamic(each), counter: true });

/** Sets of one kind for both IP versions. */
export type AddressSets = Readonly<Record<IpVersion, NamedSet>>;

/** The chain of each managed device's profile. */
export const serviceDevices: NamedSet = { ...set('devices', dataType.etherAddr, 8192), data: 'verdict' };
/** Addresses of services; comments say what each serves: for the next run, and for people. */
export const serviceAddresses = byVersion((version, number) =>
  timed(set(`services${number}`, addressType[version], ADDRESSES)),
);
export const servicesHelp = byVersion((version, number) =>
  set(`help${number}`, addressType[version], HELP_ADDRESSES),
);
/**
 * All that is in the sets of services, of help and of what is refused to some profile. What is sent to others, or comes from
 * them, is only counted: an address that is refused and not in here would pass. Elements do not end by themselves, so that
 * looking them up costs less.
 */
export const specialAddresses = byVersion((version, number) =>
  set(`special${number}`, addressType[version], ADDRESSES + HELP_ADDRESSES),
);
/** Holds one element: the layout of the table, once it is complete. */
export const servicesMarker = set('layout', dataType.mark, 4);

/** Addresses of managed devices; filled by what they send. What is sent from one that has no room here goes nowhere. */
const LOCAL_ADDRESSES = 4096;
export const locals = byVersion((version, number) =>
  dynamic(set(`local${number}`, addressType[version], LOCAL_ADDRESSES)),
);
/** What each device has sent: an element for each that is managed, for which looking it up is counting. */
export const sentBy: NamedSet = { ...set('sent', dataType.etherAddr, 8192), counter: true };
/** What came for each local address: for those of now, and those whose place was taken while what came was still kept. */
export const receivedBy = byVersion((version, number) =>
  counting(set(`received${number}`, addressType[version], 4 * LOCAL_ADDRESSES)),
);
const macAndAddress = (version: IpVersion) => dataType.concatenated(dataType.etherAddr, addressType[version]);
/** What each device has sent to each address of a service. */
export const sentToService = byVersion((version, number) =>
  counting(set(`sent_service${number}`, macAndAddress(version), 16_384)),
);
/** What came for each local address from each of a service. */
export const receivedFromService = byVersion((version, number) =>
  counting(
    set(
      `received_service${number}`,
      dataType.concatenated(addressType[version], addressType[version]),
      16_384,
    ),
  ),
);
/** Connections that devices tried to begin with refused addresses. */
export const refusedTries = byVersion((version, number) =>
  counting(set(`refused_tries${number}`, macAndAddress(version), 4096)),
);

/** Addresses that are open for one thing to everybody who studies: with a protocol and a port. Comments say the name. */
export const narrowAddresses = byVersion((version, number) =>
  timed(
    set(
      `narrow${number}`,
      dataType.concatenated(addressType[version], dataType.inetProto, dataType.inetService),
      STUDY_ADDRESSES,
    ),
  ),
);
/** What devices that study tried to begin with other addresses. Those are nobody's business. */
export const strayTries = counting(set('stray_tries', dataType.etherAddr, 8192));

export const staticSets: readonly NamedSet[] = [
  serviceDevices,
  servicesMarker,
  sentBy,
  strayTries,
  ...[
    serviceAddresses,
    servicesHelp,
    specialAddresses,
    locals,
    receivedBy,
    sentToService,
    receivedFromService,
    refusedTries,
    narrowAddresses,
  ].flatMap((each) => Object.values(each)),
];

/** Addresses that are refused to a profile's devices. */
export function refusedAddresses(profile: string): AddressSets {
  return byVersion((version, number) =>
    timed(set(`refused${number}_${profile}`, addressType[version], ADDRESSES)),
  );
}

/** Addresses that a profile's devices may reach while it studies: whatever they send there starts the time again. */
export function studyAddresses(profile: string): AddressSets {
  return byVersion((version, number) =>
    dynamic(set(`study${number}_${profile}`, addressType[version], STUDY_ADDRESSES)),
  );
}

export const chain = (name: string): ChainRef => ({ table: servicesTable, name });

const PROFILE = 'profile_';

export function profileChain(profile: string): ChainRef {
  return chain(PROFILE + profile);
}

/** The profile whose chain has this name; undefined for other chains. */
export function profileOfServiceChain(name: string): string | undefined {
  return name.startsWith(PROFILE) ? name.slice(PROFILE.length) : undefined;
}
