import { existsSync } from 'node:fs';
import type { Instant } from '@khien/shared/id';
import type { TimeSource } from '@khien/shared/topic';
import type { Clock } from './clock.ts';

// Node's timers overflow past this and would fire at once.
const LONGEST_TIMER_MS = 2 ** 31 - 1;

/** The system's clock. It counts as set by NTP when the file that the NTP hotplug script touches is there. */
export class SystemClock implements Clock {
  readonly #synchronisedFile: string;

  constructor(synchronisedFile: string) {
    this.#synchronisedFile = synchronisedFile;
  }

  now(): Instant {
    return Date.now();
  }

  source(): TimeSource {
    return existsSync(this.#synchronisedFile) ? 'ntp' : 'unsynced';
  }

  after(delay: number, run: () => void): () => void {
    const timer = setTimeout(run, Math.min(Math.max(delay, 0), LONGEST_TIMER_MS));
    timer.unref();
    return () => clearTimeout(timer);
  }
}
