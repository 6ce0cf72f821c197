import type { Instant } from '@khien/shared/id';
import { MINUTE } from '@khien/shared/policy';
import type { TimeSource } from '@khien/shared/topic';

/** What a router said of time, when it said it by its own clock, and where that clock had its time from. */
interface Stamp {
  readonly at: Instant;
  readonly timeSource: TimeSource;
}

/**
 * An instant of a router's clock by ours. Nothing was in the future; and of a clock that nobody set only how long ago it
 * was is believed, counted from the message.
 */
export function byOurClock(instant: Instant, said: Stamp, now: Instant): Instant {
  const moved = said.timeSource === 'unsynced' ? now - (said.at - instant) : instant;
  return Math.max(0, Math.min(moved, now));
}

/** As `byOurClock`, with whether that is a guess. */
export function momentOf(instant: Instant, said: Stamp, now: Instant): { at: Instant; guessed: boolean } {
  return { at: byOurClock(instant, said, now), guessed: isGuess(instant, said, now) };
}

/** Whether `byOurClock` can only be near: nobody had set the router's clock, or it ran ahead, which none of a few seconds tells. */
export function isGuess(instant: Instant, said: Stamp, now: Instant): boolean {
  return said.timeSource === 'unsynced' || instant > now + MINUTE;
}
