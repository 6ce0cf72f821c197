import type { Mac } from '@khien/shared/id';
import {
  accept,
  type ChainRef,
  dataType,
  drop,
  expr,
  goto,
  ipAddressText,
  isNetlinkError,
  macAddressText,
  type NamedSet,
  type Nftables,
  type Rule,
  register,
  type TableRef,
} from 'node-nftables';
import {
  etherDestinationIn,
  etherTypeIs,
  type IpVersion,
  linkLocalDestination,
  loadDestination,
  loadSource,
} from './packet-match.ts';

/**
 * A device answers for its address by its own MAC, and could send from it by any other: as nobody that is managed, or as the
 * parents' laptop. So what comes from an address of a managed device, and not from one, goes no further than this router and
 * help. Whose an address is, the neighbour table says, about a second after it was said; when the daemon is dead an
 * address is free again after some minutes, so that whoever gets it by DHCP is not kept out.
 */

/** How long the kernel remembers who borrowed an address, until it is asked (milliseconds). */
const REMEMBERED = 3600_000;
const versions = ['ip', 'ip6'] as const;
const addressType = { ip: dataType.ipv4Addr, ip6: dataType.ipv6Addr };
const number = { ip: 4, ip6: 6 } as const;
const r0 = register(0);
/** Behind a MAC, which takes two. */
const r2 = register(2);

export type AddressSets = Readonly<Record<IpVersion, NamedSet>>;

const bothOf = (make: (version: IpVersion) => NamedSet): AddressSets => ({
  ip: make('ip'),
  ip6: make('ip6'),
});

/** A table's sets of addresses of managed devices, twice as large as what `desiredState` puts there. */
export function ownedAddressesOf(table: TableRef, flags: NamedSet['flags'] = []): AddressSets {
  return bothOf((version) => ({
    table,
    name: `owned${number[version]}`,
    key: addressType[version],
    flags,
    size: 4096,
  }));
}

/** Who sent from whose address: a MAC and an address. */
export function borrowersOf(table: TableRef): AddressSets {
  return bothOf((version) => ({
    table,
    name: `borrowers${number[version]}`,
    key: dataType.concatenated(dataType.etherAddr, addressType[version]),
    flags: ['timeout', 'dynamic'],
    size: 512,
  }));
}

export const countedBorrowed = 'from an address of a child’s device';

export interface BorrowedParts {
  /** Where what no managed device sends comes by. */
  readonly unmanaged: ChainRef;
  readonly owned: AddressSets;
  readonly borrowers: AddressSets;
  /** What a device without a lease may ask of this router. */
  readonly local: Readonly<Record<IpVersion, ChainRef>>;
  /** Names of sets. */
  readonly routerMacs: string;
  readonly routerAddresses: Readonly<Record<IpVersion, string>>;
  readonly help: Readonly<Record<IpVersion, string>>;
}

export function borrowedChain(table: TableRef, version: IpVersion): ChainRef {
  return { table, name: `borrowed${number[version]}` };
}

/** In the chain of unmanaged devices: one look-up for each packet. */
export function* borrowedEntry({ unmanaged, owned }: BorrowedParts): Generator<Rule> {
  for (const version of versions) {
    yield {
      chain: unmanaged,
      expressions: [
        ...etherTypeIs(version),
        ...loadSource(version),
        expr.lookup(r0, owned[version].name),
        expr.verdict(goto(borrowedChain(unmanaged.table, version).name)),
      ],
    };
  }
}

/** Neighbour discovery passes: by it an address that has moved is told to have. */
export function* borrowedRules(parts: BorrowedParts): Generator<Rule> {
  const { unmanaged, borrowers, local, routerMacs, routerAddresses, help } = parts;
  for (const version of versions) {
    const chain = borrowedChain(unmanaged.table, version);
    yield { chain, expressions: [...etherDestinationIn(routerMacs, 'not in'), expr.verdict(accept)] };
    if (version === 'ip6')
      yield { chain, expressions: [...linkLocalDestination(), expr.verdict(goto(local.ip6.name))] };
    yield {
      chain,
      expressions: [
        ...loadDestination(version),
        expr.lookup(r0, routerAddresses[version]),
        expr.verdict(goto(local[version].name)),
      ],
    };
    yield {
      chain,
      expressions: [...loadDestination(version), expr.lookup(r0, help[version]), expr.verdict(accept)],
    };
    yield {
      chain,
      expressions: [
        expr.payload('link', 6, 6, r0),
        ...loadSource(version, r2),
        expr.dynset('update', r0, borrowers[version].name, { timeout: REMEMBERED }),
      ],
    };
    // Not refused: where the address has moved a moment ago, the next try gets through.
    yield { chain, expressions: [expr.counter, expr.verdict(drop)], comment: countedBorrowed };
  }
}

/** That a frame of `mac` came from an address that is of a managed device. */
export interface Borrowed {
  readonly mac: Mac;
  readonly address: string;
}

/** Takes who borrowed addresses out of the kernel's memory. Throws NetlinkError. */
export async function takeBorrowed(nft: Nftables, borrowers: AddressSets): Promise<Borrowed[]> {
  const taken: Borrowed[] = [];
  for (const set of Object.values(borrowers)) {
    const keys = (await nft.listElements(set)).map(({ key }) => ({ key }));
    if (keys.length === 0) continue;
    try {
      await nft.transaction().destroyElements(set, keys).commit();
    } catch (error) {
      // The table went: it is looked at again soon.
      if (isNetlinkError(error, 'ENOENT')) continue;
      throw error;
    }
    for (const { key } of keys) {
      taken.push({ mac: macAddressText(key.subarray(0, 6)), address: ipAddressText(key.subarray(8)) });
    }
  }
  return taken;
}
