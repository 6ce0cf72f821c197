import type { Clock } from '../clock/clock.ts';
import type { Part } from '../lifecycle.ts';

/** Changes that come together are told together. */
const SETTLE_MS = 500;
/** How often the state is told when nothing changes: it is also the sign of life. */
const REPEAT_MS = 60_000;

export interface StatePublisherDeps {
  readonly clock: Clock;
  readonly publish: () => void;
  /** Each calls back after a change of what the state says; its result unsubscribes. */
  readonly changes: readonly ((listener: () => void) => () => void)[];
}

/** Tells the cloud the router's state soon after it changes, and every minute. */
export class StatePublisher implements Part {
  readonly name = 'state';
  readonly #deps: StatePublisherDeps;
  #unsubscribe: (() => void)[] = [];
  #cancel: (() => void) | undefined;
  #soon = false;

  constructor(deps: StatePublisherDeps) {
    this.#deps = deps;
  }

  // biome-ignore lint/suspicious/useAwait: a Part's start is asynchronous
  async start(): Promise<void> {
    this.#unsubscribe = this.#deps.changes.map((onChange) => onChange(() => this.#changed()));
    this.#publishAfter(REPEAT_MS);
  }

  // biome-ignore lint/suspicious/useAwait: a Part's stop is asynchronous
  async stop(): Promise<void> {
    for (const unsubscribe of this.#unsubscribe) unsubscribe();
    this.#unsubscribe = [];
    this.#cancel?.();
  }

  #changed(): void {
    if (this.#soon) return;
    this.#soon = true;
    this.#publishAfter(SETTLE_MS);
  }

  #publishAfter(delay: number): void {
    this.#cancel?.();
    this.#cancel = this.#deps.clock.after(delay, () => {
      this.#soon = false;
      this.#deps.publish();
      this.#publishAfter(REPEAT_MS);
    });
  }
}
