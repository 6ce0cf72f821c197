import { createHash } from 'node:crypto';
import { STATE_REPEAT, type State } from '@khien/shared/topic';
import type { Clock } from '../clock/clock.ts';
import type { Part } from '../lifecycle.ts';

/** Changes that come together are told together. */
const SETTLE_MS = 500;
/** How often it is looked for what changes without a word: minutes of use, devices that fall silent. */
const LOOK_MS = 60_000;

export interface StatePublisherDeps {
  readonly clock: Clock;
  readonly state: () => State;
  /** Tells the state where the cloud is in reach; {@link StatePublisher.told} is called then. */
  readonly publish: () => void;
  /** Each calls back after a change of what the state says; its result unsubscribes. */
  readonly changes: readonly ((listener: () => void) => () => void)[];
}

/**
 * Tells the cloud the router's state soon after it changes, within a minute where nobody says that it has, and now and then
 * though it has not. That the router lives the connection tells.
 */
export class StatePublisher implements Part {
  readonly name = 'state';
  readonly #deps: StatePublisherDeps;
  #unsubscribe: (() => void)[] = [];
  #cancel: (() => void) | undefined;
  #soon = false;
  /** What the cloud was told last, until it is to be told anyway. */
  #told: string | undefined;
  #cancelRepeat: (() => void) | undefined;

  constructor(deps: StatePublisherDeps) {
    this.#deps = deps;
  }

  // biome-ignore lint/suspicious/useAwait: a Part's start is asynchronous
  async start(): Promise<void> {
    this.#unsubscribe = this.#deps.changes.map((onChange) => onChange(() => this.#changed()));
    this.#lookAfter(LOOK_MS);
  }

  // biome-ignore lint/suspicious/useAwait: a Part's stop is asynchronous
  async stop(): Promise<void> {
    for (const unsubscribe of this.#unsubscribe) unsubscribe();
    this.#unsubscribe = [];
    this.#cancel?.();
    this.#cancelRepeat?.();
  }

  /** To be called with every state that is on its way to the cloud, also where it was not published from here. */
  told(state: State): void {
    this.#told = digestOf(state);
    this.#cancelRepeat?.();
    this.#cancelRepeat = this.#deps.clock.after(STATE_REPEAT, () => {
      this.#told = undefined;
    });
  }

  #changed(): void {
    if (this.#soon) return;
    this.#soon = true;
    this.#lookAfter(SETTLE_MS);
  }

  #lookAfter(delay: number): void {
    this.#cancel?.();
    this.#cancel = this.#deps.clock.after(delay, () => {
      this.#soon = false;
      this.#look();
      this.#lookAfter(LOOK_MS);
    });
  }

  #look(): void {
    const { state, publish } = this.#deps;
    if (digestOf(state()) !== this.#told) publish();
  }
}

/** Of all that is worth telling before its time: not that what is there was there just now. */
function digestOf({ at: _at, devices, ...rest }: State): string {
  const standing = devices.map(({ lastSeenAt: _lastSeenAt, ...device }) => device);
  return createHash('sha256')
    .update(JSON.stringify({ ...rest, devices: standing }))
    .digest('base64');
}
