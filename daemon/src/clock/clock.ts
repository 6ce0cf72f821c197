import type { Instant } from '@khien/shared/id';
import type { TimeSource } from '@khien/shared/topic';

/** The one place where the daemon reads time and sets timers; tests give another. */
export interface Clock {
  /** Milliseconds since the epoch, UTC. */
  now(): Instant;
  /** Where the time is from. */
  source(): TimeSource;
  /**
   * Whether what ends at a time may be given. Not for the first minutes after a boot, until the clock is set: bedtime may have
   * come while there was no power.
   */
  known(): boolean;
  /** Calls back soon after the clock was set, or its time became known; the result unsubscribes. */
  onSet(listener: () => void): () => void;
  /** Calls `run` once, `delay` milliseconds from now or a little later; the result cancels it. Never keeps the process alive. */
  after(delay: number, run: () => void): () => void;
}
