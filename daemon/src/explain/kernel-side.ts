import type { DnsName } from '@khien/shared/name';
import { macAddressText, Nftables } from 'node-nftables';
import { namesMarker } from '../enforce/classifier.ts';
import type { DesiredState } from '../enforce/desired.ts';
import { LONGEST_KEY } from '../enforce/name-map.ts';
import { lease, managed, strangers } from '../enforce/policy-table.ts';
import { hasSecondReading } from '../enforce/second-reading.ts';
import { isSteered } from '../enforce/steering.ts';
import { HELP, STUDY, TRACKED, UNDECIDED } from '../layout.ts';
import { keyOf, suffixesOf } from '../lists/name-key.ts';
import type { NameLists } from '../lists/name-lists.ts';
import type { Log } from '../log.ts';

/** What the kernel holds of devices, as far as it decides where a query goes. */
export interface KernelSide {
  readonly managed: ReadonlySet<string>;
  /** MACs that pass now. */
  readonly leases: ReadonlySet<string>;
  /** Who is let in where all others are kept closed; empty where everybody is. */
  readonly known: ReadonlySet<string>;
  /** Whether the classifier knows all names; while it does not, the responder gets every query. */
  readonly namesLoaded: boolean;
}

/** Reads what the kernel holds now; undefined, and logged, where it does not let us. */
export async function lookAtKernel(log: Log): Promise<KernelSide | undefined> {
  const nft = new Nftables();
  try {
    return await readKernelSide(nft);
  } catch (error) {
    log.error('the tables in the kernel could not be read', error);
    return undefined;
  } finally {
    nft.close();
  }
}

/** A few hundred elements at most; none of the names. Throws NetlinkError. */
async function readKernelSide(nft: Nftables): Promise<KernelSide> {
  const macs = async (set: typeof lease): Promise<Set<string>> =>
    new Set((await nft.listElements(set)).map(({ key }) => macAddressText(key)));
  return {
    managed: await macs(managed),
    leases: await macs(lease),
    known: await macs(strangers.known),
    namesLoaded: (await nft.listElements(namesMarker)).length > 0,
  };
}

/** Labels above this share keys with others in the kernel; see `keyOf`. */
const LONGEST_CERTAIN_LABEL = 31;

/**
 * The classifier's answer for a plain query over UDP: what the policy's own names and the lists say of `name` and of all
 * above it. Null for the few names whose keys the kernel may take for those of others.
 */
export function classifiedAs(name: DnsName, desired: DesiredState, lists: NameLists): number | null {
  const certain = name.split('.').every((label) => label.length <= LONGEST_CERTAIN_LABEL);
  if (name.length + 2 > LONGEST_KEY || !certain) return null;
  const own = [...suffixesOf(name)].map((suffix) => ({ name: suffix, mask: desired.names.get(suffix) ?? 0 }));
  const listed = lists.lookup(name).map((entry) => ({ ...entry, mask: entry.mask & desired.listMask }));
  let answer = 0;
  for (const entry of [...own, ...listed]) {
    if (entry.mask === 0) continue;
    const key = keyOf(entry.name);
    if (hasSecondReading(key, 0, key.length)) return null;
    answer |= entry.mask;
  }
  return answer >>> 0;
}

/** Whether nobody manages the device and the kernel keeps it closed as a stranger. */
export function isClosedStranger(mac: string, { managed, known }: KernelSide): boolean {
  return known.size > 0 && !managed.has(mac) && !known.has(mac);
}

/**
 * Who gets a device's query, while the responder lives: in the order of the chain `steer` of the policy table.
 *
 * @param mask as `profileRules` takes it
 * @param isProtected whether ways round the rules are closed for the device
 */
export function routeOf(
  mac: string,
  kernel: KernelSide,
  answer: number | null,
  mask: number,
  isProtected: boolean,
): 'resolver' | 'responder' | null {
  if (!kernel.managed.has(mac)) return isClosedStranger(mac, kernel) ? 'responder' : 'resolver';
  if (!kernel.leases.has(mac)) return 'responder';
  const known = kernel.namesLoaded ? answer : UNDECIDED;
  if (known === null) return null;
  if ((known & HELP) !== 0) return isProtected ? 'responder' : 'resolver';
  return isSteered(known, mask) || (known & (TRACKED | STUDY)) !== 0 ? 'responder' : 'resolver';
}
