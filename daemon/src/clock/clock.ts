import type { Instant } from '@khien/shared/id';
import type { TimeSource } from '@khien/shared/topic';

/** The one place where the daemon reads time and sets timers; tests give another. */
export interface Clock {
  /** Milliseconds since the epoch, UTC. */
  now(): Instant;
  /** Where the time is from. */
  source(): TimeSource;
  /** Calls `run` once, `delay` milliseconds from now or a little later; the result cancels it. Never keeps the process alive. */
  after(delay: number, run: () => void): () => void;
}
