import type { DnsName } from '@khien/shared/name';
import type { Profile } from '@khien/shared/policy';
import { steeredNames } from '../dns/canary.ts';
import { rewrittenNames } from '../dns/safe-search.ts';
import { HELP, OWN_GROUP_COUNT, OWN_GROUP_FIRST_BIT, STUDY, TRACKED, UNDECIDED } from '../layout.ts';
import { suffixesOf } from '../lists/name-key.ts';
import type { InForce } from '../policy/in-force.ts';

/** Names that come from the policy and the contacts, not from lists, as the classifier answers them. */
export interface OwnNames {
  /** Which group bit of the answer concerns a profile, by its id; absent where none does. */
  readonly groups: ReadonlyMap<string, number>;
  /** The answer for each name, in order: everything that the name and those above it say. */
  readonly masks: ReadonlyMap<DnsName, number>;
}

/**
 * Gives each set of own names a bit of the answer: profiles with the same services and names share one. Names of
 * sets beyond the last bit are undecided, so that the responder, which is exact, gets them.
 *
 * A mask includes those of all names above it, own (here) and listed (`listed` says which categories a name or one above
 * it is in), because the classifier stops at the most specific match.
 */
export function ownNames(inForce: InForce, listed: (name: DnsName) => number): OwnNames {
  const groups = new Map<string, number>();
  const direct = new Map<DnsName, number>();
  const add = (names: readonly DnsName[], bit: number) => {
    for (const name of names) direct.set(name, ((direct.get(name) ?? 0) | bit) >>> 0);
  };

  for (const [index, { profiles, names }] of setsOfNames(inForce).entries()) {
    const bit = index < OWN_GROUP_COUNT ? 2 ** (OWN_GROUP_FIRST_BIT + index) : UNDECIDED;
    for (const profile of profiles) groups.set(profile.id, bit);
    add(names, bit);
  }
  // What the responder answers itself, for every managed device.
  add(steeredNames, UNDECIDED);
  for (const { names } of inForce.policy.services) add(names, TRACKED);
  add(inForce.policy.learningNames, STUDY);
  add(inForce.helpNames, HELP);
  const masks = inheritAll(direct, listed);
  return { groups, masks: new Map([...masks].sort(([a], [b]) => (a < b ? -1 : 1))) };
}

interface SetOfNames {
  readonly profiles: Profile[];
  readonly names: readonly DnsName[];
}

/** The distinct sets of names that profiles block or have answered otherwise, in the order of the profiles' ids. */
function setsOfNames(inForce: InForce): SetOfNames[] {
  const sets = new Map<string, SetOfNames>();
  const profiles = [...inForce.policy.profiles].sort((a, b) => (a.id < b.id ? -1 : 1));
  for (const profile of profiles) {
    const { blockedNames, blockedServices, blockedCategories, safeSearch, youtube } = profile.rules;
    const rewritten = rewrittenNames(profile.rules);
    const services = inForce.policy.services.filter(
      ({ id, category }) => blockedServices.includes(id) || blockedCategories.includes(category),
    );
    if (services.length + blockedNames.length + rewritten.length === 0) continue;
    const key = JSON.stringify([
      services.map(({ id }) => id).sort(),
      [...blockedNames].sort(),
      safeSearch,
      youtube !== 'open',
    ]);
    const same = sets.get(key);
    if (same === undefined) {
      sets.set(key, {
        profiles: [profile],
        names: [...blockedNames, ...services.flatMap(({ names }) => names), ...rewritten],
      });
    } else {
      same.profiles.push(profile);
    }
  }
  return [...sets.values()];
}

function inheritAll(
  direct: ReadonlyMap<DnsName, number>,
  listed: (name: DnsName) => number,
): Map<DnsName, number> {
  const masks = new Map<DnsName, number>();
  // Shorter names first: what is above a name has its full mask already.
  for (const name of [...direct.keys()].sort((a, b) => a.length - b.length || (a < b ? -1 : 1))) {
    let mask = (direct.get(name) ?? 0) | listed(name);
    for (const suffix of suffixesOf(name)) {
      const above = masks.get(suffix);
      if (above === undefined) continue;
      mask |= above;
      break;
    }
    masks.set(name, mask >>> 0);
  }
  return masks;
}
