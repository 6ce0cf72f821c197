import type { Id } from '@khien/shared/id';
import type { DnsName } from '@khien/shared/name';
import type { Policy, Profile } from '@khien/shared/policy';
import { connectivityCheckNames } from '../dns/connectivity-check.ts';
import { safeName } from '../dns/safe-search.ts';
import { suffixesOf } from '../lists/name-key.ts';
import { type NarrowUse, narrowUse } from './narrow-names.ts';

/** What the addresses of a name are open for in study mode. */
export interface StudyUse {
  /** Who may reach them, by the id of the profile, with the name of the policy that says so. */
  readonly profiles: ReadonlyMap<Id, DnsName>;
  /** What everybody may do there; undefined where it is nothing, or all that `profiles` may. */
  readonly narrow: NarrowUse | undefined;
}

interface ProfileNames {
  readonly profile: Profile;
  readonly allowed: ReadonlySet<DnsName>;
  readonly blocked: ReadonlySet<DnsName>;
  readonly ofBlockedServices: ReadonlySet<DnsName>;
}

/**
 * Which addresses are open in study mode, by the names that lead there: as `decideName` decides of names, but for what only
 * the lists block, which is not answered anyway.
 */
export class StudyRules {
  readonly #profiles: readonly ProfileNames[];
  readonly #study: ReadonlySet<DnsName>;

  constructor({
    profiles,
    services,
    learningNames,
  }: Pick<Policy, 'profiles' | 'services' | 'learningNames'>) {
    this.#study = new Set(learningNames);
    this.#profiles = profiles.map((profile) => {
      const { allowedNames, blockedNames, blockedServices, blockedCategories } = profile.rules;
      const blocked = services.filter(
        ({ id, category }) => blockedServices.includes(id) || blockedCategories.includes(category),
      );
      return {
        profile,
        allowed: new Set(allowedNames),
        blocked: new Set(blockedNames),
        ofBlockedServices: new Set(blocked.flatMap(({ names }) => names)),
      };
    });
  }

  /**
   * @param name lower case
   * @param rewritten whether it was answered with the addresses of its filtered form
   */
  useOf(name: string, rewritten: boolean): StudyUse {
    const suffixes = [...suffixesOf(name)];
    const ofStudy = suffixes.find((suffix) => this.#study.has(suffix));
    const isKnown = ofStudy !== undefined || connectivityCheckNames.has(name);
    const narrow = isKnown ? narrowUse(name) : undefined;
    const profiles = new Map<Id, DnsName>();
    for (const each of this.#profiles) {
      const because = openBy(each, suffixes, narrow === undefined ? ofStudy : undefined);
      if (because === undefined) continue;
      // A parent who allows the name itself has it unfiltered.
      const { allowed, profile } = each;
      const filtered = !allowed.has(because) && safeName(name, profile.rules) !== undefined;
      if (filtered === rewritten) profiles.set(profile.id, because);
    }
    return { profiles, narrow };
  }
}

/** The name by which a profile may reach what is at the first of `suffixes`, longest first; undefined where it may not. */
function openBy(
  { allowed, blocked, ofBlockedServices }: ProfileNames,
  suffixes: readonly string[],
  ofStudy: DnsName | undefined,
): DnsName | undefined {
  const allows = suffixes.find((suffix) => allowed.has(suffix));
  const blocks = suffixes.find((suffix) => blocked.has(suffix));
  if (blocks !== undefined && blocks.length >= (allows?.length ?? 0)) return undefined;
  if (allows !== undefined) return allows;
  return suffixes.some((suffix) => ofBlockedServices.has(suffix)) ? undefined : ofStudy;
}
