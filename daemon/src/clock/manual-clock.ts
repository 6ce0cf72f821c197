import type { Instant } from '@khien/shared/id';
import type { TimeSource } from '@khien/shared/topic';
import type { Clock } from './clock.ts';

/** A clock for tests that moves only when told. */
export class ManualClock implements Clock {
  #now: Instant;
  #known = true;
  readonly #listeners = new Set<() => void>();
  #timers: { at: Instant; run: () => void }[] = [];

  constructor(now: Instant = Date.UTC(2026, 10, 21, 12)) {
    this.#now = now;
  }

  now(): Instant {
    return this.#now;
  }

  source(): TimeSource {
    return 'ntp';
  }

  known(): boolean {
    return this.#known;
  }

  onSet(listener: () => void): () => void {
    this.#listeners.add(listener);
    return () => this.#listeners.delete(listener);
  }

  after(delay: number, run: () => void): () => void {
    const timer = { at: this.#now + delay, run };
    this.#timers.push(timer);
    return () => {
      this.#timers = this.#timers.filter((other) => other !== timer);
    };
  }

  /** Somebody sets the clock. Timers run on a steady one, and do not notice. */
  set(now: Instant, known = true): void {
    const by = now - this.#now;
    for (const timer of this.#timers) timer.at += by;
    this.#now = now;
    this.#known = known;
    for (const listener of this.#listeners) listener();
  }

  /** Moves on, and runs each timer that comes due at its own time. */
  advance(milliseconds: number): void {
    const end = this.#now + milliseconds;
    for (;;) {
      const due = this.#timers.filter((timer) => timer.at <= end).sort((a, b) => a.at - b.at)[0];
      if (due === undefined) break;
      this.#timers = this.#timers.filter((timer) => timer !== due);
      this.#now = Math.max(this.#now, due.at);
      due.run();
    }
    this.#now = end;
  }
}
