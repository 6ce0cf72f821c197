import type { Instant } from '@khien/shared/id';
import { MINUTE } from '@khien/shared/policy';
import { sweepStock } from '../enrolment/stock.ts';
import type { Duty } from '../nodes/leadership.ts';
import { sweepCopies } from '../store/copies.ts';
import { emptyLog } from '../store/empty-log.ts';
import { HouseholdRounds, type HouseholdRoundsDeps } from '../store/household-rounds.ts';
import type { Swept } from './portions.ts';
import { sweepDutyChanges, sweepHousehold, sweepPeople, sweepSpent } from './sweep.ts';

/** What limits count is over within an hour, and who attacks makes much of it: how often it is swept, milliseconds. */
const SPENT_SWEPT = 10 * MINUTE;

type RetentionDeps = Pick<HouseholdRoundsDeps, 'log'> & {
  readonly store: Swept;
  readonly now: () => Instant;
};

/** Forgets what is older than it is kept: once a day; what limits count, and what was deleted in the embedded database's log, more often. */
export class Retention implements Duty {
  readonly #deps: RetentionDeps;
  readonly #rounds: HouseholdRounds;
  #timer: NodeJS.Timeout | undefined;
  #sweeping: Promise<void> = Promise.resolve();

  constructor(deps: RetentionDeps) {
    const { store, log, now } = deps;
    this.#deps = deps;
    this.#rounds = new HouseholdRounds({
      store,
      log,
      name: 'forgetting',
      first: [
        () => sweepPeople(store, now()),
        () => sweepDutyChanges(store, now()),
        () => sweepSpent(store, now()),
        () => sweepStock(store.db, now()),
        () => sweepCopies(store, now()),
      ],
      each: (household) => sweepHousehold(store, household, now()),
    });
  }

  start(): void {
    this.#rounds.start();
    this.#timer = setInterval(() => {
      this.#sweeping = this.#sweep();
    }, SPENT_SWEPT).unref();
  }

  /** Resolves when what is under way is done. */
  async stop(): Promise<void> {
    clearInterval(this.#timer);
    await Promise.all([this.#sweeping, this.#rounds.stop()]);
  }

  async #sweep(): Promise<void> {
    const { store, log, now } = this.#deps;
    try {
      await sweepSpent(store, now());
      // What a family erased while a backup was reading is still in it.
      await emptyLog(store);
    } catch (error) {
      log.error({ err: error }, 'what is over could not be forgotten');
    }
  }
}
