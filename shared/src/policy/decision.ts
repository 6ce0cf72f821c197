import { type DnsName, longestSuffix } from '../name.ts';
import type { Policy, Profile, Rules } from './policy.ts';

/** What a blocked name fell under. `name` is the listed name that matched, never more of what the child typed. */
export type BlockTarget =
  | { readonly kind: 'name'; readonly id: DnsName; readonly name: DnsName }
  | { readonly kind: 'service'; readonly id: string; readonly name: DnsName }
  | { readonly kind: 'category'; readonly id: string; readonly name: DnsName };

export type Decision =
  | { readonly action: 'allow'; readonly because: 'help' | 'allowed-name' | 'no-rule' }
  | { readonly action: 'block'; readonly target: BlockTarget }
  /** Answered with the addresses of `to`, under which a search engine or site is its own filtered form. */
  | { readonly action: 'rewrite'; readonly to: DnsName };

/** An exact look-up in the compiled lists: every listed name that is `name` or above it, with its categories. */
export type ListLookup = (
  name: DnsName,
) => readonly { readonly name: DnsName; readonly categories: readonly string[] }[];

/** Where the filtered form of what is at exactly `name` is, for these rules; undefined where the name is left as it is. */
export type SafeNameLookup = (name: DnsName, rules: Rules) => DnsName | undefined;

/** What is decided by, apart from the child's own rules. */
export interface DecisionBasis extends Pick<Policy, 'services'> {
  /** Names of emergency contacts. */
  readonly helpNames: readonly DnsName[];
  readonly lists: ListLookup;
  readonly safeName: SafeNameLookup;
}

/**
 * Whether a child may reach `name`, and by which rule. The first that applies decides:
 *
 * 1. a name of an emergency contact is never blocked;
 * 2. the parent's own names, the longest match; blocked wins where both are the same name;
 * 3. a blocked service, or a service of a blocked category;
 * 4. a list of a blocked category;
 * 5. safe search, and YouTube's Restricted Mode;
 * 6. otherwise it is allowed.
 */
export function decideName(profile: Profile, name: DnsName, basis: DecisionBasis): Decision {
  if (longestSuffix(name, basis.helpNames) !== undefined) return { action: 'allow', because: 'help' };

  const { allowedNames, blockedNames, blockedServices, blockedCategories } = profile.rules;
  const allowed = longestSuffix(name, allowedNames);
  const blocked = longestSuffix(name, blockedNames);
  if (blocked !== undefined && blocked.length >= (allowed?.length ?? 0)) {
    return { action: 'block', target: { kind: 'name', id: blocked, name: blocked } };
  }
  if (allowed !== undefined) return { action: 'allow', because: 'allowed-name' };

  for (const service of basis.services) {
    if (!blockedServices.includes(service.id) && !blockedCategories.includes(service.category)) continue;
    const match = longestSuffix(name, service.names);
    if (match !== undefined)
      return { action: 'block', target: { kind: 'service', id: service.id, name: match } };
  }
  for (const listed of basis.lists(name)) {
    const category = listed.categories.find((id) => blockedCategories.includes(id));
    if (category !== undefined)
      return { action: 'block', target: { kind: 'category', id: category, name: listed.name } };
  }
  const to = basis.safeName(name, profile.rules);
  return to === undefined ? { action: 'allow', because: 'no-rule' } : { action: 'rewrite', to };
}
