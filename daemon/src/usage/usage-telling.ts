import type { Id, Instant } from '@khien/shared/id';
import {
  type QuotaDay,
  type QuotaTarget,
  quotaDayAt,
  quotaStandings,
  quotasCountAt,
  type Usage,
} from '@khien/shared/policy';
import type { NewEvent } from '../documents/documents.ts';
import type { InForce } from '../policy/in-force.ts';
import type { UsedAt } from './account.ts';

/** So often a target's minutes are told while they grow, milliseconds. */
const INTERVAL = 15 * 60_000;
/** Spent quotas that are remembered as told. */
const MAX_TOLD = 2048;

const NETWORK: QuotaTarget = { kind: 'network' };

/** What the parents see of usage: each child's minutes on the network, and of each of its quotas. */
export interface Counted {
  usedOf(profile: Id, of: QuotaTarget, at: Instant): number;
  readonly used: UsedAt;
}

/** Minutes of each child in the quota day of `at`; what was not used is left out. */
export function usageAt({ policy }: InForce, { usedOf }: Counted, at: Instant): Usage[] {
  return policy.profiles.flatMap(({ id, rules }) => {
    const day = quotaDayAt(rules.quotaReset, policy.offsets, at);
    const targets = [NETWORK, ...rules.quotas.map(({ of }) => of).filter(({ kind }) => kind !== 'network')];
    return targets
      .map((of) => ({ profile: id, day: day.date, of, minutes: Math.floor(usedOf(id, of, at)) }))
      .filter(({ minutes }) => minutes > 0);
  });
}

/** Which events of usage are due: minutes that grew now and then and at the end of their day, a spent quota once. */
export class UsageTelling {
  /** By child and target, what was told last. */
  readonly #told = new Map<string, { day: string; minutes: number; at: Instant }>();
  /** By day, the quota and its limit. */
  readonly #spent: Set<string>;

  constructor(toldSpent: readonly string[] = []) {
    this.#spent = new Set(toldSpent);
  }

  get toldSpent(): string[] {
    return [...this.#spent];
  }

  /** What is to be told at `now`; at the end of a run, also what is not due yet. */
  due(inForce: InForce, counted: Counted, now: Instant, isEnd = false): NewEvent[] {
    return [...this.#usage(inForce, counted, now, isEnd), ...this.#spentNow(inForce, counted, now)];
  }

  *#usage(inForce: InForce, counted: Counted, now: Instant, isEnd: boolean): Generator<NewEvent> {
    const { policy } = inForce;
    for (const { id, rules } of policy.profiles) {
      const today = quotaDayAt(rules.quotaReset, policy.offsets, now);
      const before = quotaDayAt(rules.quotaReset, policy.offsets, today.from - 1);
      for (const day of [before, today]) {
        const ofChild = usageAt(inForce, counted, day.from).filter(({ profile }) => profile === id);
        for (const usage of ofChild) {
          if (this.#isDue(usage, now, isEnd || day === before)) yield { kind: 'usage', ...usage };
        }
      }
    }
  }

  #isDue({ profile, of, day, minutes }: Usage, now: Instant, atOnce: boolean): boolean {
    const key = `${profile} ${day} ${of.kind} ${of.kind === 'network' ? '' : of.id}`;
    const told = this.#told.get(key);
    const waits = !atOnce && told !== undefined && Math.abs(now - told.at) < INTERVAL;
    if (waits || told?.minutes === minutes) return false;
    this.#told.delete(key);
    this.#told.set(key, { day, minutes, at: now });
    const [oldest] = this.#told.keys();
    if (this.#told.size > MAX_TOLD && oldest !== undefined) this.#told.delete(oldest);
    return true;
  }

  *#spentNow({ policy }: InForce, { used }: Counted, now: Instant): Generator<NewEvent> {
    for (const profile of policy.profiles) {
      if (!quotasCountAt(profile, policy, now)) continue;
      for (const { quota, day, limit, left } of quotaStandings(profile, { ...policy, used }, now)) {
        if (left !== 0 || limit === null || limit === 0 || !this.#tellSpent(quota.id, day, limit)) continue;
        yield { kind: 'quota-spent', profile: profile.id, of: quota.of, minutes: limit };
      }
    }
  }

  /** Once for each day, and again where a parent had added to it. */
  #tellSpent(quota: Id, day: QuotaDay, limit: number): boolean {
    const key = `${quota} ${day.date} ${limit}`;
    if (this.#spent.has(key)) return false;
    this.#spent.add(key);
    const [oldest] = this.#spent;
    if (this.#spent.size > MAX_TOLD && oldest !== undefined) this.#spent.delete(oldest);
    return true;
  }
}
