import { type DnsName, longestSuffix } from '../name.ts';
import type { Policy, Profile, Rules } from './policy.ts';
import type { QuotaTarget } from './quota.ts';

/** What a blocked name fell under. `name` is the listed name that matched, never more of what the child typed. */
export type BlockTarget =
  | { readonly kind: 'name'; readonly id: DnsName; readonly name: DnsName }
  | { readonly kind: 'service'; readonly id: string; readonly name: DnsName }
  | { readonly kind: 'category'; readonly id: string; readonly name: DnsName }
  /** Today's time for a service, or for the services of a category, is used up. */
  | { readonly kind: 'quota'; readonly id: string; readonly name: DnsName }
  /** It is time to study, and this is not of it. No name: it would be what the child typed. */
  | { readonly kind: 'learning'; readonly id: 'learning'; readonly name: '' };

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
export interface DecisionBasis extends Pick<Policy, 'services' | 'learningNames'> {
  /** Names of emergency contacts. */
  readonly helpNames: readonly DnsName[];
  readonly lists: ListLookup;
  readonly safeName: SafeNameLookup;
  /** What the child's spent quotas block now, as `spentTargets` gives them. */
  readonly spent: readonly { readonly of: QuotaTarget }[];
  /** Whether only what study needs is allowed now. */
  readonly learning: boolean;
}

/**
 * Whether a child may reach `name`, and by which rule. The first that applies decides:
 *
 * 1. a name of an emergency contact is never blocked;
 * 2. the parent's own names, the longest match; blocked wins where both are the same name;
 * 3. a blocked service, or a service of a blocked category;
 * 4. a list of a blocked category;
 * 5. a service, or a service of a category, whose time of today is used up;
 * 6. in the learning mode: all that study does not need;
 * 7. safe search, and YouTube's Restricted Mode;
 * 8. otherwise it is allowed.
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
  for (const service of basis.services) {
    if (!basis.spent.some(({ of }) => isOf(service, of))) continue;
    const match = longestSuffix(name, service.names);
    if (match !== undefined)
      return { action: 'block', target: { kind: 'quota', id: service.id, name: match } };
  }
  if (basis.learning && longestSuffix(name, basis.learningNames) === undefined) {
    return { action: 'block', target: { kind: 'learning', id: 'learning', name: '' } };
  }
  const to = basis.safeName(name, profile.rules);
  return to === undefined ? { action: 'allow', because: 'no-rule' } : { action: 'rewrite', to };
}

function isOf(service: Policy['services'][number], target: QuotaTarget): boolean {
  if (target.kind === 'network') return false;
  return target.id === (target.kind === 'service' ? service.id : service.category);
}
