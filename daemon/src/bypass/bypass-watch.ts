import type { Mac } from '@khien/shared/id';
import type { Clock } from '../clock/clock.ts';
import type { Part } from '../lifecycle.ts';
import type { Log } from '../log.ts';
import type { InForce } from '../policy/in-force.ts';
import type { Attempt, AttemptSource } from './attempt.ts';
import { type AttemptBurst, AttemptBursts } from './attempt-bursts.ts';

/** How often the sources are asked (milliseconds). */
const LOOK_INTERVAL = 5000;

export interface BypassWatchDeps {
  readonly clock: Clock;
  readonly log: Log;
  readonly inForce: () => InForce;
  /** Who knows of attempts: the kernel's memory, addresses of blocked services. */
  readonly sources: readonly AttemptSource[];
  /** Takes each event, to be sent when it can be. */
  readonly emit: (event: { readonly kind: 'bypass' } & AttemptBurst) => void;
}

/**
 * Turns attempts to get round the rules into the few events that a parent sees. The kernel refuses and remembers by itself;
 * what it remembers from a time without this process is told with the time it was.
 */
export class BypassWatch implements Part {
  readonly name = 'bypass';
  readonly #deps: BypassWatchDeps;
  readonly #bursts = new AttemptBursts();
  #looking: Promise<void> = Promise.resolve();
  #cancel: () => void = () => undefined;
  #stopped = true;
  #failed = false;

  constructor(deps: BypassWatchDeps) {
    this.#deps = deps;
  }

  // biome-ignore lint/suspicious/useAwait: a Part's start is asynchronous
  async start(): Promise<void> {
    this.#stopped = false;
    this.#schedule();
  }

  /** Tells of what had grown. */
  async stop(): Promise<void> {
    this.#stopped = true;
    this.#cancel();
    await this.#looking;
    this.#tell(this.#bursts.end());
  }

  /** A device's message to the resolver could not be read: no program asks so by itself. */
  oddQuery(mac: Mac): void {
    this.#take({ mac, method: 'odd-dns', ago: 0 });
  }

  #schedule(): void {
    this.#cancel = this.#deps.clock.after(LOOK_INTERVAL, () => {
      this.#looking = this.#look().finally(() => {
        if (!this.#stopped) this.#schedule();
      });
    });
  }

  async #look(): Promise<void> {
    const { clock, log, inForce, sources } = this.#deps;
    // What is taken now could be told of nobody.
    if (!inForce().policyKnown) return;
    try {
      for (const source of sources) {
        for (const attempt of await source()) this.#take(attempt);
      }
      this.#failed = false;
    } catch (error) {
      if (!this.#failed) log.error('attempts to get round the rules could not be read', error);
      this.#failed = true;
    }
    this.#tell(this.#bursts.due(clock.now()));
  }

  #take({ mac, method, service, ago }: Attempt): void {
    const { clock, inForce } = this.#deps;
    const managed = inForce().managed(mac);
    if (managed === undefined) return;
    const { profile, device } = managed;
    const at = clock.now() - ago;
    const from = { profile: profile.id, device: device.id };
    this.#tell(this.#bursts.add({ ...from, method, service: service ?? null, at }));
  }

  #tell(bursts: readonly AttemptBurst[]): void {
    for (const burst of bursts) this.#deps.emit({ kind: 'bypass', ...burst });
  }
}
