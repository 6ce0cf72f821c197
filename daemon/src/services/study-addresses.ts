import { isIPv6 } from 'node:net';
import type { Id } from '@khien/shared/id';
import type { DnsName } from '@khien/shared/name';
import type { Policy } from '@khien/shared/policy';
import type { NameAddresses } from './answer-reading.ts';
import { narrowText } from './narrow-names.ts';
import { isPublic } from './shared-fronts.ts';
import { StudyRules, type StudyUse } from './study-rules.ts';

/** What is open in study mode, by address. Texts say why: a name of the policy, with `*` where it was for its filtered form. */
export interface StudyOpenings {
  /** What each profile may reach, by its id. */
  readonly open: ReadonlyMap<Id, ReadonlyMap<string, string>>;
  /** What everybody may reach for one thing, as `narrowText` writes it. */
  readonly narrow: ReadonlyMap<string, string>;
}

/** An address that a former run left open in the kernel. */
export interface LeftOpening {
  readonly address: string;
  readonly text: string;
  /** Milliseconds that the kernel would keep it. */
  readonly left: number;
}

export const nothingOpen: StudyOpenings = { open: new Map(), narrow: new Map() };

const HOUR = 3600_000;
/**
 * An address is believed in for its TTL after it was last seen in an answer, milliseconds, within these bounds: devices
 * keep answers for that long. The kernel adds to that what is in use.
 */
const SHORTEST = 6 * HOUR;
const LONGEST = 24 * HOUR;

/** In all, so that the kernel's sets hold them; of one name of the policy; names of one address. The oldest goes first. */
export const MAX_STUDY_ADDRESSES = 3000;
const MAX_OF_NAME = 300;
const MAX_NAMES = 8;
/** Names whose uses are remembered. */
const MAX_USES = 4096;

/** A name that led to an address. */
interface Source {
  readonly name: string;
  readonly rewritten: boolean;
  /** When it ends, on the steady clock. */
  readonly end: number;
}

/**
 * The addresses that answers to names of study lead to. They are learned whether anybody studies now or not, so that they are
 * open when that begins. In memory only; times are milliseconds of a steady clock.
 */
export class StudyAddresses {
  readonly #uptime: () => number;
  readonly #listeners = new Set<() => void>();
  #rules = new StudyRules({ profiles: [], services: [], learningNames: [] });
  /** By address, the least recently seen first; then by name. */
  readonly #known = new Map<string, Map<string, Source>>();
  readonly #uses = new Map<string, StudyUse>();
  #openings: StudyOpenings | undefined = nothingOpen;

  constructor(uptime: () => number) {
    this.#uptime = uptime;
  }

  /** What is open now. The same object until something else is. */
  openings(): StudyOpenings {
    this.#openings ??= this.#compute();
    return this.#openings;
  }

  /** Sets the policy that says what study is. What it does not open any more is forgotten. */
  follow(policy: Pick<Policy, 'profiles' | 'services' | 'learningNames'>): void {
    this.#rules = new StudyRules(policy);
    this.#uses.clear();
    this.#drop((source) => isOfNoUse(this.#useOf(source)));
    // Who may reach what is left may be others.
    this.#invalidate();
  }

  /** Calls back when `openings` has become another object; the result unsubscribes. */
  onChange(listener: () => void): () => void {
    this.#listeners.add(listener);
    return () => this.#listeners.delete(listener);
  }

  /**
   * Takes up an answer to `name`. Whether it is of study, so that what it told must be open before it is handed on.
   *
   * @param rewritten whether it is of the name's filtered form
   */
  sighted(name: string, rewritten: boolean, { addresses, ttl }: NameAddresses): boolean {
    const use = this.#useOf({ name, rewritten });
    if (isOfNoUse(use)) return false;
    const end = this.#uptime() + Math.min(Math.max(ttl * 1000, SHORTEST), LONGEST);
    for (const address of addresses) if (isOutside(address)) this.#take(address, { name, rewritten, end });
    return true;
  }

