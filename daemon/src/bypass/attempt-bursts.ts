import type { BypassMethod, EventOf } from '@khien/shared/event';
import { type Id, type Instant, newId } from '@khien/shared/id';

type Told = EventOf<'bypass'>;
/** Tries of one device in one way, with little time between them. */
export type AttemptBurst = Pick<
  Told,
  'burst' | 'profile' | 'device' | 'method' | 'service' | 'count' | 'firstAt' | 'lastAt'
>;

export interface DeviceAttempt {
  readonly profile: Id;
  readonly device: Id;
  readonly method: BypassMethod;
  readonly service: string | null;
  readonly at: Instant;
}

interface Pace {
  /** A burst ends after this much silence. */
  readonly silence: number;
  /** While it grows, it is told again this often at most. */
  readonly interval: number;
}

const MINUTE = 60_000;
const DAY = 24 * 60 * MINUTE;
/** No burst lasts longer: what a device does all the time is told once a day. */
const LONGEST = DAY;
/** A refused app tries again at once, by several packets: within this, it is one try. */
const ONE_TRY = 4000;

const usual: Pace = { silence: 30 * MINUTE, interval: 5 * MINUTE };
/** A phone that asks a resolver of its maker's choice does so for every name; this router answers instead, and nobody tried anything. */
const daily: Pace = { silence: DAY, interval: DAY };
const paceOf = (method: BypassMethod): Pace => (method === 'foreign-dns' ? daily : usual);

interface Open {
  readonly begun: Omit<AttemptBurst, 'count' | 'lastAt'>;
  count: number;
  lastAt: Instant;
  toldAt: Instant;
  /** Grown since it was told. */
  grown: boolean;
}

/**
 * Joins attempts into bursts and says when to tell of them: the first at once; then, if there were more, now and then and at
 * the end. Pure: time is given to every call.
 */
export class AttemptBursts {
  readonly #limit: number;
  /** By device, method and service, the one that grew longest ago first. */
  readonly #open = new Map<string, Open>();

  /** @param limit bursts open at once; past it, the one that grew longest ago is ended early */
  constructor(limit = 512) {
    this.#limit = limit;
  }

  /** Takes an attempt; the bursts to tell of now. */
  add(attempt: DeviceAttempt): AttemptBurst[] {
    const { device, method, service, profile, at } = attempt;
    const key = `${device} ${method} ${service}`;
    const open = this.#open.get(key);
    if (open !== undefined && !hasEnded(open, at)) {
      this.#open.delete(key);
      this.#open.set(key, open);
      if (at - open.lastAt >= ONE_TRY) {
        open.count += 1;
        open.grown = true;
        open.lastAt = at;
      }
      return [];
    }
    const told = this.#close(open === undefined ? this.#surplus() : key);
    const opened: Open = {
      begun: { burst: newId(at), profile, device, method, service, firstAt: at },
      count: 1,
      lastAt: at,
      toldAt: at,
      grown: false,
    };
    this.#open.set(key, opened);
    return [...told, burstOf(opened)];
  }

  /** The bursts that are to be told at `now`, because they ended or grew. */
  due(now: Instant): AttemptBurst[] {
    const due: AttemptBurst[] = [];
    for (const [key, open] of this.#open) {
      if (hasEnded(open, now)) {
        due.push(...this.#close(key));
      } else if (open.grown && now - open.toldAt >= paceOf(open.begun.method).interval) {
        open.grown = false;
        open.toldAt = now;
        due.push(burstOf(open));
      }
    }
    return due;
  }

  /** Ends all; those that had grown since they were told. */
  end(): AttemptBurst[] {
    return [...this.#open.keys()].flatMap((key) => this.#close(key));
  }

  /** What must be closed before another may open. */
  #surplus(): string | undefined {
    const [oldest] = this.#open.keys();
    return this.#open.size < this.#limit ? undefined : oldest;
  }

  #close(key: string | undefined): AttemptBurst[] {
    const open = key === undefined ? undefined : this.#open.get(key);
    if (key === undefined || open === undefined) return [];
    this.#open.delete(key);
    return open.grown ? [burstOf(open)] : [];
  }
}

/** Also where the clock was set back far behind it. */
function hasEnded({ begun, lastAt }: Open, now: Instant): boolean {
  const { silence } = paceOf(begun.method);
  return now - lastAt >= silence || now - begun.firstAt >= LONGEST || lastAt - now >= silence;
}

function burstOf({ begun, count, lastAt }: Open): AttemptBurst {
  return { ...begun, count, lastAt };
}
