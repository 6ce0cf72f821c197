import type { Id, Instant, Mac } from '@khien/shared/id';
import { type DnsName, isUnder } from '@khien/shared/name';
import {
  type Access,
  type AccessBasis,
  type AccessReason,
  accessAt,
  type BlockTarget,
  type Decision,
  type Device,
  decideName,
  deviceAccessAt,
  type ListLookup,
  type Profile,
  type QuotaTarget,
  spentTargets,
  type Used,
} from '@khien/shared/policy';
import type { Clock } from '../clock/clock.ts';
import { PORTAL_NAME } from '../layout.ts';
import type { NameLists } from '../lists/name-lists.ts';
import type { InForce } from '../policy/in-force.ts';
import { canaryAnswer } from './canary.ts';
import { connectivityCheckNames } from './connectivity-check.ts';
import { plainSuffix } from './qname.ts';
import { safeName } from './safe-search.ts';
import { strictestProfile } from './strictest.ts';

/** What is to be done with a query, by its name and by whose device asks. */
export type Verdict =
  /** A name of an emergency contact: resolved in every state, and never recorded. */
  | { readonly kind: 'help' }
  /** The child's page. */
  | { readonly kind: 'portal' }
  /** NXDOMAIN. */
  | { readonly kind: 'absent' }
  /** No data. */
  | { readonly kind: 'empty' }
  /** The child's network is off. */
  | { readonly kind: 'offline'; readonly reason: 'pause' | 'schedule' | 'quota' | 'quarantine' }
  | { readonly kind: 'blocked'; readonly target: BlockTarget }
  /** Answered with the addresses of `to`. */
  | { readonly kind: 'rewrite'; readonly to: DnsName }
  /** The kernel enforces a policy that this process does not know: it was lost, or is being read. */
  | { readonly kind: 'unknown' }
  | { readonly kind: 'resolve' };

const HELP: Verdict = { kind: 'help' };
const PORTAL: Verdict = { kind: 'portal' };
const ABSENT: Verdict = { kind: 'absent' };
const EMPTY: Verdict = { kind: 'empty' };
const UNKNOWN: Verdict = { kind: 'unknown' };
const RESOLVE: Verdict = { kind: 'resolve' };
const OFFLINE = {
  pause: { kind: 'offline', reason: 'pause' },
  schedule: { kind: 'offline', reason: 'schedule' },
  quota: { kind: 'offline', reason: 'quota' },
  quarantine: { kind: 'offline', reason: 'quarantine' },
} as const satisfies Record<string, Verdict>;

/** Names remembered for each child. In memory only, gone with the next policy. */
const MAX_DECISIONS = 1024;
/** Access is computed anew after this long: cheap, and right however the clock is set. */
const ACCESS_HOLDS = 1000;

/** A child's device, or all of them for an asker that is not known. */
interface Asker {
  readonly child: Id | null;
  /** Whose rules decide names. */
  readonly rules: Profile;
  /** Whose time decides: all that must be on, and what any of them has spent. */
  readonly owners: readonly { readonly profile: Profile; readonly devices: readonly Device[] }[];
  times: Times | undefined;
}

/** What was decided of names for a child, for as long as time says the same. */
interface Decisions extends Pick<Times, 'spent' | 'learning'> {
  readonly verdicts: Map<string, Verdict>;
}

/** What time says of an asker; the same object for as long as it says the same. */
interface Times {
  computedAt: Instant;
  readonly off: Verdict | undefined;
  readonly spent: readonly { readonly of: QuotaTarget }[];
  readonly learning: boolean;
}

/** Decides queries by the policy in force, exactly, and remembers decisions until policy or lists change. */
export class Verdicts {
  readonly #inForce: () => InForce;
  readonly #lists: () => NameLists;
  readonly #clock: Pick<Clock, 'now'>;
  readonly #used: (inForce: InForce) => Used;
  readonly #askers = new Map<Id | null, Asker>();
  readonly #decisions = new Map<Id | null, Decisions>();
  readonly #listeners = new Set<(basis: object) => void>();
  #basis: { inForce: InForce; revision: string } | undefined;

  constructor(parts: {
    inForce: () => InForce;
    lists: () => NameLists;
    clock: Pick<Clock, 'now'>;
    used: (inForce: InForce) => Used;
  }) {
    this.#inForce = parts.inForce;
    this.#used = parts.used;
    this.#lists = parts.lists;
    this.#clock = parts.clock;
  }

  /**
   * @param mac undefined where the asker is not known; then the strictest rules hold
   * @param name as `readQname` writes it
   */
  of(mac: Mac | undefined, name: string): Verdict {
    const inForce = this.#current();
    if (inForce.isHelp(name)) return HELP;
    if (name === PORTAL_NAME) return PORTAL;
    if (isUnder(name, PORTAL_NAME)) return ABSENT;
    if (!inForce.policyKnown) return UNKNOWN;
    if (mayBeQuarantined(inForce, mac)) return OFFLINE.quarantine;
    const asker = this.#askerAt(inForce, mac);
    if (asker === undefined) return RESOLVE;
    const canary = canaryAnswer(name);
    if (canary !== undefined) return canary === 'absent' ? ABSENT : EMPTY;
    const times = this.#timesOf(inForce, asker);
    if (times.off !== undefined) return times.off;
    return connectivityCheckNames.has(name) ? RESOLVE : this.#decide(inForce, asker, times, name);
  }

