import type { DnsName } from '@khien/shared/name';
import { UNDECIDED } from '../layout.ts';
import type { NameLists } from '../lists/name-lists.ts';

/** What lists say of own names, which are asked for with every policy: remembers until the lists change. */
export class ListedNames {
  readonly #failed: (error: unknown) => void;
  #revision = '';
  #masks = new Map<DnsName, number>();

  /** `failed` is told when the lists cannot be read. */
  constructor(failed: (error: unknown) => void) {
    this.#failed = failed;
  }

  /** Which of the categories in `mask` list `name` or one above it; that it is undecided where the lists cannot be read. */
  mask(lists: NameLists, name: DnsName, mask: number): number {
    if (mask === 0) return 0;
    if (this.#revision !== lists.revision) {
      this.#revision = lists.revision;
      this.#masks.clear();
    }
    const known = this.#masks.get(name);
    if (known !== undefined) return known & mask;
    try {
      const all = lists.lookup(name).reduce((bits, listed) => bits | listed.mask, 0);
      this.#masks.set(name, all);
      return all & mask;
    } catch (error) {
      this.#failed(error);
      return UNDECIDED;
    }
  }

  /** Forgets all names but those given. */
  keep(names: ReadonlyMap<DnsName, unknown>): void {
    for (const name of this.#masks.keys()) if (!names.has(name)) this.#masks.delete(name);
  }
}
