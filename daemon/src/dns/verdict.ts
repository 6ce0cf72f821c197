import type { Id, Instant, Mac } from '@khien/shared/id';
import { type DnsName, isUnder, longestSuffix } from '@khien/shared/name';
import {
  type AccessReason,
  accessAt,
  type BlockTarget,
  type Decision,
  decideName,
  type ListLookup,
  nothingUsed,
  type Profile,
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
  | { readonly kind: 'offline'; readonly reason: 'pause' | 'schedule' | 'quota' }
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
} as const satisfies Record<string, Verdict>;

/** Names remembered for each child. In memory only, gone with the next policy. */
const MAX_DECISIONS = 1024;
/** Access is computed anew after this long: cheap, and right however the clock is set. */
const ACCESS_HOLDS = 1000;

interface ProfileState {
  /** Whose rules decide names. */
  readonly rules: Profile;
  /** Whose network must be on. */
  readonly profiles: readonly Profile[];
  readonly decisions: Map<string, Verdict>;
  off: Verdict | undefined;
  offComputedAt: Instant;
}

/** Decides queries by the policy in force, exactly, and remembers decisions until policy or lists change. */
export class Verdicts {
  readonly #inForce: () => InForce;
  readonly #lists: () => NameLists;
  readonly #clock: Clock;
  readonly #states = new Map<Id | null, ProfileState>();
  #basis: { inForce: InForce; revision: string } | undefined;

  constructor(parts: { inForce: () => InForce; lists: () => NameLists; clock: Clock }) {
    this.#inForce = parts.inForce;
    this.#lists = parts.lists;
    this.#clock = parts.clock;
  }

  /**
   * @param mac undefined where the asker is not known; then the strictest rules hold
   * @param name as `readQname` writes it
   */
  of(mac: Mac | undefined, name: string): Verdict {
    const inForce = this.#current();
    if (longestSuffix(name, inForce.helpNames) !== undefined) return HELP;
    if (name === PORTAL_NAME) return PORTAL;
    if (isUnder(name, PORTAL_NAME)) return ABSENT;
    if (!inForce.policyKnown) return UNKNOWN;
    const state = this.#stateOf(inForce, mac);
    if (state === undefined) return RESOLVE;
    const canary = canaryAnswer(name);
    if (canary !== undefined) return canary === 'absent' ? ABSENT : EMPTY;
    const offline = this.#offline(inForce, state);
    if (offline !== undefined) return offline;
    return connectivityCheckNames.has(name) ? RESOLVE : this.#decide(inForce, state, name);
  }

  #current(): InForce {
    const inForce = this.#inForce();
    const { revision } = this.#lists();
    if (this.#basis?.inForce !== inForce || this.#basis.revision !== revision) {
      this.#states.clear();
      this.#basis = { inForce, revision };
    }
    return inForce;
  }

  #stateOf(inForce: InForce, mac: Mac | undefined): ProfileState | undefined {
    const profile = mac === undefined ? null : inForce.managed(mac)?.profile;
    if (profile === undefined) return undefined;
    const key = profile?.id ?? null;
    const known = this.#states.get(key);
    if (known !== undefined) return known;
    const rules = profile ?? strictestProfile(inForce.policy);
    if (rules === undefined) return undefined;
    const profiles = profile === null ? inForce.policy.profiles : [profile];
    const state: ProfileState = {
      rules,
      profiles,
      decisions: new Map(),
      off: undefined,
      offComputedAt: Number.NEGATIVE_INFINITY,
    };
    this.#states.set(key, state);
    return state;
  }

  #offline(inForce: InForce, state: ProfileState): Verdict | undefined {
    const now = this.#clock.now();
    if (Math.abs(now - state.offComputedAt) >= ACCESS_HOLDS) {
      const accesses = state.profiles.map((profile) =>
        accessAt(profile, { ...inForce.policy, used: nothingUsed }, now),
      );
      const off = accesses.find((access) => !access.online);
      state.off = off && offline(off.reason);
      state.offComputedAt = now;
    }
    return state.off;
  }

  #decide(inForce: InForce, state: ProfileState, name: string): Verdict {
    const known = state.decisions.get(name);
    if (known !== undefined) return known;
    const verdict = verdictOf(
      decideName(state.rules, name, {
        services: inForce.policy.services,
        learningNames: inForce.policy.learningNames,
        spent: [],
        learning: false,
        helpNames: inForce.helpNames,
        lists: listLookup(inForce, this.#lists()),
        safeName,
      }),
    );
    if (state.decisions.size >= MAX_DECISIONS) {
      const [oldest] = state.decisions.keys();
      if (oldest !== undefined) state.decisions.delete(oldest);
    }
    state.decisions.set(name, verdict);
    return verdict;
  }
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
