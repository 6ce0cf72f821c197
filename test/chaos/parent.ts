import { setTimeout as sleep } from 'node:timers/promises';
import { type FleetParent, rulesWith } from '../fleet/fleet-parent.ts';
import type { FleetIdentity } from '../fleet/identities.ts';

const BETWEEN = 20;

/** A parent who changes a child's rules without a pause, and remembers the newest change that was acknowledged. */
export class ChaosParent {
  /** This is in the rules, or a later one. */
  acknowledged = 0;
  readonly #parent: FleetParent;
  readonly #url: () => string;
  readonly #child: FleetIdentity;
  #stopping = false;
  #running: Promise<void> = Promise.resolve();

  /** @param url where the cloud is asked next */
  constructor(parent: FleetParent, url: () => string, child: FleetIdentity) {
    this.#parent = parent;
    this.#url = url;
    this.#child = child;
  }

  start(): void {
    this.#running = this.#run();
  }

  async stop(): Promise<void> {
    this.#stopping = true;
    await this.#running;
  }

  async #run(): Promise<void> {
    const { household, profile } = this.#child;
    const path = `/api/v1/households/${household}/profiles/${profile}`;
    for (let n = 1; !this.#stopping; n += 1) {
      // What fails was not acknowledged: it may be in force or not.
      const done = await this.#parent.ask(this.#url(), 'PATCH', path, { rules: rulesWith(n) }).then(
        async (response) => {
          await response.arrayBuffer();
          return response.ok;
        },
        () => false,
      );
      if (done) this.acknowledged = n;
      await sleep(BETWEEN);
    }
  }
}
