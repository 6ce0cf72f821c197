import type { Mac } from '@khien/shared/id';
import type { Attempt } from '../bypass/attempt.ts';

/** What a managed device has exchanged with the outside, both directions, since it was last asked for. */
export interface Traffic {
  readonly mac: Mac;
  /** null: everything, what services had included. A service: what it had, as far as that can be told. */
  readonly service: string | null;
  /** Of IP packets, headers included. */
  readonly bytes: number;
  readonly packets: number;
}

/** Where the kernel's counters stood when they were read last, by who and what they count. */
export type UsageMarks = [string, number[]][];

/** What the kernel counts of managed devices. Each read tells of the time since the one before; the first begins it. */
export interface ServiceCounters {
  /** Throws NetlinkError. */
  readUsage(): Promise<readonly Traffic[]>;
  usageMarks(): UsageMarks;
  /** Lets the first read tell of the time since those marks, of a run before: the kernel counts on without us. */
  resumeUsage(marks: UsageMarks): void;
  /** Connections that were tried to addresses of blocked services, not those that were cut. Throws NetlinkError. */
  attempts(): Promise<readonly Attempt[]>;
}
