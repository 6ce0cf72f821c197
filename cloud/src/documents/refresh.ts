import type { Changes } from '../changes.ts';
import type { Documents } from '../ports.ts';
import { HouseholdRounds, type HouseholdRoundsDeps } from '../store/household-rounds.ts';
import type { Store } from '../store/open.ts';

type DocumentRefreshDeps = Pick<HouseholdRoundsDeps, 'log' | 'every' | 'breath'> & {
  readonly store: Store;
  readonly documents: Documents;
  readonly changes: Changes;
};

/**
 * Brings every household's documents up to date for reasons that no parent caused: time-zone offsets that run out or
 * that a government changed, answers that are no longer shown, a catalogue that came with a newer release. An unchanged
 * policy makes no new version, so most rounds write nothing.
 */
export function documentRefresh({ documents, changes, ...rounds }: DocumentRefreshDeps): HouseholdRounds {
  return new HouseholdRounds({
    ...rounds,
    name: 'refreshing documents',
    each: async (household) => {
      const routers = await rounds.store.ofHousehold(household, (trx) => documents.rebuild(trx, household));
      for (const router of routers) changes.announce({ router, document: 'policy' });
    },
  });
}