  /** Takes up what the kernel still holds. */
  adopt(left: readonly LeftOpening[]): void {
    const now = this.#uptime();
    for (const { address, text, left: remaining } of left) {
      const rewritten = text.endsWith(FILTERED);
      const name = rewritten ? text.slice(0, -1) : text;
      if (isOfNoUse(this.#useOf({ name, rewritten }))) continue;
      this.#take(address, { name, rewritten, end: now + remaining });
    }
  }

  /** Forgets what has ended. To be called now and then. */
  expire(): void {
    const now = this.#uptime();
    this.#drop(({ end }) => end <= now);
  }

  #take(address: string, source: Source): void {
    const key = textOf(source.name, source.rewritten);
    const sources = this.#known.get(address) ?? new Map<string, Source>();
    const isNew = !sources.has(key);
    if (!this.#known.has(address)) this.#makeRoom(source);
    sources.set(key, { ...source, end: Math.max(source.end, sources.get(key)?.end ?? 0) });
    const [first] = sources.keys();
    if (sources.size > MAX_NAMES && first !== undefined) sources.delete(first);
    this.#known.delete(address);
    this.#known.set(address, sources);
    if (isNew) this.#invalidate();
  }

  #makeRoom(source: Source): void {
    if (this.#known.size < MAX_OF_NAME) return;
    const names = new Set(policyNames(this.#useOf(source)));
    let ofName = 0;
    let oldestOfName: string | undefined;
    for (const [address, sources] of this.#known) {
      const isOfName = [...sources.values()].some((each) =>
        policyNames(this.#useOf(each)).some((name) => names.has(name)),
      );
      if (!isOfName) continue;
      oldestOfName ??= address;
      ofName++;
    }
    if (ofName >= MAX_OF_NAME && oldestOfName !== undefined) this.#known.delete(oldestOfName);
    const [oldest] = this.#known.keys();
    if (this.#known.size >= MAX_STUDY_ADDRESSES && oldest !== undefined) this.#known.delete(oldest);
  }

  #drop(isOver: (source: Source) => boolean): void {
    for (const [address, sources] of this.#known) {
      for (const [key, source] of sources) {
        if (!isOver(source)) continue;
        sources.delete(key);
        this.#invalidate();
      }
      if (sources.size === 0) this.#known.delete(address);
    }
  }

  #useOf({ name, rewritten }: Pick<Source, 'name' | 'rewritten'>): StudyUse {
    const key = textOf(name, rewritten);
    const known = this.#uses.get(key);
    if (known !== undefined) return known;
    const use = this.#rules.useOf(name, rewritten);
    const [oldest] = this.#uses.keys();
    if (this.#uses.size >= MAX_USES && oldest !== undefined) this.#uses.delete(oldest);
    this.#uses.set(key, use);
    return use;
  }

  #compute(): StudyOpenings {
    const open = new Map<Id, Map<string, string>>();
    const narrow = new Map<string, string>();
    for (const [address, sources] of this.#known) {
      for (const source of sources.values()) {
        const use = this.#useOf(source);
        for (const [profile, because] of use.profiles) {
          const ofProfile = open.get(profile) ?? new Map<string, string>();
          if (!ofProfile.has(address)) {
            // Of filtered forms, the host itself says whose they are.
            ofProfile.set(address, source.rewritten ? textOf(source.name, true) : because);
          }
          open.set(profile, ofProfile);
        }
        if (use.narrow === undefined) continue;
        narrow.set(narrowText(address, use.narrow), source.name);
      }
    }
    return { open, narrow };
  }

  #invalidate(): void {
    if (this.#openings === undefined) return;
    this.#openings = undefined;
    for (const listener of this.#listeners) listener();
  }
}

const FILTERED = '*';

function textOf(name: string, rewritten: boolean): string {
  return rewritten ? name + FILTERED : name;
}

function isOfNoUse({ profiles, narrow }: StudyUse): boolean {
  return profiles.size === 0 && narrow === undefined;
}

function policyNames({ profiles }: StudyUse): DnsName[] {
  return [...profiles.values()];
}

/** Also what DNS64 makes of IPv4 addresses (RFC 6052): refusing all of those would hit many, opening one does not. */
function isOutside(address: string): boolean {
  return isPublic(address) || (isIPv6(address) && address.startsWith('64:ff9b::'));
}
