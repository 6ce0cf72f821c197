import type { DnsName } from '@khien/shared/name';
import type { NameLists } from '../lists/name-lists.ts';

/** What lists say of own names, which are asked for with every policy: remembers until the lists change. */
export class ListedNames {
  #revision = '';
  #masks = new Map<DnsName, number>();

  /** Which of the categories in `mask` list `name` or one above it. */
  mask(lists: NameLists, name: DnsName, mask: number): number {
    if (mask === 0) return 0;
    if (this.#revision !== lists.revision) {
      this.#revision = lists.revision;
      this.#masks.clear();
    }
    let all = this.#masks.get(name);
    if (all === undefined) {
      all = lists.lookup(name).reduce((bits, listed) => bits | listed.mask, 0);
      this.#masks.set(name, all);
    }
    return all & mask;
  }

  /** Forgets all names but those given. */
  keep(names: ReadonlyMap<DnsName, unknown>): void {
    for (const name of this.#masks.keys()) if (!names.has(name)) this.#masks.delete(name);
  }
}
