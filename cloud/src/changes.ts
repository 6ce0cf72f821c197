import { EventEmitter } from 'node:events';
import type { DocumentKind } from '@khien/shared/document';
import type { Id } from '@khien/shared/id';

/** Something that the parents' UI of a household shows is different now. */
export interface HouseholdChange {
  readonly household: Id;
  readonly changed: 'home' | 'activity' | 'requests';
}

/** A newer document waits for a router; null: the router was removed and must not be spoken to any more. */
export interface RouterChange {
  readonly router: Id;
  readonly document: DocumentKind | null;
}

export type Unsubscribe = () => void;

/**
 * Tells the parts of the cloud what was committed. Announce after commit, never inside the transaction. A listener gets
 * a hint to read the store again, so a lost or doubled announcement does no harm.
 */
export interface Changes {
  announce(change: HouseholdChange | RouterChange): void;
  onHousehold(household: Id, listener: (change: HouseholdChange) => void): Unsubscribe;
  onRouter(listener: (change: RouterChange) => void): Unsubscribe;
}

/** Within one process. */
export class LocalChanges implements Changes {
  readonly #emitter = new EventEmitter<{
    router: [RouterChange];
    [household: `household/${Id}`]: [HouseholdChange];
  }>();

  constructor() {
    // One listener an open page: many are no leak.
    this.#emitter.setMaxListeners(0);
  }

  announce(change: HouseholdChange | RouterChange): void {
    if ('household' in change) this.#emitter.emit(`household/${change.household}`, change);
    else this.#emitter.emit('router', change);
  }

  onHousehold(household: Id, listener: (change: HouseholdChange) => void): Unsubscribe {
    this.#emitter.on(`household/${household}`, listener);
    return () => this.#emitter.off(`household/${household}`, listener);
  }

  onRouter(listener: (change: RouterChange) => void): Unsubscribe {
    this.#emitter.on('router', listener);
    return () => this.#emitter.off('router', listener);
  }
}
