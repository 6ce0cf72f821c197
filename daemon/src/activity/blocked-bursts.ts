import type { EventOf } from '@khien/shared/event';
import { type Instant, newId } from '@khien/shared/id';
import { isUnderAny } from '@khien/shared/name';
import type { Clock } from '../clock/clock.ts';
import type { BlockedHit } from '../dns/query-handler.ts';
import type { Part } from '../lifecycle.ts';
import type { InForce } from '../policy/in-force.ts';
import { type Burst, Bursts } from './bursts.ts';

export interface BlockedBurstsOptions {
  readonly clock: Clock;
  readonly inForce: () => InForce;
  /** Takes each event, to be sent when it can be. */
  readonly emit: (event: EventOf<'blocked'>) => void;
}

/** Turns blocked queries into the few events that a parent sees, and keeps the names asked in memory only, seconds long. */
export class BlockedBursts implements Part {
  readonly name = 'activity';
  readonly #clock: Clock;
  readonly #inForce: () => InForce;
  readonly #emit: (event: EventOf<'blocked'>) => void;
  readonly #bursts = new Bursts();
  #cancel: () => void = () => undefined;
  #timerAt: Instant | null = null;
  #private: { of: InForce; names: ReadonlySet<string> } | undefined;

  constructor(options: BlockedBurstsOptions) {
    this.#clock = options.clock;
    this.#inForce = options.inForce;
    this.#emit = options.emit;
  }

  start(): Promise<void> {
    return Promise.resolve();
  }

  /** Tells of what had grown. */
  stop(): Promise<void> {
    this.#cancel();
    this.#timerAt = null;
    this.#tell(this.#bursts.end());
    return Promise.resolve();
  }

  hit(hit: BlockedHit): void {
    if (isUnderAny(hit.name, this.#privateNames())) return;
    this.#tell(this.#bursts.hit(hit, this.#clock.now()));
    this.#schedule();
  }

  #privateNames(): ReadonlySet<string> {
    const inForce = this.#inForce();
    if (this.#private?.of !== inForce) this.#private = { of: inForce, names: privateNames(inForce) };
    return this.#private.names;
  }

  #schedule(): void {
    const at = this.#bursts.nextAt();
    if (at === this.#timerAt) return;
    this.#cancel();
    this.#timerAt = at;
    if (at === null) return;
    this.#cancel = this.#clock.after(Math.max(at - this.#clock.now(), 0), () => {
      this.#timerAt = null;
      this.#tell(this.#bursts.due(this.#clock.now()));
      this.#schedule();
    });
  }

  #tell(bursts: readonly Burst[]): void {
    for (const burst of bursts) {
      this.#emit({
        kind: 'blocked',
        id: newId(this.#clock.now()),
        at: this.#clock.now(),
        timeSource: this.#clock.source(),
        ...burst,
      });
    }
  }
}

/** Whoever seeks help is never reported: no name of a contact, nor the host of its website, whatever blocked it. */
function privateNames(inForce: InForce): ReadonlySet<string> {
  const hosts = inForce.contacts.flatMap(({ website }) =>
    website === null ? [] : new URL(website).hostname,
  );
  return new Set([...inForce.helpNames, ...hosts]);
}
