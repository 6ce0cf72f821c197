import { createHash } from 'node:crypto';
import type { NameLists } from '../lists/name-lists.ts';
import type { InForce } from '../policy/in-force.ts';
import { ListedNames } from './listed-names.ts';
import { type OwnNames, ownNames } from './own-names.ts';

/** Own names of what was in force last: most policies that come say the same of names, as those that pause a child do. */
export class RememberedNames {
  readonly #listed: ListedNames;
  #failures = 0;
  #known: { readonly of: string; readonly names: OwnNames } | undefined;

  /** `failed` is told when the lists cannot be read. */
  constructor(failed: (error: unknown) => void) {
    this.#listed = new ListedNames((error) => {
      this.#failures++;
      failed(error);
    });
  }

  /** As `ownNames`, with what the categories of `listMask` list. The same object for what says the same. */
  of(inForce: InForce, lists: NameLists, listMask: number): OwnNames {
    const of = identified(inForce, lists, listMask);
    if (this.#known?.of === of) return this.#known.names;
    const failures = this.#failures;
    const names = ownNames(inForce, (name) => this.#listed.mask(lists, name, listMask));
    this.#listed.keep(names.masks);
    this.#known = failures === this.#failures ? { of, names } : undefined;
    return names;
  }
}

/** All that `ownNames` reads. */
function identified({ policy, helpNames }: InForce, lists: NameLists, listMask: number): string {
  const rules = policy.profiles.map(
    ({ id, rules: { blockedNames, blockedServices, blockedCategories, safeSearch, youtube } }) => [
      id,
      blockedNames,
      blockedServices,
      blockedCategories,
      safeSearch,
      youtube,
    ],
  );
  const services = policy.services.map(({ id, category, names }) => [id, category, names]);
  const all = [rules, services, policy.learningNames, helpNames, listMask, lists.revision];
  return createHash('sha256').update(JSON.stringify(all)).digest('base64');
}