  /**
   * What every verdict for an asker rests on: the same object for as long as each name gets the same verdict. Undefined where
   * that cannot be told.
   */
  basisFor(mac: Mac | undefined): object | undefined {
    const inForce = this.#current();
    if (!inForce.policyKnown) return undefined;
    const asker = this.#askerAt(inForce, mac);
    return asker && this.#timesOf(inForce, asker);
  }

  /** `listener` is told of each of {@link basisFor} that holds no more, when the next query finds that out. */
  onEnd(listener: (basis: object) => void): void {
    this.#listeners.add(listener);
  }

  #ended(basis: object | undefined): void {
    if (basis === undefined) return;
    for (const listener of this.#listeners) listener(basis);
  }

  #current(): InForce {
    const inForce = this.#inForce();
    const { revision } = this.#lists();
    if (this.#basis?.inForce !== inForce || this.#basis.revision !== revision) {
      for (const { times } of this.#askers.values()) this.#ended(times);
      this.#askers.clear();
      this.#decisions.clear();
      this.#basis = { inForce, revision };
    }
    return inForce;
  }

  #askerAt(inForce: InForce, mac: Mac | undefined): Asker | undefined {
    const managed = mac === undefined ? null : inForce.managed(mac);
    if (managed === undefined) return undefined;
    const key = managed?.device.id ?? null;
    const known = this.#askers.get(key);
    if (known !== undefined) return known;
    const { policy } = inForce;
    const rules = managed?.profile ?? strictestProfile(policy);
    if (rules === undefined) return undefined;
    const owners =
      managed === null
        ? policy.profiles.map((profile) => ({
            profile,
            devices: policy.devices.filter((device) => device.profile === profile.id),
          }))
        : [{ profile: managed.profile, devices: [managed.device] }];
    const asker: Asker = { child: managed?.profile.id ?? null, rules, owners, times: undefined };
    this.#askers.set(key, asker);
    return asker;
  }

  #timesOf(inForce: InForce, asker: Asker): Times {
    const now = this.#clock.now();
    const before = asker.times;
    if (before !== undefined && Math.abs(now - before.computedAt) < ACCESS_HOLDS) return before;
    const times = timesOf(asker, { ...inForce.policy, used: this.#used(inForce) }, now);
    if (before === undefined || !sameTimes(before, times)) {
      this.#ended(before);
      asker.times = times;
      return times;
    }
    before.computedAt = now;
    return before;
  }

  #decide(inForce: InForce, { child, rules }: Asker, times: Times, name: string): Verdict {
    const { spent, learning, verdicts } = this.#decisionsOf(child, times);
    const known = verdicts.get(name);
    if (known !== undefined) return known;
    const verdict = verdictOf(
      decideName(rules, name, {
        services: inForce.policy.services,
        learningNames: inForce.policy.learningNames,
        spent,
        learning,
        helpNames: inForce.helpNames,
        lists: listLookup(inForce, this.#lists()),
        safeName,
      }),
    );
    if (verdicts.size >= MAX_DECISIONS) {
      const [oldest] = verdicts.keys();
      if (oldest !== undefined) verdicts.delete(oldest);
    }
    verdicts.set(name, verdict);
    return verdict;
  }

  #decisionsOf(child: Id | null, { spent, learning }: Times): Decisions {
    const known = this.#decisions.get(child);
    if (known?.learning === learning && sameTargets(known.spent, spent)) return known;
    const fresh = { spent, learning, verdicts: new Map() };
    this.#decisions.set(child, fresh);
    return fresh;
  }
}

/** Who is not known may be a stranger. */
function mayBeQuarantined(inForce: InForce, mac: Mac | undefined): boolean {
  return mac === undefined ? inForce.policy.newDevices === 'quarantine' : inForce.isQuarantined(mac);
}

/** Where several may be meant, what any of them may not. */
function timesOf({ owners }: Asker, basis: AccessBasis, now: Instant): Times {
  const accesses = owners.flatMap(({ profile, devices }): Access[] => {
    const access = accessAt(profile, basis, now);
    const ofPaused = devices
      .filter(({ pause }) => pause !== null)
      .map((device) => deviceAccessAt(device, profile, basis, now));
    return [...ofPaused, access];
  });
  const off = accesses.find(({ online }) => !online);
  return {
    computedAt: now,
    off: off && offline(off.reason),
    spent: owners.flatMap(({ profile }) => spentTargets(profile, basis, now)),
    learning: accesses.some(({ mode }) => mode === 'learning'),
  };
}

function sameTimes(one: Times, other: Times): boolean {
  return one.off === other.off && one.learning === other.learning && sameTargets(one.spent, other.spent);
}

function sameTargets(one: Times['spent'], other: Times['spent']): boolean {
  return one.length === other.length && one.every(({ of }, index) => of === other[index]?.of);
}

function verdictOf(decision: Decision): Verdict {
  switch (decision.action) {
    case 'allow':
      return RESOLVE;
    case 'block':
      return { kind: 'blocked', target: decision.target };
    case 'rewrite':
      return { kind: 'rewrite', to: decision.to };
  }
}

/** The lists' masks as categories of this policy. */
function listLookup(inForce: InForce, lists: NameLists): ListLookup {
  return (name) => {
    const plain = plainSuffix(name);
    if (plain === '') return [];
    return lists.lookup(plain).map((entry) => ({
      name: entry.name,
      categories: inForce.policy.categories
        .filter(({ bit }) => bit !== null && (entry.mask & (1 << bit)) !== 0)
        .map(({ id }) => id),
    }));
  };
}

function offline(reason: AccessReason): Verdict {
  if (reason === 'schedule' || reason === 'quota') return OFFLINE[reason];
  return OFFLINE.pause;
}
