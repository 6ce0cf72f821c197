import type { Id } from '@khien/shared/id';
import type { Changes, HouseholdChange } from '../changes.ts';

export type Changed = HouseholdChange['changed'];

/** What a transaction changed of what the parents' pages show, to be told when it is committed. */
export class Changeset {
  readonly #changed = new Map<Id, Set<Changed>>();

  add(household: Id, ...changed: readonly Changed[]): void {
    const all = this.#changed.get(household) ?? new Set();
    for (const what of changed) all.add(what);
    this.#changed.set(household, all);
  }

  addAll(other: Changeset): void {
    for (const [household, changed] of other.#changed) this.add(household, ...changed);
  }

  announce(changes: Changes): void {
    for (const [household, all] of this.#changed) {
      for (const changed of all) changes.announce({ household, changed });
    }
  }
}
