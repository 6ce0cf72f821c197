import { type Policy, type Profile, youtubeModes } from '@khien/shared/policy';

/**
 * What holds for a device that is managed, since the kernel sent its query here, but cannot be told from others yet: the
 * sum of what every child's rules block, and nothing that a single child's rules allow. Undefined where nobody is managed.
 */
export function strictestProfile(policy: Pick<Policy, 'profiles'>): Profile | undefined {
  const [first] = policy.profiles;
  if (first === undefined) return undefined;
  const rules = policy.profiles.map((profile) => profile.rules);
  return {
    ...first,
    pause: null,
    grant: null,
    learning: null,
    bonuses: [],
    rules: {
      blockedCategories: union(rules.map((of) => of.blockedCategories)),
      blockedServices: union(rules.map((of) => of.blockedServices)),
      blockedNames: union(rules.map((of) => of.blockedNames)),
      allowedNames: [],
      schedules: [],
      safeSearch: rules.some((of) => of.safeSearch),
      quotas: [],
      quotaReset: first.rules.quotaReset,
      youtube: youtubeModes.findLast((mode) => rules.some((of) => of.youtube === mode)) ?? 'open',
    },
  };
}

function union(lists: readonly (readonly string[])[]): string[] {
  return [...new Set(lists.flat())];
}
