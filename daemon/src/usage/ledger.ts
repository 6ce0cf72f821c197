import type { Id, Instant } from '@khien/shared/id';
import type { Policy, QuotaDay, QuotaTarget } from '@khien/shared/policy';
import { MINUTE, MinuteSet, union } from './minute-set.ts';

/** What minutes are noted of: the network, or a service by its id. */
export const NETWORK = '*';

type Minutes = Map<string, MinuteSet>;

/** Minutes as JSON: by child, then by `NETWORK` or service. */
export type StoredMinutes = Record<Id, Record<string, number[]>>;

/**
 * Which minutes each child was active in, on the network and with services. That they are kept, and not their number,
 * makes everything else simple: a minute with two devices is one, noting it twice changes nothing, and days may begin at
 * any hour of any zone, also of one that is set later.
 */
export class UsageLedger {
  readonly #minutes = new Map<Id, Minutes>();

  /** Whether there was anything to note. */
  note(profile: Id, what: string, minute: number): boolean {
    const minutes = this.#minutes.get(profile) ?? new Map<string, MinuteSet>();
    const set = minutes.get(what) ?? new MinuteSet();
    this.#minutes.set(profile, minutes);
    minutes.set(what, set);
    return set.add(minute);
  }

  /** Notes all that another has, its minutes moved by so many. */
  noteAll(other: UsageLedger, by = 0): void {
    for (const [profile, minutes] of other.#minutes) {
      for (const [what, set] of minutes) {
        for (const minute of set.minutes()) this.note(profile, what, minute + by);
      }
    }
  }

  get isEmpty(): boolean {
    return this.#minutes.size === 0;
  }

  clear(): void {
    this.#minutes.clear();
  }

  /** Minutes that a child was active with any of `of` (see `notedFor`). */
  minutesOf(profile: Id, of: readonly string[]): MinuteSet {
    const minutes = this.#minutes.get(profile);
    const [first] = of;
    if (of.length === 1 && first !== undefined) return minutes?.get(first) ?? new MinuteSet();
    return union(of.map((what) => minutes?.get(what)));
  }

  /** The last minute of a child with anything. */
  lastOf(profile: Id): number | undefined {
    const last = [...(this.#minutes.get(profile)?.values() ?? [])].flatMap((set) => set.last() ?? []);
    return last.length === 0 ? undefined : Math.max(...last);
  }

  /** The last minute of all. */
  last(): number | undefined {
    const last = [...this.#minutes.keys()].flatMap((profile) => this.lastOf(profile) ?? []);
    return last.length === 0 ? undefined : Math.max(...last);
  }

  /** Forgets children that are not among `profiles`, and minutes before one. */
  prune(profiles: ReadonlySet<Id>, before: number): void {
    for (const [profile, minutes] of this.#minutes) {
      for (const [what, set] of minutes) {
        set.dropBefore(before);
        if (set.last() === undefined) minutes.delete(what);
      }
      if (!profiles.has(profile) || minutes.size === 0) this.#minutes.delete(profile);
    }
  }

  toJSON(): StoredMinutes {
    return Object.fromEntries(
      [...this.#minutes].map(([profile, minutes]) => [
        profile,
        Object.fromEntries([...minutes].map(([what, set]) => [what, set.toJSON()])),
      ]),
    );
  }

  static fromJSON(stored: StoredMinutes): UsageLedger {
    const ledger = new UsageLedger();
    for (const [profile, minutes] of Object.entries(stored)) {
      const sets = Object.entries(minutes).map(
        ([what, numbers]) => [what, MinuteSet.fromJSON(numbers)] as const,
      );
      ledger.#minutes.set(profile, new Map(sets));
    }
    return ledger;
  }
}

/** What is noted of a quota's target: the network, a service, or each service of a category. */
export function notedFor(of: QuotaTarget, { services }: Pick<Policy, 'services'>): string[] {
  if (of.kind === 'network') return [NETWORK];
  if (of.kind === 'service') return [of.id];
  return services.filter(({ category }) => category === of.id).map(({ id }) => id);
}

/**
 * Minutes of `set` in a quota day as they are used up at `now`: one that is not over yet by the part of it that is. Those
 * ahead of `now` count too: they were used before the clock was set back.
 */
export function usedIn(set: MinuteSet, day: Pick<QuotaDay, 'from' | 'to'>, now: Instant): number {
  const count = set.count(Math.floor(day.from / MINUTE), Math.ceil(day.to / MINUTE));
  const current = Math.floor(now / MINUTE);
  const isOfDay = now >= day.from && now < day.to;
  return isOfDay && set.last() === current ? count - (1 - (now / MINUTE - current)) : count;
}
