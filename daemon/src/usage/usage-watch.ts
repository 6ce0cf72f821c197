import { codeOf } from '@khien/shared/error';
import type { Id, Instant } from '@khien/shared/id';
import { accessAt, type QuotaTarget, spentTargets, type Usage } from '@khien/shared/policy';
import type { Clock } from '../clock/clock.ts';
import type { NewEvent } from '../documents/documents.ts';
import type { Part } from '../lifecycle.ts';
import type { Log } from '../log.ts';
import type { InForce } from '../policy/in-force.ts';
import type { ServiceCounters } from '../services/traffic.ts';
import { type Moment, UsageAccount, type UsedAt } from './account.ts';
import type { StoredUsage, UsageFile } from './usage-file.ts';
import { UsageTelling, usageAt } from './usage-telling.ts';

export interface UsageWatchDeps {
  readonly clock: Clock;
  /** Milliseconds since this machine was started, and what tells this start from others. */
  readonly uptime: () => number;
  readonly machineStart: string;
  readonly counters: Pick<ServiceCounters, 'readUsage' | 'usageMarks' | 'resumeUsage'>;
  readonly inForce: () => InForce;
  /** Calls back after what is in force has changed; the result unsubscribes. */
  readonly onPolicy: (listener: () => void) => () => void;
  /** In memory, for a daemon that comes back; on flash, for a router that does. */
  readonly files: { readonly memory: UsageFile; readonly flash: UsageFile };
  /** Takes each event, to be sent when it can be. */
  readonly emit: (event: NewEvent) => void;
  readonly damaged: (detail: string) => void;
  readonly log: Log;
}

/** Milliseconds between looks at the kernel's counters; they come at the same places of each minute. */
const INTERVAL = 15_000;
/** A power cut costs this much of what was used, at most; flash wears out. */
const CHECKPOINT = 15 * 60_000;
/** Until the first write to flash; each next takes twice as long, so that switching the router off and on wins little. */
const FIRST_CHECKPOINT = 2 * 60_000;
/**
 * Access may end so much earlier than was known, as a minute turns out to be active near its end, before somebody is told:
 * the enforcer looks that often by itself, and more often before the end (milliseconds).
 */
const NOTABLE = 60_000;

/** What of a child's standing the kernel must be told of. */
interface Standing {
  readonly mode: string;
  readonly until: Instant;
  readonly spent: string;
}

/** Counts the minutes in which children are active, and tells whoever acts on them when that changes something. */
export class UsageWatch implements Part {
  readonly name = 'usage';
  readonly #deps: UsageWatchDeps;
  readonly #account = new UsageAccount();
  readonly #listeners = new Set<() => void>();
  readonly #standings = new Map<Id, Standing>();
  #telling = new UsageTelling();
  #readAt = 0;
  #polling: Promise<void> = Promise.resolve();
  #cancelPoll: () => void = () => undefined;
  #stopListening: () => void = () => undefined;
  /** Whether there is what flash does not know, and when it shall be told (by uptime). */
  #isUnsaved = false;
  #saveAt = 0;
  #checkpoint = FIRST_CHECKPOINT;
  #failing = false;

  constructor(deps: UsageWatchDeps) {
    this.#deps = deps;
  }

  /** Takes up what was counted before. Files that cannot be read do not keep the daemon from enforcing. */
  async start(): Promise<void> {
    const { uptime, onPolicy, files } = this.#deps;
    this.#readAt = uptime();
    const told = new Set<string>();
    for (const file of [files.flash, files.memory]) {
      const stored = await this.#load(file);
      if (stored !== undefined) this.#restore(stored, told);
    }
    this.#telling = new UsageTelling([...told]);
    this.#saveAt = uptime() + this.#checkpoint;
    this.#stopListening = onPolicy(() => this.#changed());
    this.#schedule();
  }

  /** Counts what was used until now, and keeps it. */
  async stop(): Promise<void> {
    this.#cancelPoll();
    this.#stopListening();
    await this.settled();
    await this.#poll(true);
  }

  /**
   * Minutes that a child has used of a quota, of a policy that need not be in force yet, in the quota day of an instant;
   * in that of now unless told.
   */
  usedBy(inForce: InForce): UsedAt {
    const quotas = new Map(
      inForce.policy.profiles.flatMap((profile) =>
        profile.rules.quotas.map(({ id, of }) => [`${profile.id} ${id}`, { profile, of }] as const),
      ),
    );
    return (profile, quota, at = this.#deps.clock.now()) => {
      const asked = quotas.get(`${profile} ${quota}`);
      if (asked === undefined) return 0;
      return this.#account.used(inForce, asked.profile, asked.of, at, this.#moment());
    };
  }

