import { type Id, type Instant, newId } from '@khien/shared/id';
import type { BlockTarget } from '@khien/shared/policy';
import type { BlockedHit } from '../dns/query-handler.ts';

/** A burst ends after this much silence. */
const SILENCE = 60_000;
/** While it grows, it is told again this often at most. */
const INTERVAL = 30_000;
/** A page asks for A, AAAA and HTTPS of a name, and asks again at once when refused: within this, it is one try. */
const ONE_TRY = 2000;
/** Names of one burst that are told apart; beyond, a name counts as a new try. */
const MAX_NAMES = 16;

/** Tries of one device at one blocked target, with less than a minute between them. */
export interface Burst {
  readonly burst: Id;
  readonly profile: Id;
  readonly device: Id;
  readonly target: BlockTarget;
  readonly count: number;
  readonly firstAt: Instant;
  readonly lastAt: Instant;
}

interface Open {
  readonly begun: Omit<Burst, 'count' | 'lastAt'>;
  count: number;
  lastAt: Instant;
  /** When each name last counted as a try. */
  readonly tries: Map<string, Instant>;
  toldAt: Instant;
  /** Grown since it was told. */
  grown: boolean;
}

/**
 * Joins blocked hits into bursts and says when to tell of them: the first hit at once; then, if there was more, when the
 * burst ends or half a minute after it was last told. Pure: time is given to every call.
 */
export class Bursts {
  readonly #limit: number;
  /** By device and target, the one hit longest ago first. */
  readonly #open = new Map<string, Open>();
  #nextAt: Instant | null = null;

  /** @param limit bursts open at once; past it, the one hit longest ago is ended early */
  constructor(limit = 512) {
    this.#limit = limit;
  }

  /** Takes a hit; the bursts to tell of now. */
  hit(hit: BlockedHit, now: Instant): Burst[] {
    const key = `${hit.device} ${hit.target.kind} ${hit.target.id}`;
    const open = this.#open.get(key);
    if (open !== undefined && !hasEnded(open, now)) {
      this.#open.delete(key);
      this.#open.set(key, open);
      grow(open, hit.name, now);
      this.#wakeFor(open);
      return [];
    }
    const told = this.#close(open === undefined ? this.#surplus() : key);
    const { profile, device, target } = hit;
    const opened: Open = {
      begun: { burst: newId(now), profile, device, target, firstAt: now },
      count: 1,
      lastAt: now,
      tries: new Map([[hit.name, now]]),
      toldAt: now,
      grown: false,
    };
    this.#open.set(key, opened);
    this.#wakeFor(opened);
    return [...told, burstOf(opened)];
  }

  /** The bursts that are to be told at `now`, because they ended or grew. */
  due(now: Instant): Burst[] {
    const due: Burst[] = [];
    this.#nextAt = null;
    for (const [key, open] of this.#open) {
      if (hasEnded(open, now)) {
        due.push(...this.#close(key));
        continue;
      }
      if (open.grown && now - open.toldAt >= INTERVAL) {
        open.grown = false;
        open.toldAt = now;
        due.push(burstOf(open));
      }
      this.#wakeFor(open);
    }
    return due;
  }

  /** When `due` is to be asked, at the latest; null where nothing is open. */
  nextAt(): Instant | null {
    return this.#nextAt;
  }

  /** Ends all; those that had grown since they were told. */
  end(): Burst[] {
    const grown = [...this.#open.values()].filter((open) => open.grown).map(burstOf);
    this.#open.clear();
    this.#nextAt = null;
    return grown;
  }

  /** What must be closed before another may open. */
  #surplus(): string | undefined {
    const [oldest] = this.#open.keys();
    return this.#open.size < this.#limit ? undefined : oldest;
  }

  #close(key: string | undefined): Burst[] {
    const open = key === undefined ? undefined : this.#open.get(key);
    if (key === undefined || open === undefined) return [];
    this.#open.delete(key);
    return open.grown ? [burstOf(open)] : [];
  }

  #wakeFor({ lastAt, grown, toldAt }: Open): void {
    const end = lastAt + SILENCE;
    const at = grown ? Math.min(end, toldAt + INTERVAL) : end;
    if (this.#nextAt === null || at < this.#nextAt) this.#nextAt = at;
  }
}

/** Also where the clock was set back behind it. */
function hasEnded({ lastAt }: Open, now: Instant): boolean {
  return now - lastAt >= SILENCE || now < lastAt;
}

function burstOf({ begun, count, lastAt }: Open): Burst {
  return { ...begun, count, lastAt };
}

function grow(open: Open, name: string, now: Instant): void {
  const countedAt = open.tries.get(name);
  const again = countedAt !== undefined && now - countedAt < ONE_TRY;
  open.lastAt = now;
  if (again) return;
  open.count += 1;
  open.grown = true;
  open.tries.delete(name);
  open.tries.set(name, now);
  const [oldest] = open.tries.keys();
  if (open.tries.size > MAX_NAMES && oldest !== undefined) open.tries.delete(oldest);
}
