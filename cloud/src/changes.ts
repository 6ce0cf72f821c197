import { EventEmitter } from 'node:events';
import type { DocumentKind } from '@khien/shared/document';
import type { Id } from '@khien/shared/id';

/** What pages show of a household; `rights`: who may see what of it. */
export const householdParts = ['home', 'activity', 'requests', 'rights', 'notifications'] as const;

/** Something that the parents' UI of a household shows is different now. */
export interface HouseholdChange {
  readonly household: Id;
  readonly changed: (typeof householdParts)[number];
}

/** A newer document waits for a router; null: the router was removed and must not be spoken to any more. */
export interface RouterChange {
  readonly router: Id;
  readonly document: DocumentKind | null;
}

/** A router was let in. Its older connections are to be closed, on whatever node they are. */
export interface RouterConnected {
  readonly router: Id;
  /** Of the connection; later ones have greater ids. */
  readonly connection: string;
}

export type Change = HouseholdChange | RouterChange | RouterConnected;

export type Unsubscribe = () => void;

/**
 * Tells the parts of the cloud what was committed. Announce after commit, never inside the transaction. A listener gets
 * a hint to read the store again, so a doubled announcement does no harm, and `onMissed` tells when some may be lost.
 */
export interface Changes {
  announce(change: Change): void;
  onHousehold(household: Id, listener: (change: HouseholdChange) => void): Unsubscribe;
  onRouter(listener: (change: RouterChange) => void): Unsubscribe;
  onConnected(listener: (change: RouterConnected) => void): Unsubscribe;
  /** What other nodes announced lately may not have come: what depends on it is to be read again. */
  onMissed(listener: () => void): Unsubscribe;
}

/** Within one process. */
export class LocalChanges implements Changes {
  readonly #emitter = new EventEmitter<{
    router: [RouterChange];
    connected: [RouterConnected];
    missed: [];
    [household: `household/${Id}`]: [HouseholdChange];
  }>();

  constructor() {
    // One listener an open page: many are no leak.
    this.#emitter.setMaxListeners(0);
  }

  announce(change: Change): void {
    if ('household' in change) this.#emitter.emit(`household/${change.household}`, change);
    else if ('connection' in change) this.#emitter.emit('connected', change);
    else this.#emitter.emit('router', change);
  }

  /** Tells every listener that it may have missed something. */
  announceMissed(): void {
    this.#emitter.emit('missed');
    for (const name of this.#emitter.eventNames()) {
      const household = /^household\/(.*)$/.exec(String(name))?.[1];
      if (household === undefined) continue;
      for (const changed of householdParts) this.announce({ household, changed });
    }
  }

  onHousehold(household: Id, listener: (change: HouseholdChange) => void): Unsubscribe {
    this.#emitter.on(`household/${household}`, listener);
    return () => this.#emitter.off(`household/${household}`, listener);
  }

  onRouter(listener: (change: RouterChange) => void): Unsubscribe {
    this.#emitter.on('router', listener);
    return () => this.#emitter.off('router', listener);
  }

  onConnected(listener: (change: RouterConnected) => void): Unsubscribe {
    this.#emitter.on('connected', listener);
    return () => this.#emitter.off('connected', listener);
  }

  onMissed(listener: () => void): Unsubscribe {
    this.#emitter.on('missed', listener);
    return () => this.#emitter.off('missed', listener);
  }
}