  /** The same of the policy in force. */
  readonly used: UsedAt = (profile, quota, at) => this.usedBy(this.#deps.inForce())(profile, quota, at);

  /** What each child has used today, of the network and of its quotas; nothing while nobody knows which day it is. */
  today(): Usage[] {
    const { clock, inForce } = this.#deps;
    if (!this.#moment().trusted) return [];
    return usageAt(inForce(), this.#counted, clock.now());
  }

  /** Resolves when what is being read now has been counted and kept. */
  settled(): Promise<void> {
    return this.#polling;
  }

  /** Calls back when the kernel must be told, or a child: something is spent, or will be earlier than was known. */
  onChange(listener: () => void): () => void {
    this.#listeners.add(listener);
    return () => this.#listeners.delete(listener);
  }

  readonly #usedOf = (profile: Id, of: QuotaTarget, at: Instant): number => {
    const inForce = this.#deps.inForce();
    const child = inForce.policy.profiles.find(({ id }) => id === profile);
    return child === undefined ? 0 : this.#account.used(inForce, child, of, at, this.#moment());
  };

  get #counted() {
    return { used: this.usedBy(this.#deps.inForce()), usedOf: this.#usedOf };
  }

  #moment(): Moment {
    const { clock, uptime } = this.#deps;
    return { now: clock.now(), uptime: uptime(), trusted: clock.source() !== 'unsynced' };
  }

  /** At the next quarter of a minute, so that what is read is mostly of one minute. */
  #schedule(): void {
    const { clock } = this.#deps;
    const now = clock.now();
    this.#cancelPoll = clock.after(INTERVAL - (now % INTERVAL), () => {
      this.#polling = this.#poll(false).finally(() => this.#schedule());
    });
  }

  /** Never rejects. */
  async #poll(isEnd: boolean): Promise<void> {
    const { counters, log, inForce, emit } = this.#deps;
    // What is counted by then is found later, when it is known whose it is.
    if (!inForce().policyKnown) return;
    try {
      const traffic = await counters.readUsage();
      const moment = this.#moment();
      const reading = { from: this.#readAt, to: moment.uptime, traffic };
      this.#readAt = moment.uptime;
      if (this.#account.take(inForce(), reading, moment)) this.#isUnsaved = true;
      this.#failing = false;
      if (moment.trusted) this.#telling.due(inForce(), this.#counted, moment.now, isEnd).forEach(emit);
      this.#changed();
    } catch (error) {
      // The counters stay, and the next look finds them.
      if (!this.#failing) log.error('what devices have used could not be read', error);
      this.#failing = true;
    }
    await this.#save(isEnd);
  }

  /** Tells listeners where a child's standing is another than they know. */
  #changed(): void {
    const { inForce, clock } = this.#deps;
    const { policy } = inForce();
    const now = clock.now();
    const basis = { ...policy, used: this.usedBy(inForce()) };
    let isNotable = false;
    const gone = new Set(this.#standings.keys());
    for (const profile of policy.profiles) {
      gone.delete(profile.id);
      if (profile.rules.quotas.length === 0) continue;
      const { mode, until } = accessAt(profile, basis, now);
      const spent = spentTargets(profile, basis, now)
        .map(({ quota }) => quota)
        .join(' ');
      const standing = { mode, until: until ?? Number.POSITIVE_INFINITY, spent };
      isNotable = isOther(this.#standings.get(profile.id), standing) || isNotable;
      this.#standings.set(profile.id, standing);
    }
    for (const id of gone) this.#standings.delete(id);
    if (isNotable) for (const listener of this.#listeners) listener();
  }

  /** In memory always: up to when was read belongs to what was. */
  async #save(isEnd: boolean): Promise<void> {
    const { files, uptime, log, inForce } = this.#deps;
    try {
      this.#account.prune(inForce(), this.#moment());
      const stored = this.#stored();
      await files.memory.save(stored);
      if (!this.#isUnsaved || (!isEnd && uptime() < this.#saveAt)) return;
      this.#checkpoint = Math.min(this.#checkpoint * 2, CHECKPOINT);
      this.#saveAt = uptime() + this.#checkpoint;
      await files.flash.save({ ...stored, marks: null });
      this.#isUnsaved = false;
    } catch (error) {
      log.error('what was used could not be stored', error);
    }
  }

  #stored(): StoredUsage {
    return {
      start: this.#deps.machineStart,
      readAt: this.#readAt,
      marks: this.#deps.counters.usageMarks(),
      ...this.#account.toJSON(),
      toldSpent: this.#telling.toldSpent,
    };
  }

  #restore(stored: StoredUsage, told: Set<string>): void {
    const { uptime, machineStart, counters } = this.#deps;
    const isSameStart = stored.start === machineStart && stored.readAt <= uptime();
    this.#account.restore(stored, uptime(), isSameStart);
    if (isSameStart && stored.marks !== null) {
      this.#readAt = stored.readAt;
      counters.resumeUsage(stored.marks);
    }
    for (const each of stored.toldSpent) told.add(each);
  }

  async #load(file: UsageFile): Promise<StoredUsage | undefined> {
    const { log, damaged } = this.#deps;
    try {
      return await file.load((error) => {
        log.error('what was used is damaged and set aside', error);
        damaged(`usage: ${codeOf(error)}`);
      });
    } catch (error) {
      log.error('what was used before could not be read', error);
      return undefined;
    }
  }
}

function isOther(before: Standing | undefined, after: Standing): boolean {
  if (before === undefined) return true;
  return before.mode !== after.mode || before.spent !== after.spent || after.until < before.until - NOTABLE;
}
