import type { Id, Instant } from '@khien/shared/id';
import { DAY, type Profile, type Quota, quotaDayAt, quotasCountAt } from '@khien/shared/policy';
import type { InForce } from '../policy/in-force.ts';
import { ActivityMeter, type Reading } from './activity.ts';
import { NETWORK, notedFor, type StoredMinutes, UsageLedger, usedIn } from './ledger.ts';
import { MINUTE } from './minute-set.ts';

/** One moment on both clocks. */
export interface Moment {
  /** By the clock that people set. */
  readonly now: Instant;
  /** Milliseconds since this machine was started; nobody sets that. */
  readonly uptime: number;
  /** Whether `now` is to be believed. */
  readonly trusted: boolean;
}

/** What is kept of an account. */
export interface StoredAccount {
  /** By minutes since the epoch. */
  readonly minutes: StoredMinutes;
  /** By minutes since the machine was started: nobody knew the time. */
  readonly undated: StoredMinutes;
}

/** Minutes older than this are in no quota day of now or of the one before. */
const KEPT = 3 * DAY;

/**
 * What every child has used, from readings of traffic. Pure: time is given to every call.
 *
 * While nobody knows the time, minutes are noted without a date, and get theirs when it is known. Until then they count
 * beside those of the last day that has any: what is used up stays so, whatever day the clock pretends. So that a router
 * that never learns the time does not keep a child off for good, that ends after a day.
 */
export class UsageAccount {
  readonly #meter = new ActivityMeter();
  readonly #minutes = new UsageLedger();
  readonly #undated = new UsageLedger();
  /** Since when, by uptime, the time has not been known. */
  #untrustedSince: number | undefined;

  /** Notes what a reading tells; its instants are of uptime. Whether there was anything new. */
  take(inForce: InForce, reading: Reading, moment: Moment): boolean {
    const { now, uptime, trusted } = moment;
    const dated = trusted && this.#date(moment);
    const ledger = trusted ? this.#minutes : this.#undated;
    const ahead = trusted ? now - uptime : 0;
    const [from, to] = [reading.from + ahead, reading.to + ahead];
    let noted = dated;
    for (const { mac, service, minute } of this.#meter.take({ from, to, traffic: reading.traffic })) {
      const profile = inForce.managed(mac)?.profile;
      if (profile === undefined || !isAskedFor(service, profile, inForce)) continue;
      const at = trusted ? Math.max(minute * MINUTE, from) : now;
      if (!quotasCountAt(profile, inForce.policy, at)) continue;
      noted = ledger.note(profile.id, service ?? NETWORK, minute) || noted;
    }
    return noted;
  }

  /** Minutes that a child has used of a quota in the quota day of `at`; one that is not over counts by its part. */
  used({ policy }: InForce, profile: Profile, of: Quota['of'], at: Instant, moment: Moment): number {
    const noted = notedFor(of, policy);
    const set = this.#minutes.minutesOf(profile.id, noted);
    const usedOn = (instant: Instant) =>
      usedIn(set, quotaDayAt(profile.rules.quotaReset, policy.offsets, instant), moment.now);
    const ofDay = usedOn(at);
    if (moment.trusted) return ofDay;
    const { uptime } = moment;
    this.#untrustedSince ??= uptime;
    const last = this.#minutes.lastOf(profile.id);
    const isOver = last === undefined || uptime - this.#untrustedSince >= DAY;
    const undated = this.#undated.minutesOf(profile.id, noted);
    return (
      Math.max(ofDay, isOver ? 0 : usedOn(last * MINUTE)) +
      usedIn(undated, { from: uptime - DAY, to: uptime + 1 }, uptime)
    );
  }

  /** Forgets children that are gone, and what is over. */
  prune(inForce: InForce, { now, uptime, trusted }: Moment): void {
    if (!inForce.policyKnown) return;
    const children = new Set(inForce.policy.profiles.map(({ id }) => id));
    this.#undated.prune(children, Math.floor((uptime - DAY) / MINUTE));
    this.#minutes.prune(children, trusted ? Math.floor((now - KEPT) / MINUTE) : 0);
  }

  toJSON(): StoredAccount {
    return { minutes: this.#minutes.toJSON(), undated: this.#undated.toJSON() };
  }

  /**
   * Takes up what was stored, beside what is known. Minutes without a date that were noted before this machine was started
   * count as just used.
   */
  restore(stored: StoredAccount, uptime: number, isSameStart: boolean): void {
    this.#minutes.noteAll(UsageLedger.fromJSON(stored.minutes));
    const undated = UsageLedger.fromJSON(stored.undated);
    const last = undated.last() ?? 0;
    this.#undated.noteAll(undated, isSameStart ? 0 : Math.floor(uptime / MINUTE) - 1 - last);
  }

  /** Now that the time is known: whether there were minutes to date. */
  #date({ now, uptime }: Moment): boolean {
    this.#untrustedSince = undefined;
    if (this.#undated.isEmpty) return false;
    this.#minutes.noteAll(this.#undated, Math.round((now - uptime) / MINUTE));
    this.#undated.clear();
    return true;
  }
}

/** The network is counted of every child, a service where a quota of the child's is about it. */
function isAskedFor(service: string | null, { rules }: Profile, { policy }: InForce): boolean {
  return service === null || rules.quotas.some(({ of }) => notedFor(of, policy).includes(service));
}

/** What each child has used of quotas, as `accessAt` asks. */
export type UsedAt = (profile: Id, quota: Id, at?: Instant) => number;
