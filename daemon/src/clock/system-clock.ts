import { existsSync } from 'node:fs';
import { uptime } from 'node:os';
import type { Instant } from '@khien/shared/id';
import type { TimeSource } from '@khien/shared/topic';
import type { Part } from '../lifecycle.ts';
import type { Clock } from './clock.ts';
import type { SavedTime } from './saved-time.ts';

// Node's timers overflow past this and would fire at once.
const LONGEST_TIMER_MS = 2 ** 31 - 1;
/** So often it is looked whether somebody has set the clock (milliseconds). */
const LOOK_MS = 1000;
/** A clock that gains or loses more between two looks was set. */
const STEP_MS = 1000;
/** So long after a boot it is waited for NTP; then the best guess counts, so that nobody is shut out for hours. */
const WAIT_FOR_TIME_MS = 5 * 60_000;
/** Flash wears out. */
const SAVE_MS = 6 * 3_600_000;

/** The machine's own clocks, in milliseconds. */
export interface SystemTime {
  /** Since the epoch, as somebody has set it. */
  now(): Instant;
  /** On a clock that nobody sets. */
  steady(): number;
  /** Since the machine has started. */
  sinceBoot(): number;
}

export const systemTime: SystemTime = {
  now: () => Date.now(),
  steady: () => performance.now(),
  sinceBoot: () => uptime() * 1000,
};

export interface SystemClockOptions {
  /** Where the time is kept while there is no power; nowhere where absent. */
  readonly saved?: SavedTime;
  readonly system?: SystemTime;
}

/**
 * The system's clock, which on most routers nothing keeps while there is no power. Until NTP has set it, it is never earlier
 * than the last time that was known, and goes on from there; then it is believed, also where it steps back.
 */
export class SystemClock implements Clock, Part {
  readonly name = 'clock';
  readonly #synchronisedFile: string;
  readonly #saved: SavedTime | undefined;
  readonly #system: SystemTime;
  readonly #listeners = new Set<() => void>();
  /** Not earlier than `at` when the steady clock was at `steady`. */
  #floor = { at: Number.NEGATIVE_INFINITY, steady: 0 };
  #synchronised = false;
  /** NTP has set it since the boot, as far as we know. */
  #wasSynchronised = false;
  #seen = { offset: 0, known: false };
  #cancelLook: () => void = () => undefined;
  #cancelSave: () => void = () => undefined;

  /** @param synchronisedFile touched by the NTP hotplug script when the clock is set; gone after a reboot */
  constructor(synchronisedFile: string, { saved, system = systemTime }: SystemClockOptions = {}) {
    this.#synchronisedFile = synchronisedFile;
    this.#saved = saved;
    this.#system = system;
    this.#lookAtFile();
    this.#seen = this.#see();
  }

  /** Takes up the time that was saved. */
  async start(): Promise<void> {
    const saved = await this.#saved?.load();
    if (saved !== undefined) this.notBefore(saved);
    this.#seen = this.#see();
    this.#lookAgain();
    this.#saveLater();
  }

  async stop(): Promise<void> {
    this.#cancelLook();
    this.#cancelSave();
    await this.#save();
  }

  now(): Instant {
    const now = this.#system.now();
    if (this.#wasSynchronised) return now;
    return Math.max(now, Math.round(this.#floor.at + this.#system.steady() - this.#floor.steady));
  }

  source(): TimeSource {
    return this.#synchronised ? 'ntp' : 'unsynced';
  }

  known(): boolean {
    return this.#wasSynchronised || this.#system.sinceBoot() >= WAIT_FOR_TIME_MS;
  }

  onSet(listener: () => void): () => void {
    this.#listeners.add(listener);
    return () => this.#listeners.delete(listener);
  }

  /** Something that happened before now tells its time. */
  notBefore(at: Instant): void {
    if (this.#wasSynchronised || at <= this.now()) return;
    this.#floor = { at, steady: this.#system.steady() };
  }

  after(delay: number, run: () => void): () => void {
    const timer = setTimeout(run, Math.min(Math.max(delay, 0), LONGEST_TIMER_MS));
    timer.unref();
    return () => clearTimeout(timer);
  }

  #lookAgain(): void {
    this.#cancelLook = this.after(LOOK_MS, () => {
      this.#look();
      this.#lookAgain();
    });
  }

  #look(): void {
    const unsynchronised = !this.#wasSynchronised;
    this.#lookAtFile();
    if (unsynchronised && this.#wasSynchronised) void this.#save();
    const before = this.#seen;
    this.#seen = this.#see();
    const step = this.#seen.offset - before.offset;
    if (Math.abs(step) < STEP_MS && this.#seen.known === before.known) return;
    for (const listener of this.#listeners) listener();
  }

  #lookAtFile(): void {
    this.#synchronised = existsSync(this.#synchronisedFile);
    this.#wasSynchronised ||= this.#synchronised;
  }

  #see(): { offset: number; known: boolean } {
    return { offset: this.now() - this.#system.steady(), known: this.known() };
  }

  #saveLater(): void {
    this.#cancelSave = this.after(SAVE_MS, () => {
      void this.#save();
      this.#saveLater();
    });
  }

  /** Only what NTP has said: a guess that is saved would be believed after the next boot. */
  async #save(): Promise<void> {
    if (this.#wasSynchronised) await this.#saved?.save(this.#system.now());
  }
}
