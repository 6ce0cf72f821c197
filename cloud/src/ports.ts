import type { KhienEvent } from '@khien/shared/event';
import type { Id } from '@khien/shared/id';
import type { Hello, State } from '@khien/shared/topic';
import type { Trx } from './store/open.ts';

/*
 * What the features ask of each other across their folders, so that each can be built and tested without the others.
 */

/** Compiles and signs what each router of a household is to enforce. */
export interface Documents {
  /** Returns the routers whose policy document changed; they are told after commit, by `Changes`. */
  rebuild(trx: Trx, household: Id): Promise<Id[]>;
}

/** Takes new routers in. */
export interface Enrolment {
  /**
   * Makes the router that shows this code a member of the household.
   *
   * @param typedCode as the parent typed it
   * @throws KhienError `CLAIM_CODE_INVALID`, `CLAIM_CODE_UNKNOWN`, `CLAIM_CODE_EXPIRED`
   */
  claim(trx: Trx, household: Id, typedCode: string, name: string | undefined): Promise<Id>;
}

/** The MQTT side, where the routers are. */
export interface Edge {
  start(): Promise<void>;
  stop(): Promise<void>;
}

export interface RouterBatch {
  readonly router: Id;
  readonly events: readonly KhienEvent[];
}

/** The newest of what a router is like. */
export interface RouterState {
  readonly router: Id;
  readonly state: State;
  /** The connection that it came by; what came by an older one than the router's newest is not written. */
  readonly by?: string;
}

/** What a router said when it connected. */
export interface RouterHello {
  readonly router: Id;
  readonly hello: Hello;
}

/** Events, or devices of states, that one transaction takes well: with SQLite, which works while nothing else can, some 100 ms. */
export const ROWS_AT_ONCE = 2_048;

/** What routers tell, written to the store. All of it has passed its schema; none of it is trusted beyond its household. */
export interface Ingest {
  /**
   * Commits events, each once however often it is sent. PUBACK may be sent when this resolves.
   *
   * @throws KhienError `ROUTER_UNKNOWN`
   */
  ingest(router: Id, events: readonly KhienEvent[]): Promise<void>;
  /**
   * Commits the batches of many routers in as few transactions as is good for the others who wait for the store. The
   * results are in the order of the batches; one that is rejected (`ROUTER_UNKNOWN`) leaves the others as they are. It
   * throws only when nothing at all was committed.
   */
  ingestMany(batches: readonly RouterBatch[]): Promise<readonly PromiseSettledResult<void>[]>;
  /** Writes what many routers are like in one transaction; the results are as those of `ingestMany`. */
  applyStates(told: readonly RouterState[]): Promise<readonly PromiseSettledResult<void>[]>;
  /** The same for what many routers said when they connected. */
  applyHellos(told: readonly RouterHello[]): Promise<readonly PromiseSettledResult<void>[]>;
}
