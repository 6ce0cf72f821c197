import type { LocalText, Policy, Profile } from '@khien/shared/policy';

export interface BlockedThings {
  readonly categories: readonly LocalText[];
  /** Services blocked on their own, and names that the parent typed. */
  readonly services: readonly LocalText[];
  readonly names: readonly string[];
}

/** What a child's rules block, as a person calls it. What the policy does not name is not shown. */
export function blockedThings(
  profile: Profile,
  policy: Pick<Policy, 'services' | 'categories'>,
): BlockedThings {
  const { blockedCategories, blockedServices, blockedNames } = profile.rules;
  return {
    categories: policy.categories.filter(({ id }) => blockedCategories.includes(id)).map(({ name }) => name),
    services: policy.services
      .filter(({ id, category }) => blockedServices.includes(id) && !blockedCategories.includes(category))
      .map(({ name }) => name),
    names: blockedNames,
  };
}
