import type { Instant } from '@khien/shared/id';
import { MINUTE } from '@khien/shared/policy';
import { sweepStock } from '../enrolment/stock.ts';
import type { Duty } from '../nodes/leadership.ts';
import { HouseholdRounds, type HouseholdRoundsDeps } from '../store/household-rounds.ts';
import type { Swept } from './portions.ts';
import { sweepDutyChanges, sweepHousehold, sweepPeople, sweepSpent } from './sweep.ts';

/** What limits count is over within an hour, and who attacks makes much of it: how often it is swept, milliseconds. */
const SPENT_SWEPT = 10 * MINUTE;

type RetentionDeps = Pick<HouseholdRoundsDeps, 'log'> & {
  readonly store: Swept;
  readonly now: () => Instant;
};

/** Forgets what is older than it is kept: once a day, and what limits count more often. */
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
    await sweepSpent(store, now()).catch((error: unknown) =>
      log.error({ err: error }, 'what limits counted could not be forgotten'),
    );
  }
}
