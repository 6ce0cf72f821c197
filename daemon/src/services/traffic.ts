import type { Mac } from '@khien/shared/id';

/** What a managed device has exchanged with the outside, both directions, since it was last asked for. */
export interface Traffic {
  readonly mac: Mac;
  /** null: everything, what services had included. A service: what it had, as far as that can be told. */
  readonly service: string | null;
  /** Of IP packets, headers included. */
  readonly bytes: number;
  readonly packets: number;
}

/** Tries of a managed device to connect to an address of a blocked service, since they were last asked for. */
export interface AddressAttempt {
  readonly mac: Mac;
  readonly service: string;
  readonly packets: number;
}

/** What the kernel counts of managed devices. Each read tells of the time since the one before; the first begins it. */
export interface ServiceCounters {
  /** Throws NetlinkError. */
  readUsage(): Promise<readonly Traffic[]>;
  /** Not of connections that were cut: those that were tried anew. Throws NetlinkError. */
  attempts(): Promise<readonly AddressAttempt[]>;
}
