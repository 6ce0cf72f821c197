import type { Instant } from '@khien/shared/id';
import { sweepStock } from '../enrolment/stock.ts';
import { HouseholdRounds, type HouseholdRoundsDeps } from '../store/household-rounds.ts';
import { sweepDutyChanges, sweepHousehold, sweepPeople, sweepSpent } from './sweep.ts';

type RetentionDeps = Pick<HouseholdRoundsDeps, 'store' | 'log'> & { readonly now: () => Instant };

/** Forgets what is older than it is kept. */
export function retention({ store, log, now }: RetentionDeps): HouseholdRounds {
  return new HouseholdRounds({
    store,
    log,
    name: 'forgetting',
    first: async () => {
      await sweepPeople(store.db, now());
      await sweepDutyChanges(store.db, now());
      await sweepSpent(store.db, now());
      await sweepStock(store.db, now());
    },
    each: (household) => sweepHousehold(store.db, household, now()),
  });
}
